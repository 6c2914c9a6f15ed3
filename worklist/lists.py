"""What the reading list and the technologist's board show, in a constant number of queries."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.utils import timezone

from ris.accounts.models import User
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep
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


def technologist_rows(user: User) -> dict[str, Any]:
    """Steps of today and yesterday that are not over, and those finished in the last hours."""
    now = timezone.now()
    steps = ScheduledProcedureStep.objects.filter(
        site__in=user.sites_where("step.perform"),
        start__gte=now - timedelta(hours=18),
        start__lt=now + timedelta(hours=18),
    ).exclude(state__in=STEP.groups["gone"])
    rows = steps.select_related("site", "node", "requested_procedure__order__patient", "requested_procedure__procedure")
    found = list(rows.order_by("start", "pk")[:SHOWN])
    for step in found:
        step.verbs = [verb for verb in ("start", "complete") if STEP.allows(step, verb)]  # type: ignore[attr-defined]
    return {"steps": found, "version": fingerprint([(step.pk, step.state, step.start) for step in found])}


def fingerprint(seen: object) -> str:
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]
