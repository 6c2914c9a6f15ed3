"""What a list says of a case, from its columns alone."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from worklist.lifecycle import READING
from worklist.reading.deadlines import age_words, urgency
from worklist.reading.leases import paused_minutes


class CaseWords:
    """Part of ReadingTask."""

    state: str
    body_parts: str
    created_at: datetime
    due_at: datetime | None
    exam_at: datetime | None
    lease_until: datetime | None

    @property
    def urgency(self) -> str:
        """ "overdue", "soon" or "" (worklist.reading.deadlines)."""
        return urgency(self.created_at, self.due_at, timezone.now())

    @property
    def is_held_by_reader(self) -> bool:
        return self.state in READING.groups["mine"]

    @property
    def paused_minutes(self) -> int | None:
        """For how long its reader has been silent; None for one that nobody has, or whose reader is there."""
        return paused_minutes(self.lease_until, timezone.now()) if self.is_held_by_reader else None

    @property
    def body_parts_words(self) -> str:
        return self.body_parts.strip("|").replace("|", ", ").capitalize()

    @property
    def age_words(self) -> str:
        """How long ago the exam was: 12 min, 3 h, 2 d."""
        return age_words(self.exam_at, timezone.now())
