"""Who had a case when, and how it left their hands: both readers of a case that was taken over stay known."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import models

ENDS: Final = [
    ("", "Reading"),
    ("released", "Gave it back"),
    ("lapsed", "Left it"),
    ("taken-over", "Was relieved"),
    ("handed-over", "Handed it over"),
    ("signed", "Signed"),
    ("cancelled", "The order was cancelled"),
]


class ReadingTurn(models.Model):
    """One reader's time with a case. `ended` is empty while it lasts; `reason` says why somebody else took over."""

    task = models.ForeignKey("worklist.ReadingTask", on_delete=models.PROTECT, related_name="turns")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reading_turns")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    ended = models.CharField(max_length=12, choices=ENDS, blank=True)
    reason = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(ended__in=[name for name, _ in ENDS]), name="turn_end_known"),
            models.UniqueConstraint(fields=["task"], condition=models.Q(ended=""), name="one_reader_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"turn of {self.reader_id} at task {self.task_id}"


def begin_turn(task_id: int, reader_id: int, at: datetime) -> None:
    ReadingTurn.objects.create(task_id=task_id, reader_id=reader_id, since=at)


def end_turn(task_id: int, ended: str, at: datetime, reason: str = "") -> None:
    """The turn that lasts, if there is one."""
    ReadingTurn.objects.filter(task_id=task_id, ended="").update(until=at, ended=ended, reason=reason[:255])
