"""Autotexts: a keyword, the words that it stands for, and whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from ris.accounts.models import Site
from ris.orders.models import Procedure
from worklist.reading.staff import ReadingGroup

if TYPE_CHECKING:
    from ris.accounts.models import User

LONGEST_KEYWORD: Final = 32
LONGEST_TEXT: Final = 10_000
NORMAL: Final = "normal"
"""The keyword of what is written when nothing is found; one key puts it into every empty section."""

KEYWORD = RegexValidator(r"^[\w-]+\Z", "Letters, digits, - and _ only, without the dot.")


def plain_keyword(typed: str) -> str:
    """Without the dot, in small letters: so it is compared while somebody types."""
    return typed.strip().removeprefix(".").lower()


def plain_text(typed: str) -> str:
    """With one line feed at the end of each line, as a text area has them."""
    return typed.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


class AutotextQuerySet(models.QuerySet["Autotext"]):
    def visible_to(self, user: User) -> Self:
        """One's own, those of one's groups and sites where one writes, and the installation's."""
        writes = user.sites_where("report.write")
        sites = Q(site__in=writes)
        groups = Q(group__in=user.reading_groups.filter(site__in=writes).values("pk"))
        return self.filter(Q(owner=user) | groups | sites | Q(owner=None, group=None, site=None))

    def own(self, user: User) -> Self:
        return self.filter(owner=user)


class Autotext(models.Model):
    """At most one of `owner`, `group` and `site` is set; none: for everybody. `section`: a key, or "" for any."""

    keyword = models.CharField(max_length=LONGEST_KEYWORD, validators=[KEYWORD])
    text = models.TextField(max_length=LONGEST_TEXT)
    section = models.CharField(max_length=40, blank=True)
    procedure = models.ForeignKey(Procedure, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="autotexts"
    )
    group = models.ForeignKey(ReadingGroup, on_delete=models.CASCADE, null=True, blank=True, related_name="autotexts")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, blank=True, related_name="autotexts")
    scope = models.CharField(max_length=120, editable=False)

    objects = AutotextQuerySet.as_manager()

    class Meta:
        ordering = ["keyword", "section", "pk"]
        constraints = [models.UniqueConstraint(fields=["keyword", "scope"], name="autotext_keyword_once")]

    def __str__(self) -> str:
        return f".{self.keyword}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """`scope` makes a keyword unique for one whose it is, section and procedure: a NULL is unlike any other."""
        self._tidy()
        self.scope = self.scope_now
        super().save(*args, **kwargs)

    def clean_fields(self, exclude: Any = None) -> None:
        """Asked of what is kept, not of what was typed."""
        self._tidy()
        super().clean_fields(exclude=exclude)

    def _tidy(self) -> None:
        """As the editor looks it up and counts its letters, whoever wrote it and where."""
        self.keyword, self.text = plain_keyword(self.keyword), plain_text(self.text)
        self.section = self.section.strip().lower()

    def clean(self) -> None:
        if sum(value is not None for value in (self.owner_id, self.group_id, self.site_id)) > 1:
            raise ValidationError("It is one person's, one group's or one site's: fill one of the three, or none.")
        if type(self).objects.filter(keyword=self.keyword, scope=self.scope_now).exclude(pk=self.pk).exists():
            raise ValidationError({"keyword": "There is one of this keyword for the same section and exam."})

    @property
    def scope_now(self) -> str:
        parts = (self.owner_id, self.group_id, self.site_id, self.section, self.procedure_id)
        return "/".join("" if part is None else str(part) for part in parts)

    @property
    def whose(self) -> str:
        """As a list shows it."""
        return str(self.group or self.site or "everybody") if self.owner_id is None else "mine"
