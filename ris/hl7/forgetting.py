"""The texts of HL7 messages that are done, deleted by policy (ris.events.forgetting).

Of one that came in stay its numbers, its digest and its answer: the same bytes are still known and answered as before.
Of one that went out stays whom it named, as a later withdrawal must name the same person.
"""

from __future__ import annotations

from datetime import datetime

from ris.events.forgetting import emptied
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.record import InboundMessage
from ris.hl7.outgoing.lifecycle import OUTGOING
from ris.hl7.outgoing.models import OutgoingMessage


def forget_incoming(before: datetime) -> int:
    rows = InboundMessage.objects.filter(state__in=INBOUND.groups["done"], settled_at__lt=before)
    return emptied(rows.exclude(raw=b""), raw=b"")


def forget_outgoing(before: datetime) -> int:
    rows = OutgoingMessage.objects.filter(state__in=OUTGOING.groups["done"], answered_at__lt=before)
    return emptied(rows.exclude(body=b""), body=b"", answer="")
