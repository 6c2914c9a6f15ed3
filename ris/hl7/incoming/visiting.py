"""SIU: appointments that another system makes in our rooms (v2.5.1 chapter 10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ris.hl7.er7.errors import (
    DATA_TYPE_ERROR,
    DUPLICATE_KEY_IDENTIFIER,
    REQUIRED_FIELD_MISSING,
    TABLE_VALUE_NOT_FOUND,
    UNKNOWN_KEY_IDENTIFIER,
)
from ris.hl7.incoming.arrival import Arrival, arrival_of
from ris.hl7.incoming.bookable import exams_to_book
from ris.hl7.incoming.keeping import message_of
from ris.hl7.incoming.keys import visit_key, visit_numbered
from ris.hl7.incoming.newer import VISIT, newer
from ris.hl7.incoming.outcomes import Done, Waits, refused
from ris.hl7.incoming.owning import own
from ris.hl7.incoming.persons import require_same_person, required_person
from ris.hl7.incoming.record import AppointmentNumber, InboundMessage
from ris.hl7.incoming.tables import SECONDS
from ris.scheduling.actions import Slot, book, cancel_appointment, miss, move
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment, Resource

REASON = "cancelled by the scheduling system"
SUPERSEDED = "Nothing was changed: something newer of this appointment is known."


def booked(arrival: Arrival) -> Done:
    """S12: what the order asks for gets this time in this room."""
    patient = required_person(arrival)
    require_same_person(arrival, patient)
    number = _number(arrival)
    known = AppointmentNumber.objects.filter(sender=arrival.sender, value=number).select_related("appointment").first()
    if known is not None and APPOINTMENT.within(known.appointment, "holding"):
        raise refused("There is an appointment of this number.", code=DUPLICATE_KEY_IDENTIFIER, location="SCH^1^1")
    procedures = exams_to_book(arrival)
    if any(requested.order.patient.current.pk != patient.pk for requested in procedures):
        raise refused("This order is another patient's.", code=UNKNOWN_KEY_IDENTIFIER, location="PID^1^3")
    usual = sum(requested.procedure.duration_minutes for requested in procedures)
    slot = _slot(arrival, minutes=usual)
    appointment = own(arrival, lambda: book(procedures, slot=slot, by=arrival.by))
    numbers = list(dict.fromkeys([number, *_filler(arrival)]))
    _keep(arrival, appointment, numbers)
    return _done("Booked.", appointment, provides=[visit_key(arrival.sender.pk, value) for value in numbers])


def moved(arrival: Arrival) -> Done:
    """S13, S14: another time, room or length; what the message does not name stays."""
    appointment = _known(arrival)
    if _superseded(arrival, appointment):
        return _done(SUPERSEDED, appointment)
    slot = _slot(arrival, of=appointment)
    same = (appointment.resource_id, appointment.start, appointment.end) == (slot.resource.pk, slot.start, slot.end)
    if same:
        return _done("Nothing to change: it stands there.", appointment)
    return _done("Moved.", own(arrival, lambda: move(appointment, slot=slot, by=arrival.by)))


def cancelled(arrival: Arrival) -> Done:
    """S15: the slot is free, the exam waits to be scheduled."""
    appointment, reason = _known(arrival), arrival.fields.text("visit.reason") or REASON
    if _superseded(arrival, appointment):
        return _done(SUPERSEDED, appointment)
    return _done("Cancelled.", own(arrival, lambda: cancel_appointment(appointment, reason=reason, by=arrival.by)))


def missed(arrival: Arrival) -> Done:
    """S26: the patient did not come."""
    appointment = _known(arrival)
    if _superseded(arrival, appointment):
        return _done(SUPERSEDED, appointment)
    return _done("Missed.", own(arrival, lambda: miss(appointment, by=arrival.by)))


def _keep(arrival: Arrival, appointment: Appointment, numbers: Iterable[str]) -> None:
    """From now on the sender may name it by these."""
    for value in numbers:
        AppointmentNumber.objects.update_or_create(
            sender=arrival.sender, value=value, defaults={"appointment": appointment}
        )


def _superseded(arrival: Arrival, appointment: Appointment) -> bool:
    """Whether a message that was written later said already when it is."""
    rows = AppointmentNumber.objects.filter(sender=arrival.sender, appointment=appointment)
    ours = set(rows.values_list("value", flat=True))
    later = newer(arrival, appointment.patient.current, VISIT).exclude(raw=b"")
    return any(ours & _numbers_in(row, arrival) for row in later)


def _numbers_in(row: InboundMessage, arrival: Arrival) -> set[str]:
    said = arrival_of(message_of(row), arrival.sender, arrival.by)
    return {_number(said), *_filler(said)}


def _number(arrival: Arrival) -> str:
    number = arrival.fields.text("visit.placer") or arrival.fields.text("visit.filler")
    if not number:
        raise refused("The appointment has no number in SCH-1.", code=REQUIRED_FIELD_MISSING, location="SCH^1^1")
    return number[:80]


def _filler(arrival: Arrival) -> list[str]:
    """SCH-2, as it is kept beside SCH-1: the numbers of the two systems are told apart."""
    filler = arrival.fields.text("visit.filler")
    return [f"SCH-2 {filler}"[:80]] if filler else []


def _known(arrival: Arrival) -> Appointment:
    """By SCH-1; where that is empty, by SCH-2; else by our own number in SCH-2, which we sent."""
    number, placer = _number(arrival), arrival.fields.text("visit.placer")
    values = [number] if placer else [*_filler(arrival), number]
    rows = AppointmentNumber.objects.filter(sender=arrival.sender, value__in=values)
    related = rows.select_related("appointment__resource__site", "appointment__patient__merged_into")
    row = min(related, key=lambda one: values.index(one.value), default=None)
    appointment = row.appointment if row else visit_numbered(arrival.site, arrival.fields.text("visit.filler"))
    if appointment is None:
        raise Waits(visit_key(arrival.sender.pk, values[0]), "The appointment is not known here yet.")
    if required_person(arrival).pk != appointment.patient.current.pk:
        words = "This appointment is another patient's."
        raise refused(words, code=UNKNOWN_KEY_IDENTIFIER, location="PID^1^3")
    if row is None:
        _keep(arrival, appointment, [*([number] if placer else []), *_filler(arrival)])
    return appointment


def _slot(arrival: Arrival, *, minutes: int = 0, of: Appointment | None = None) -> Slot:
    """Room, beginning and length as the message has them, else as they are."""
    start = arrival.moment(arrival.fields, "visit.start")
    if of is not None:
        length = int((of.end - of.start).total_seconds() // 60)
        usual = Slot(resource=_room(arrival) or of.resource, start=start or of.start, minutes=length)
        return replace(usual, minutes=_minutes(arrival) or length)
    room = _room(arrival)
    if start is None or room is None:
        what, place = ("time", "AIS^1^4") if start is None else ("room", "AIL^1^3")
        raise refused(f"The appointment names no {what}.", code=REQUIRED_FIELD_MISSING, location=place)
    return Slot(resource=room, start=start, minutes=_minutes(arrival) or minutes)


def _room(arrival: Arrival) -> Resource | None:
    name = arrival.fields.text("visit.room")
    if not name:
        return None
    ours = arrival.translated("room", name) or name
    room = Resource.objects.filter(site=arrival.site, active=True, name=ours).select_related("site").first()
    if room is None:
        words = f"There is no such room. An administrator can translate it for {arrival.sender.name}."
        raise refused(words, code=TABLE_VALUE_NOT_FOUND, location=arrival.fields.location("visit.room"))
    return room


def _minutes(arrival: Arrival) -> int:
    text = arrival.fields.text("visit.duration")
    named = arrival.fields.text("visit.duration-unit")
    unit = SECONDS.get((arrival.translated("unit", named) or named).upper())
    try:
        seconds = float(text or 0) * (unit or 0)
    except ValueError:
        seconds = -1.0
    if unit is None or not 0 <= seconds <= 24 * 3600:
        location = arrival.fields.location("visit.duration")
        raise refused("This length of an appointment cannot be used.", code=DATA_TYPE_ERROR, location=location)
    return round(seconds / 60)


def _done(words: str, appointment: Appointment, provides: list[str] | None = None) -> Done:
    return Done(words=words, patient=appointment.patient.current.pk, provides=provides or [])
