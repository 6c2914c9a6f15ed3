"""The number that a placer gives to an order of the department: asked for with SN, answered with NA (IHE RAD-3)."""

from __future__ import annotations

import logging
from typing import Final

from django.db import transaction

from ris.core.actors import Actor
from ris.core.errors import DomainError
from ris.events import emit
from ris.hl7.incoming.handling import HL7
from ris.hl7.outgoing.messages.answers import Answered
from ris.hl7.outgoing.models import Destination, OutgoingMessage
from ris.orders.actions.numbering import take_placer_number
from ris.orders.models import Order

log = logging.getLogger(__name__)
ASKED: Final = "order.number-wanted"


def ask_for_number(order: Order, by: Actor) -> None:
    """Part of placing an order: where a destination of its site is told of orders that no placer numbered."""
    wanted = Destination.objects.filter(site=order.site_id, closed=False, orders=True, department_orders=True)
    if not order.placer_number and wanted.exists():
        emit(ASKED, order, by=by)


def note_number(message: OutgoingMessage, answered: Answered) -> None:
    """Keep the number that the answer to an SN brings; one that cannot be is left in the answer, which is kept too."""
    if not (answered.accepted and answered.assigned and message.event.kind == ASKED):
        return
    order = Order.objects.filter(pk=message.event.target_id).first()
    if order is None:
        return
    try:
        with transaction.atomic():
            take_placer_number(order, number=answered.assigned, by=HL7)
    except DomainError as refused:
        log.warning("the placer's number in the answer to %s was not kept (%s)", message.control_id, refused.code)
