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


class WetReadQuerySet(models.QuerySet["WetRead"]):
    def visible_to(self, user: User) -> Self:
        """Of the sites where the user may see reports; not while the images are closed as another patient's."""
        return self.filter(task__site__in=user.sites_where("report.view"), task__held=False)

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
