"""The number that the placer gives to an order which began at the department (HL7 v2.5.1 §4.5.1: ORC-1 SN and NA)."""

from __future__ import annotations

from django.db import transaction

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput
from ris.core.texts import fault_of_text
from ris.events import emit
from ris.orders import permissions
from ris.orders.models import Order

LONGEST = 64


@transaction.atomic
def take_placer_number(order: Order, *, number: str, issuer: str = "", by: Actor) -> Order:
    """Keep the placer's number of an order that has none; the same once more is no act, whatever became of the order.

    Raises NotPermitted, InvalidInput for another number than it has, or one of another order of the site.
    """
    order = Order.objects.select_for_update().get(pk=order.pk)
    permissions.require_modify(by, order)
    if order.placer_number:
        if order.placer_number != number:
            raise InvalidInput("The placer's number of this order is another one.")
        return order
    if fault := fault_of_text(number, longest=LONGEST) if number else "The number is missing.":
        raise InvalidInput(f"The placer's number was not kept. {fault}")
    same = Order.objects.filter(site=order.site_id, placer_number=number, placer_issuer__in=["", issuer])
    if same.exists():
        raise InvalidInput("Another order has this placer's number.")
    order.placer_number, order.placer_issuer, order.revision = number, issuer, order.revision + 1
    order.save(update_fields=["placer_number", "placer_issuer", "revision"])
    audit.record("order.modified", order, by=by, changed={"placer_number": ["", number]})
    emit("order.modified", order, by=by)
    return order
