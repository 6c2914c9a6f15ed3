"""What was delivered is not needed for ever: after KEEP_BODIES_DAYS its text goes, and that it was sent stays.

What waits, was refused or set aside keeps its text: somebody may still send it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import SystemActor

EVERY: Final = 6 * 3600.0
AT_ONCE: Final = 2000

Forget = Callable[[datetime], int]
_kinds: dict[str, Forget] = {}


def register(name: str, forget: Forget) -> None:
    """`forget(before)` deletes the texts of what was done before then, and says of how many."""
    _kinds[name] = forget


def forget_old() -> dict[str, int]:
    """Of how many of each kind the text was deleted. A timer of `run_deliveries`."""
    days = settings.KEEP_BODIES_DAYS
    if not days:
        return {}
    before = timezone.now() - timedelta(days=days)
    counts = {name: forget(before) for name, forget in _kinds.items()}
    if any(counts.values()):
        told: dict[str, Any] = {"days": days, **counts}
        audit.record("delivery.forgotten", ("events", "bodies"), by=SystemActor("delivery"), **told)
    return counts


def emptied(rows: models.QuerySet[Any], **values: object) -> int:
    """Write these values to the rows, some at a time, so that nobody waits long for a lock."""
    count = 0
    while found := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            count += rows.model._default_manager.filter(pk__in=found).update(**values)
    return count
