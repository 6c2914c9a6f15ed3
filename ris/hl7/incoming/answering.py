"""The bytes that go back for each end of a message."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from django.utils import timezone

from ris.hl7 import er7
from ris.hl7.er7 import Fault, Message, Segment
from ris.hl7.er7.acks import ACCEPTED
from ris.hl7.er7.building import Value
from ris.hl7.incoming.handling import ANSWERS
from ris.hl7.incoming.outcomes import OrderAnswer
from ris.hl7.incoming.record import InboundMessage

log = logging.getLogger(__name__)

WHY: Final = 200


def answer_of(
    row: InboundMessage,
    message: Message | None,
    code: str = ACCEPTED,
    *,
    faults: Sequence[Fault] = (),
    orders: Sequence[OrderAnswer] = (),
) -> bytes:
    """MSH, MSA, ERR where something is wrong, and ORC for orders where the sender takes that.

    One that cannot be written as its message wants it is written plainly: an answer stops no message.
    """
    try:
        return _full(row, message, code, faults, orders)
    except Exception as error:  # noqa: BLE001  whatever it is, the message and those behind it go on
        log.error("message %s is answered plainly: %s", row.pk, type(error).__name__)
        return plain_answer(row, code, faults)


def plain_answer(row: InboundMessage, code: str, faults: Sequence[Fault]) -> bytes:
    """MSH, MSA and ERR, of which only MSA-2 is the sender's."""
    return _written(None, _answer(row, code, faults))


def _full(
    row: InboundMessage, message: Message | None, code: str, faults: Sequence[Fault], orders: Sequence[OrderAnswer]
) -> bytes:
    plain = row.sender is None or row.sender.plain_answers or not orders
    kind = () if plain or message is None else ANSWERS.get(message.kind, ())
    also = [segment for order in orders for segment in _order(order)] if kind else []
    return _written(message, replace(_answer(row, code, faults), kind=kind, also=also))


def _answer(row: InboundMessage, code: str, faults: Sequence[Fault]) -> er7.Answer:
    number = f"ISO{row.digest[:16]}"
    return er7.Answer(code=code, control_id=number, at=timezone.now(), faults=faults, answers=row.control_id)


def _written(message: Message | None, answer: er7.Answer) -> bytes:
    return er7.encode(er7.write(er7.acknowledge(message, answer)))


def _order(order: OrderAnswer) -> list[Segment]:
    """ORC, why it was not done in ORC-16, and an OBR with the accession number for each procedure (RAD TF-2 4.3)."""
    numbers: dict[int, Value] = {2: order.placer, 3: order.filler}
    found = [er7.segment("ORC", {1: order.code, **numbers, 16: ("", order.why[:WHY]) if order.why else ""})]
    for place, (accession, procedure) in enumerate(order.accessions, start=1):
        found.append(er7.segment("OBR", {1: str(place), **numbers, 4: procedure, 18: accession}))
    return found
