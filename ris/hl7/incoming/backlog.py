"""Messages that were answered before they were done: done in the order in which they came, by the worker's process."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from ris.core.context import RequestContext, current
from ris.hl7.er7.acks import ACCEPTED
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.parking import FORGOTTEN
from ris.hl7.incoming.record import InboundMessage
from ris.hl7.incoming.settling import TRIES, settle_alone

AT_ONCE: Final = 50
STILL_COMING: Final = timedelta(seconds=0.1)
PAUSE: Final = 0.4


class Undone(NamedTuple):
    """A message that waits for its turn."""

    pk: int
    sender_key: str
    peer: str
    attempts: int


def undone() -> list[Undone]:
    """Kept and answered; or kept long ago by a listener that was killed. Whoever keeps another now does it now.

    What failed too often is left to the timer (parking.py).
    """
    answered = Q(answer_code=ACCEPTED) | Q(received_at__lt=timezone.now() - FORGOTTEN)
    rows = InboundMessage.objects.filter(state__in=INBOUND.groups["undone"], attempts__lt=TRIES).order_by("pk")
    found = _listed(rows.filter(answered)[:AT_ONCE])
    if not found:
        return []
    # None is done before one that came earlier from its sender, though the listener is still on that.
    senders = {one.sender_key for one in found}
    earlier = rows.filter(answer_code="", sender_key__in=senders, pk__lt=found[-1].pk)
    return sorted({*found, *_listed(earlier)})


def _listed(rows: QuerySet[InboundMessage]) -> list[Undone]:
    return [Undone(*row) for row in rows.values_list("pk", "sender_key", "peer", "attempts")]


def work_off(stopping: Callable[[], bool]) -> int:
    """Do all of it; how many were tried. Ends early when told to, or when the database is busy."""
    tried, last, way = 0, [Undone(0, "", "", 0)], Way()
    while (found := undone()) and found != last:
        held: set[str] = set()
        for one in found:
            if stopping():
                return tried
            if one.sender_key in held:
                continue
            way.make()
            if not _do(one) and one.attempts < TRIES - 1:
                held.add(one.sender_key)
            tried += 1
        last = found
    return tried


def _do(one: Undone) -> bool:
    """False when the database was busy."""
    token = current.set(RequestContext(source=one.peer))
    try:
        return settle_alone(one.pk)
    finally:
        current.reset(token)


class Way:
    """SQLite has one writer at a time: while messages come in, it is left to the listener for most of it."""

    def __init__(self) -> None:
        self._free_until = 0.0

    def make(self) -> None:
        if connection.vendor != "sqlite" or time.monotonic() < self._free_until:
            return
        newest = InboundMessage.objects.order_by("-received_at").values_list("received_at", flat=True).first()
        if newest is not None and timezone.now() - newest < STILL_COMING:
            time.sleep(PAUSE)
        else:
            self._free_until = time.monotonic() + STILL_COMING.total_seconds()
