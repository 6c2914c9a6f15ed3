"""The timer: findings whose time has run out."""

from __future__ import annotations

import logging

from django.utils import timezone

from reporting.actions.critical import escalate
from reporting.critical.record import CriticalFinding
from ris.core.actors import SystemActor

AT_ONCE = 100
log = logging.getLogger(__name__)


def escalate_due() -> int:
    """How many were passed on; each in its own transaction, and one that fails holds up no other."""
    due = CriticalFinding.objects.open().filter(due_at__lte=timezone.now()).order_by("due_at")
    return sum(_passed_on(row) for row in list(due[:AT_ONCE]))


def _passed_on(row: CriticalFinding) -> bool:
    try:
        escalate(row, by=SystemActor("critical"))
    except Exception as error:  # noqa: BLE001  whatever it is, the others must still be told; its text may hold a name
        log.error("critical finding %s was not passed on: %s", row.pk, type(error).__name__)
        return False
    return True
