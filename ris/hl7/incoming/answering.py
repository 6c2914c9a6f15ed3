"""The bytes that go back for each end of a message."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from ris.hl7 import er7
from ris.hl7.er7 import Fault, Message, Segment
from ris.hl7.er7.acks import ACCEPTED
from ris.hl7.er7.building import Value
from ris.hl7.incoming.handling import ANSWERS
from ris.hl7.incoming.outcomes import OrderAnswer
from ris.hl7.incoming.record import InboundMessage


def answer_of(
    row: InboundMessage,
    message: Message | None,
    code: str = ACCEPTED,
    *,
    faults: Sequence[Fault] = (),
    orders: Sequence[OrderAnswer] = (),
) -> bytes:
    """MSH, MSA, ERR where something is wrong, and ORC for orders where the sender takes that."""
    plain = row.sender is None or row.sender.plain_answers or not orders
    kind = () if plain or message is None else ANSWERS.get(message.kind, ())
    also = [segment for order in orders for segment in _order(order)] if kind else []
    answer = er7.Answer(
        code=code, control_id=f"ISO{row.digest[:16]}", at=timezone.now(), faults=faults, kind=kind, also=also
    )
    return er7.encode(er7.write(er7.acknowledge(message, answer)))


def _order(order: OrderAnswer) -> list[Segment]:
    """ORC, and an OBR with the accession number for each procedure (RAD TF-2 4.3)."""
    numbers: dict[int, Value] = {2: order.placer, 3: order.filler}
    found = [er7.segment("ORC", {1: order.code, **numbers})]
    for place, (accession, procedure) in enumerate(order.accessions, start=1):
        found.append(er7.segment("OBR", {1: str(place), **numbers, 4: procedure, 18: accession}))
    return found
