"""Messages that waited longer than HL7_WAITS_DAYS for something that never came.

What was asked of us (an order, an appointment) is refused, and its placer told (ris.hl7.outgoing.late); a person can
still have it done. News of somebody who never became known here (ADT) are closed: there was nobody to change.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ris.hl7.er7 import Fault
from ris.hl7.er7.errors import UNKNOWN_KEY_IDENTIFIER
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.outcomes import Refused
from ris.hl7.incoming.record import InboundMessage
from ris.hl7.incoming.settling import close, refuse

NEWS: Final = "ADT^"


def expired() -> QuerySet[InboundMessage]:
    """Those that waited too long; none where the setting is 0."""
    waiting = InboundMessage.objects.filter(state__in=INBOUND.groups["waiting"])
    if settings.HL7_WAITS_DAYS <= 0:
        return waiting.none()
    return waiting.filter(received_at__lt=timezone.now() - timedelta(days=settings.HL7_WAITS_DAYS))


@transaction.atomic
def expire(pk: int) -> None:
    """End the waiting of this message, if it still waits."""
    rows = InboundMessage.objects.select_for_update(of=("self",)).select_related("sender__site")
    row = rows.get(pk=pk)
    if not INBOUND.within(row, "waiting"):
        return
    words = f"{row.result} It waited for {settings.HL7_WAITS_DAYS} days."
    if row.kind.startswith(NEWS):
        close(row, f"{words} There was nobody to change.")
    else:
        refuse(row, Refused(Fault(words=f"{words} Nothing was done.", code=UNKNOWN_KEY_IDENTIFIER)))
