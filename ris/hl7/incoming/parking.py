"""Messages that wait: looked after by a timer of run_deliveries, whatever brought what they wait for."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from ris.hl7.incoming.keys import is_here
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.receiving import settle
from ris.hl7.incoming.record import InboundMessage

EVERY = 10.0
# A message that is kept and not done for so long: its process was killed, or the database was busy.
FORGOTTEN = timedelta(seconds=20)
AT_ONCE = 500


def replay_due() -> int:
    """Do what can be done now, in the order in which it came; how many were tried."""
    now = timezone.now()
    forgotten = Q(state__in=INBOUND.groups["unanswered"], received_at__lt=now - FORGOTTEN)
    due = Q(state__in=INBOUND.groups["waiting"], next_at__lte=now)
    rows = InboundMessage.objects.filter(forgotten | due)
    found = set(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]) | _ready()
    for pk in sorted(found):
        settle(pk)
    return len(found)


def _ready() -> set[int]:
    """Those whose patient, order or appointment came another way: by a person, or another sender."""
    parked = InboundMessage.objects.filter(state__in=INBOUND.groups["waiting"]).exclude(waits_for="")
    keys = set(parked.order_by().values_list("waits_for", flat=True).distinct()[: 4 * AT_ONCE])
    here = [key for key in keys if is_here(key)]
    return set(parked.filter(waits_for__in=here).values_list("pk", flat=True))
