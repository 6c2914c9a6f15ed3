"""Wet reads: two lines that do not wait for the report, with the time and to whom they were told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from ris.accounts.models import User

LINES: Final = 2
LONGEST_LINE: Final = 120
SHOWN_FOR: Final = timedelta(hours=24)


GRADES: Final = [("none", "No difference"), ("minor", "Minor: nothing changes for the patient"),
                 ("major", "Major: what was done on the wet read may be wrong")]  # fmt: skip


class WetReadQuerySet(models.QuerySet["WetRead"]):
    def at_sites_of(self, user: User) -> Self:
        """Of the sites where the user may see reports, those that do not count any more among them."""
        return self.filter(task__site__in=user.sites_where("report.view"))

    def visible_to(self, user: User) -> Self:
        """What counts: not what was said of images that were closed as another patient's since."""
        since = models.Q(task__images_closed_at__isnull=True) | models.Q(task__images_closed_at__lt=models.F("at"))
        return self.at_sites_of(user).filter(since, task__held=False)

    def recent(self) -> Self:
        return self.filter(at__gte=timezone.now() - SHOWN_FOR)


class WetRead(models.Model):
    """What a reader saw at first sight. It is never changed; a later one says what was wrong with it."""

    task = models.ForeignKey("worklist.ReadingTask", on_delete=models.PROTECT, related_name="wet_reads")
    text = models.CharField(max_length=LINES * LONGEST_LINE + 1)
    told_to = models.CharField(max_length=80, help_text="Who was told: name or function.")
    told_at = models.DateTimeField()
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="wet_reads")
    at = models.DateTimeField(db_index=True)

    objects = WetReadQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"wet read {self.pk}"

    @property
    def is_void(self) -> bool:
        """Whether images of its case were closed as another patient's after it was said: then nobody relies on it."""
        closed = self.task.images_closed_at
        return self.task.held or (closed is not None and self.at <= closed)


class WetGrade(models.Model):
    """How far whoever signed the final report agrees with a wet read. Never changed."""

    wet_read = models.OneToOneField(WetRead, on_delete=models.PROTECT, related_name="graded")
    grade = models.CharField(max_length=5, choices=GRADES)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="wet_grades")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(grade__in=[key for key, _ in GRADES]), name="wet_grade_known")
        ]

    def __str__(self) -> str:
        return f"{self.grade} for wet read {self.wet_read_id}"
