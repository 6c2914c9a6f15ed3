"""What the reading list and the technologist's board show, in a constant number of queries."""

from __future__ import annotations

import hashlib
from typing import Any

from ris.accounts.models import User
from worklist.lifecycle import READING
from worklist.models import ReadingTask

SHOWN = 200


def reading_rows(user: User, *, only_mine: bool) -> dict[str, Any]:
    """Open cases of one's sites, or only those one has begun."""
    tasks = ReadingTask.objects.for_reading_list(user)
    if only_mine:
        tasks = tasks.filter(claimed_by=user, state__in=READING.groups["mine"])
    rows = list(tasks[:SHOWN])
    seen = [(task.pk, task.state, task.report_state, task.image_count, task.claimed_by_id) for task in rows]
    return {"tasks": rows, "mine": only_mine, "version": fingerprint(seen), "shown": SHOWN}


def fingerprint(seen: object) -> str:
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]
