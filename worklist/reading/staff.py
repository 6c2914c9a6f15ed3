"""Who reads what: groups, what each reader may be handed, who is on call, and the rules that hand cases out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from ris.accounts.models import Site
from ris.dicom.models import MODALITIES
from ris.orders.models import PRIORITIES

if TYPE_CHECKING:
    from ris.accounts.models import User

WAYS = [
    ("group", "The whole group"),
    ("least", "Who of the group has the fewest open cases"),
    ("on-call", "Who of the group is on call"),
]


class ReadingGroupQuerySet(models.QuerySet["ReadingGroup"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(site__in=user.sites_where("reading.list"))


class ReadingGroup(models.Model):
    """Readers of a site who share cases: a subspecialty, a shift."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="reading_groups")
    name = models.CharField(max_length=40)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="reading_groups", blank=True)

    objects = ReadingGroupQuerySet.as_manager()

    class Meta:
        ordering = ["site", "name"]
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="reading_group_once_per_site")]

    def __str__(self) -> str:
        return self.name


class ReadingProfile(models.Model):
    """What rules may hand to one reader. A reader without a profile may be handed everything."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reading_profile")
    modalities = models.CharField(
        max_length=60, blank=True, help_text="Privileges: CT MR, divided by spaces. Empty: every modality."
    )
    most_open = models.PositiveSmallIntegerField(
        "most open cases", null=True, blank=True, validators=[MinValueValidator(1)], help_text="Empty: no limit."
    )
    away = models.BooleanField(default=False, help_text="Is handed nothing while away.")

    class Meta:
        ordering = ["user"]

    def __str__(self) -> str:
        return f"profile of {self.user_id}"

    def clean(self) -> None:
        unknown = set(self.modalities.split()) - {code for code, _name in MODALITIES}
        if unknown:
            raise ValidationError({"modalities": f"Not a modality: {', '.join(sorted(unknown))}."})


class OnCall(models.Model):
    """One line of the roster."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="on_call")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="on_call")
    start = models.DateTimeField()
    end = models.DateTimeField()

    class Meta:
        ordering = ["start", "pk"]
        verbose_name = "on-call duty"
        verbose_name_plural = "on-call roster"
        indexes = [models.Index(fields=["site", "end"], name="on_call_now")]
        constraints = [models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="on_call_forward")]

    def __str__(self) -> str:
        return f"on call at {self.site_id} from {self.start:%Y-%m-%d %H:%M}"


class AssignmentRule(models.Model):
    """To whom a case goes when it becomes readable. The first rule of a site that fits and finds somebody counts."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="assignment_rules")
    place = models.PositiveSmallIntegerField(default=10, help_text="Lower ones are asked first.")
    modality = models.CharField(max_length=2, choices=MODALITIES, blank=True, help_text="Empty: every modality.")
    body_part = models.CharField(
        max_length=32, blank=True, help_text="As in the catalogue, BRAIN; with the modality it makes the subspecialty."
    )
    priority = models.CharField(max_length=8, choices=PRIORITIES, blank=True, help_text="Empty: every priority.")
    group = models.ForeignKey(ReadingGroup, on_delete=models.CASCADE, related_name="rules")
    way = models.CharField(max_length=8, choices=WAYS, default="group")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["site", "place", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(way__in=[name for name, _words in WAYS]), name="assignment_way_known"
            )
        ]

    def __str__(self) -> str:
        fits = " ".join(word for word in (self.priority, self.modality, self.body_part) if word) or "Every case"
        return f"{fits}: {self.group} ({self.get_way_display().lower()})"

    def clean(self) -> None:
        if self.group_id and self.site_id and self.group.site_id != self.site_id:
            raise ValidationError({"group": "This group reads at another site."})
