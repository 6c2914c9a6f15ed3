"""Wet reads: two lines that do not wait for the report, with the time and to whom they were told."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
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
        """What may be true: not what was said of images that turned out to be another patient's."""
        from worklist.reading.standing import VOID

        return self.at_sites_of(user).with_standing().exclude(standing=VOID)

    def with_standing(self) -> Self:
        """With `standing` (worklist.reading.standing), for the database to compare."""
        from worklist.reading.standing import standing

        return self.annotate(standing=standing())

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

    graded: WetGrade | None = None  # what others are told of it (worklist.reading.grades)
    report_told = ""  # and of the report that follows it (worklist.reading.told)
    objects = WetReadQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"wet read {self.pk}"

    @cached_property
    def standing(self) -> str:
        """Whether it is still about images of its exam; asked here where the list did not bring it along."""
        return str(WetRead.objects.with_standing().get(pk=self.pk).standing)


class WetGrade(models.Model):
    """How far whoever signed a final report agrees with a wet read. Never changed; it counts while `version` does."""

    wet_read = models.ForeignKey(WetRead, on_delete=models.PROTECT, related_name="grades")
    version = models.PositiveBigIntegerField(unique=True, help_text="The report version that it was signed with.")
    grade = models.CharField(max_length=5, choices=GRADES)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="wet_grades")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(grade__in=[key for key, _ in GRADES]), name="wet_grade_known")
        ]

    def __str__(self) -> str:
        return f"{self.grade} for wet read {self.wet_read_id}"
