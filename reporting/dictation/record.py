"""What a site allows, and the recordings of its drafts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from reporting.lifecycle import CLIP, REPORT

if TYPE_CHECKING:
    from ris.accounts.models import User

AFTER_SIGNING: Final = 0
AT_MOST: Final = 30
A_YEAR: Final = 365
LEFT_ALONE: Final = timedelta(hours=2)
"""For so long a dictation is its typist's; then another may take it over. The longest recording is ten minutes."""


class DictationRule(models.Model):
    """Whether a site keeps recordings with its drafts, and for how long; a site without a row keeps none."""

    site = models.OneToOneField("accounts.Site", on_delete=models.CASCADE, related_name="dictation_rule")
    recording = models.BooleanField(default=False)
    engine = models.BooleanField("speech engine", default=False, db_default=False)
    days_after_signing = models.PositiveSmallIntegerField(default=AFTER_SIGNING, validators=[MaxValueValidator(A_YEAR)])
    days_at_most = models.PositiveSmallIntegerField(
        default=AT_MOST, validators=[MinValueValidator(1), MaxValueValidator(A_YEAR)]
    )

    def __str__(self) -> str:
        return f"dictation at {self.site}: {'on' if self.recording else 'off'}"


def _to_be_typed_by(user: User) -> models.Q:
    return models.Q(
        site__in=user.sites_where("report.transcribe"),
        state__in=CLIP.groups["queue"],
        report__state__in=REPORT.groups["writable"],
        report__task__held=False,
    )


class ClipQuerySet(models.QuerySet["Clip"]):
    def visible_to(self, user: User) -> Self:
        """For those who write at the site; for those who type there, what waits to be typed."""
        writers = models.Q(site__in=user.sites_where("report.write"))
        return self.filter(writers | _to_be_typed_by(user))

    def to_be_typed_by(self, user: User) -> Self:
        """What waits to be typed at the sites where the user types, its sound still there."""
        return self.filter(_to_be_typed_by(user)).kept()

    def at_sites_of(self, user: User) -> Self:
        """All of the sites where the user types, also what waits no more: to answer whoever comes too late."""
        return self.filter(site__in=user.sites_where("report.transcribe"))

    def kept(self) -> Self:
        """Those whose sound is still there."""
        return self.filter(deleted_at=None)


class Clip(models.Model):
    """One recording for one section of a draft. The row stays when its sound is deleted."""

    report = models.ForeignKey("reporting.Report", on_delete=models.PROTECT, related_name="clips")
    site = models.ForeignKey("accounts.Site", on_delete=models.PROTECT, related_name="+")
    section = models.CharField(max_length=64)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    seconds = models.PositiveSmallIntegerField()
    content_type = models.CharField(max_length=16)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=32, unique=True)
    state = models.CharField(max_length=10, choices=CLIP.choices, default="recorded")
    typist = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    typed_by = models.CharField(max_length=160, blank=True)
    typed_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    deleted_because = models.CharField(max_length=10, blank=True)

    objects = ClipQuerySet.as_manager()

    class Meta:
        ordering = ["recorded_at", "pk"]
        verbose_name = "dictation"
        indexes = [models.Index(fields=["state", "site", "recorded_at"], name="clip_queue")]
        constraints = [CLIP.constraint("clip_state_known")]

    def __str__(self) -> str:
        return f"dictation {self.pk}"

    @property
    def title(self) -> str:
        """The section's title as the template writes it."""
        titles = {item["key"]: item["title"] for item in self.report.sections}
        return titles.get(self.section, self.section.capitalize())

    @property
    def is_taken(self) -> bool:
        """Whether a typist has it."""
        return CLIP.within(self, "taken")

    @property
    def is_left_alone(self) -> bool:
        """Whether its typist has had it for long, or may not type here any more: another may take it over."""
        if not self.is_taken or self.typist is None or self.claimed_at is None:
            return False
        may_type = self.typist.may("report.transcribe", self.site_id)
        return not may_type or self.claimed_at <= timezone.now() - LEFT_ALONE

    @property
    def length(self) -> str:
        return f"{self.seconds // 60}:{self.seconds % 60:02}"
