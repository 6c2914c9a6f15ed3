"""What a scheduler is told when an appointment was taken with AA, had to wait, and could not be done.

SIU has no word for "unable": the notification says how the appointment stands here (§10.4, table 0278), and SCH-6 why.
One that is not here is cancelled (S15) under the numbers and in the segments that came.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ris.events.models import Event
from ris.hl7.er7 import Malformed, Segment, segment
from ris.hl7.er7.building import Value
from ris.hl7.incoming.arrival import Arrival, arrival_of
from ris.hl7.incoming.handling import HL7
from ris.hl7.incoming.keeping import message_of
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.record import InboundMessage
from ris.hl7.incoming.visiting import named
from ris.hl7.outgoing import facts, visits
from ris.hl7.outgoing.draft import Draft
from ris.hl7.outgoing.late import WORDS, is_told, whose
from ris.hl7.outgoing.messages import siu
from ris.hl7.outgoing.messages.tables import APPOINTMENT_STATES, NOT_HERE
from ris.hl7.outgoing.models import Destination
from ris.orders.models import RequestedProcedure
from ris.scheduling.models import Appointment

VISIT_REFUSED: Final = "hl7.appointment-refused"
# What of an appointment goes back as it came.
ECHOED: Final = ("PID", "PV1", "RGS", "AIS", "AIG", "AIL", "AIP")


def refused_visits(destination: Destination, event: Event) -> Iterator[Draft]:
    """How the appointment of a message that was refused stands here."""
    if event.kind != VISIT_REFUSED:
        return
    row = InboundMessage.objects.select_related("sender__site").get(pk=event.target_id)
    if row.sender is None or not INBOUND.within(row, "failed"):
        return
    if not is_told(destination, row.sender, kind="appointments"):
        return
    try:
        arrival = arrival_of(message_of(row), row.sender, HL7)
    except Malformed:  # nothing in it is an appointment that could be named
        return
    appointment = named(arrival)
    exams = _exams(appointment) if appointment is not None else []
    if appointment is not None and exams:
        yield _as_it_stands(destination, appointment, exams, row.result)
    else:
        yield _as_it_came(arrival, APPOINTMENT_STATES[appointment.state] if appointment else NOT_HERE, row.result)


def _exams(appointment: Appointment) -> list[RequestedProcedure]:
    related = ("order__patient", "order__site", "order__referrer", "procedure")
    rows = RequestedProcedure.objects.filter(steps__appointment=appointment).select_related(*related)
    return list(rows.distinct().order_by("pk"))


def _as_it_stands(
    destination: Destination, appointment: Appointment, exams: list[RequestedProcedure], words: str
) -> Draft:
    """With our room and time, for the patient whose it is."""
    event, status = APPOINTMENT_STATES[appointment.state]
    placer = visits.own_number(destination, appointment)
    visit = facts.visit_of(appointment, [facts.exam_of(one) for one in exams], status, placer=placer)
    person = facts.person_of(appointment.patient, appointment.site)
    segments = siu.schedule(person, replace(visit, reason=words[:WORDS]))
    return Draft("appointment", f"SIU^{event}", visit.number, appointment.patient, person, segments, "late")


def _as_it_came(arrival: Arrival, state: tuple[str, str], words: str) -> Draft:
    """Of one that is not here, or of which nothing is left to do."""
    (event, status), (patient, person) = state, whose(arrival)
    came = arrival.message.first("SCH")
    own: dict[int, Value] = {6: ("", words[:WORDS]), 16: ("", "ISOCENTER"), 20: ("", "ISOCENTER"), 25: status}
    segments = [_over(came, own), *(one for one in arrival.message.segments if one.name in ECHOED)]
    return Draft("appointment", f"SIU^{event}", came.text(1)[:40], patient, person, segments, "late")


def _over(came: Segment, own: dict[int, Value]) -> Segment:
    """The segment with these fields of ours."""
    written, last = segment(came.name, own), max(len(came.fields), *own)
    fields = (written.field(place) if place in own else came.field(place) for place in range(1, last + 1))
    return Segment(came.name, tuple(fields))
