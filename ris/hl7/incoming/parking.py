"""Messages that wait: looked after by a timer of run_deliveries, whatever brought what they wait for."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.utils import timezone

from ris.hl7.incoming.expiring import expire, expired
from ris.hl7.incoming.keys import is_here, waiting_for
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.record import AwaitedKey, InboundMessage
from ris.hl7.incoming.settling import settle, settle_alone

EVERY: Final = 10.0
# A message that is kept and not done for so long: its process was killed, or the database was busy.
FORGOTTEN: Final = timedelta(seconds=20)
AT_ONCE: Final = 500
# The timer has other work beside it: what there is no time for comes next time.
LONGEST: Final = 2.0


def replay_due() -> int:
    """Do what can be done now, in the order in which it came; how many were tried."""
    now, until = timezone.now(), time.monotonic() + LONGEST
    forgotten = InboundMessage.objects.filter(state__in=INBOUND.groups["undone"], received_at__lt=now - FORGOTTEN)
    due = InboundMessage.objects.filter(state__in=INBOUND.groups["waiting"], next_at__lte=now)
    waiting = sorted(set(due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]) | _ready())
    kept = list(forgotten.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    late = list(expired().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return _tried(kept, settle, until) + _tried(waiting, settle_alone, until) + _tried(late, expire, until)


def _tried(found: list[int], act: Callable[[int], object], until: float) -> int:
    for place, pk in enumerate(found):
        if time.monotonic() > until:
            return place
        act(pk)
    return len(found)


def _ready() -> set[int]:
    """Those whose patient, order or appointment came another way: by a person, or another sender."""
    parked = InboundMessage.objects.filter(state__in=INBOUND.groups["waiting"]).exclude(waits_for="")
    keys = set(parked.order_by().values_list("waits_for", flat=True).distinct()[: 4 * AT_ONCE])
    keys |= set(AwaitedKey.objects.order_by().values_list("key", flat=True).distinct()[: 4 * AT_ONCE])
    return set(waiting_for([key for key in keys if is_here(key)]).values_list("pk", flat=True))
