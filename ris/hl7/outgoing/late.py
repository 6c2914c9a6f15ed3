"""What a placer is told when an order was taken with AA, had to wait, and could not be done: unable to (table 0119).

The whole message was refused, so each of its orders is named, under the numbers and in the segments that came.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ris.events.models import Event
from ris.hl7.er7 import Malformed, Segment, segment
from ris.hl7.er7.building import Value
from ris.hl7.incoming.arrival import Arrival, arrival_of
from ris.hl7.incoming.asking import Asked, orders_of
from ris.hl7.incoming.handling import HL7
from ris.hl7.incoming.keeping import message_of
from ris.hl7.incoming.keys import orders_numbered
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.outcomes import Refused
from ris.hl7.incoming.persons import numbers_of, person_of
from ris.hl7.incoming.record import InboundMessage, Sender
from ris.hl7.incoming.tables import unable
from ris.hl7.outgoing.draft import Draft
from ris.hl7.outgoing.messages.parts import Person
from ris.hl7.outgoing.messages.tables import ORDER_STATES
from ris.hl7.outgoing.models import Destination
from ris.patients.models import Patient

REFUSED_LATE: Final = "hl7.order-refused"
# What of an order goes back as it came.
ECHOED: Final = ("TQ1", "OBR", "IPC", "ZDS")
WORDS: Final = 200


def refusals(destination: Destination, event: Event) -> Iterator[Draft]:
    """One message for each order of the message that was refused."""
    if event.kind != REFUSED_LATE:
        return
    row = InboundMessage.objects.select_related("sender__site").get(pk=event.target_id)
    if row.sender is None or not INBOUND.within(row, "failed") or not is_told(destination, row.sender, kind="orders"):
        return
    try:
        arrival = arrival_of(message_of(row), row.sender, HL7)
        found = orders_of(arrival)
    except (Malformed, Refused):  # nothing in it is an order that could be named
        return
    patient, person = whose(arrival)
    for place, asked in enumerate(found):
        segments = [arrival.message.first("PID"), _orc(arrival, asked, unable(asked.control), row.result)]
        subject = asked.placer[:40]
        segments += _echo(asked)
        yield Draft("order", destination.order_form, subject, patient, person, segments, f"late-{place}")


def is_told(destination: Destination, sender: Sender, *, kind: str) -> bool:
    """The destination that has the sender's name; where none has, each that is told of that (orders, appointments)."""
    named = Destination.objects.filter(site=sender.site_id, closed=False, **{kind: True})
    own = named.filter(receiving_application=sender.application, receiving_facility__in=["", sender.facility])
    return own.filter(pk=destination.pk).exists() or not own.exists()


def whose(arrival: Arrival) -> tuple[Patient | None, Person]:
    pid = arrival.message.first("PID")
    person = Person(number=pid.text(3), issuer=pid.text(3, 4), name="")
    try:
        return person_of(numbers_of(arrival, pid, 3)), person
    except Refused:
        return None, person


def _orc(arrival: Arrival, asked: Asked, code: str, words: str) -> Segment:
    """ORC-1 unable, ORC-5 how the order stands here, if there is one, ORC-16 why."""
    order = orders_numbered(arrival.site.pk, asked.known_by).first() if asked.placer else None
    said = asked.answer(code, order)
    state = ORDER_STATES.get(order.state, "") if order is not None else ""
    values: dict[int, Value] = {1: said.code, 2: said.placer, 3: said.filler, 5: state, 16: ("", words[:WORDS])}
    return segment("ORC", values)


def _echo(asked: Asked) -> list[Segment]:
    return [one for one in asked.fields.segments if one.name in ECHOED]
