"""What a placer is told when the department puts another order in the place of one (v2.5.1 §4.5.1.1).

The placer's number lives on in the new order: a message that ended it would close what is still to be done.
"""

from __future__ import annotations

from collections.abc import Iterator

from ris.events.models import Event
from ris.hl7.er7.building import timestamp
from ris.hl7.outgoing import facts, visits
from ris.hl7.outgoing.draft import Draft
from ris.hl7.outgoing.messages import orders
from ris.hl7.outgoing.messages.parts import Exam
from ris.hl7.outgoing.messages.tables import KEEPS_NUMBER, NEW_ORDER, OLD_ORDER, REPLACED
from ris.hl7.outgoing.models import Destination
from ris.orders.models import Order


def replacements(destination: Destination, event: Event) -> Iterator[Draft]:
    """One message, with every exam of the new orders, and of the old one where the number is another."""
    if event.kind != REPLACED or visits.did_itself(destination, event):
        return
    rows = Order.objects.select_related("patient__merged_into", "site", "referrer")
    old, several = rows.get(pk=event.target_id), event.payload.get("new_orders", [event.payload["new_order"]])
    new, *others = rows.filter(pk__in=several).order_by("pk")
    after = [exam for one in (new, *others) for exam in _exams(one)]
    if not others and _number(new) and _number(new) == _number(old):
        told = [(exam, KEEPS_NUMBER) for exam in after]
    else:
        told = [*((exam, OLD_ORDER) for exam in _exams(old)), *((exam, NEW_ORDER) for exam in after)]
    person, at = facts.person_of(new.patient, new.site), timestamp(event.at.astimezone(destination.site.zone))
    segments = orders.several(destination.order_form, person, told, at)
    yield Draft("order", destination.order_form, after[0].accession_number, new.patient, person, segments)


def _number(order: Order) -> tuple[str, str] | None:
    return (order.placer_number, order.placer_issuer) if order.placer_number else None


def _exams(order: Order) -> list[Exam]:
    rows = order.procedures.select_related("order__site", "order__referrer", "procedure").order_by("pk")
    return [facts.exam_of(requested) for requested in rows]
