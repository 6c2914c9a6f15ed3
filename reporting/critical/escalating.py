"""The timer: findings whose time has run out."""

from __future__ import annotations

from django.utils import timezone

from reporting.actions.critical import escalate
from reporting.critical.record import CriticalFinding
from ris.core.actors import SystemActor

AT_ONCE = 100


def escalate_due() -> int:
    """How many were passed on; each in its own transaction."""
    due = CriticalFinding.objects.open().filter(due_at__lte=timezone.now()).order_by("due_at")
    rows = list(due[:AT_ONCE])
    for row in rows:
        escalate(row, by=SystemActor("critical"))
    return len(rows)
