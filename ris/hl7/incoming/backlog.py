"""Messages that were answered before they were done: done in the order in which they came, by the worker's process."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from ris.core.context import RequestContext, current
from ris.hl7.er7.acks import ACCEPTED
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.parking import FORGOTTEN
from ris.hl7.incoming.record import InboundMessage
from ris.hl7.incoming.settling import settle

AT_ONCE: Final = 50
# SQLite has one writer at a time: while messages come in, it is left to the listener for most of it.
STILL_COMING: Final = timedelta(seconds=0.1)
PAUSE: Final = 0.4


def undone() -> list[int]:
    """Kept and answered; or kept long ago by a listener that was killed. Whoever keeps another now does it now."""
    answered = Q(answer_code=ACCEPTED) | Q(received_at__lt=timezone.now() - FORGOTTEN)
    rows = InboundMessage.objects.filter(answered, state__in=INBOUND.groups["undone"])
    return list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def work_off(stopping: Callable[[], bool]) -> int:
    """Do all of it; how many were tried. Ends early when told to, or when the database is busy."""
    tried, last = 0, [0]
    while (found := undone()) and found != last:
        for pk in found:
            if stopping():
                return tried
            _make_way()
            _do(pk)
            tried += 1
        last = found
    return tried


def _do(pk: int) -> None:
    peer = InboundMessage.objects.values_list("peer", flat=True).get(pk=pk)
    token = current.set(RequestContext(source=peer))
    try:
        settle(pk)
    finally:
        current.reset(token)


def _make_way() -> None:
    if connection.vendor != "sqlite":
        return
    newest = InboundMessage.objects.order_by("-received_at").values_list("received_at", flat=True).first()
    if newest is not None and timezone.now() - newest < STILL_COMING:
        time.sleep(PAUSE)
