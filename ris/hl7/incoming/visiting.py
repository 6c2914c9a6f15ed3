"""SIU: appointments that another system makes in our rooms (v2.5.1 chapter 10)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ris.hl7.er7.errors import (
    DATA_TYPE_ERROR,
    DUPLICATE_KEY_IDENTIFIER,
    REQUIRED_FIELD_MISSING,
    SEGMENT_SEQUENCE,
    TABLE_VALUE_NOT_FOUND,
    UNKNOWN_KEY_IDENTIFIER,
)
from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.bookable import exams_to_book
from ris.hl7.incoming.keys import visit_key, visit_numbered
from ris.hl7.incoming.merging import note_ended, require_one_of_them
from ris.hl7.incoming.newer import newer_of, stays
from ris.hl7.incoming.outcomes import Done, Waits, refused
from ris.hl7.incoming.owning import own
from ris.hl7.incoming.persons import required_person
from ris.hl7.incoming.record import AppointmentNumber
from ris.hl7.incoming.tables import SECONDS
from ris.scheduling.actions import Slot, book, cancel_appointment, miss, move
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment, Resource

REASON = "cancelled by the scheduling system"
# The fields of a slot and where they stand; and whether it stands at all
SLOT = {"resource": "visit.room", "start": "visit.start", "minutes": "visit.duration"}
STATE = "state"


def booked(arrival: Arrival) -> Done:
    """S12: what the order asks for gets this time in this room."""
    patient = required_person(arrival)
    require_one_of_them(arrival, patient)
    number = _number(arrival)
    known = AppointmentNumber.objects.filter(sender=arrival.sender, value=number).select_related("appointment").first()
    if known is not None and APPOINTMENT.within(known.appointment, "holding"):
        raise refused("There is an appointment of this number.", code=DUPLICATE_KEY_IDENTIFIER, location="SCH^1^1")
    procedures = exams_to_book(arrival)
    if any(requested.order.patient.current.pk != patient.pk for requested in procedures):
        raise refused("This order is another patient's.", code=UNKNOWN_KEY_IDENTIFIER, location="PID^1^3")
    usual = sum(requested.procedure.duration_minutes for requested in procedures)
    slot = _slot(arrival, minutes=usual)
    (appointment,) = own(arrival, lambda: [book(procedures, slot=slot, by=arrival.by)])
    numbers = list(dict.fromkeys([number, *_filler(arrival)]))
    _keep(arrival, appointment, numbers)
    done = _done("Booked.", appointment, provides=[visit_key(arrival.sender.pk, value) for value in numbers])
    note_ended(arrival, done, patient)
    done.tell("visit", appointment.pk, [*SLOT, STATE])
    return done


def moved(arrival: Arrival) -> Done:
    """S13, S14: another time, room or length; what the message does not name stays."""
    appointment = _known(arrival)
    newer = newer_of(arrival, "visit", [appointment.pk])
    if STATE in newer:
        return _superseded(appointment, [STATE])
    slot, wanted = _slot(arrival, of=appointment, newer=newer), _slot(arrival, of=appointment)
    done = _done("Nothing to change: it stands there.", appointment)
    if not _is_at(appointment, slot):
        done = _done("Moved.", own(arrival, lambda: [move(appointment, slot=slot, by=arrival.by)])[0])
    stays(done, [name for name in newer.intersection(SLOT) if getattr(slot, name) != getattr(wanted, name)])
    done.tell("visit", appointment.pk, [name for name in SLOT if arrival.fields.text(SLOT[name])])
    return done


def cancelled(arrival: Arrival) -> Done:
    """S15: the slot is free, the exam waits to be scheduled."""
    reason = arrival.fields.text("visit.reason") or REASON
    return _ended(arrival, "Cancelled.", lambda one: cancel_appointment(one, reason=reason, by=arrival.by))


def missed(arrival: Arrival) -> Done:
    """S26: the patient did not come."""
    return _ended(arrival, "Missed.", lambda one: miss(one, by=arrival.by))


def _ended(arrival: Arrival, words: str, act: Callable[[Appointment], Appointment]) -> Done:
    """It does not take place; unless something newer says that it does, or when."""
    appointment = _known(arrival)
    if newer_of(arrival, "visit", [appointment.pk]):
        return _superseded(appointment, [STATE])
    done = _done(words, own(arrival, lambda: [act(appointment)])[0])
    done.tell("visit", appointment.pk, [STATE])
    return done


def _superseded(appointment: Appointment, names: Iterable[str]) -> Done:
    done = _done("Nothing was changed.", appointment)
    stays(done, names)
    return done


def _is_at(appointment: Appointment, slot: Slot) -> bool:
    return (appointment.resource_id, appointment.start, appointment.end) == (slot.resource.pk, slot.start, slot.end)


def _keep(arrival: Arrival, appointment: Appointment, numbers: Iterable[str]) -> None:
    """From now on the sender may name it by these."""
    for value in numbers:
        AppointmentNumber.objects.update_or_create(
            sender=arrival.sender, value=value, defaults={"appointment": appointment}
        )


def _number(arrival: Arrival) -> str:
    number = arrival.fields.text("visit.placer") or arrival.fields.text("visit.filler")
    if not number:
        raise refused("The appointment has no number in SCH-1.", code=REQUIRED_FIELD_MISSING, location="SCH^1^1")
    return number[:80]


def _filler(arrival: Arrival) -> list[str]:
    """SCH-2, as it is kept beside SCH-1: the numbers of the two systems are told apart."""
    filler = arrival.fields.text("visit.filler")
    return [f"SCH-2 {filler}"[:80]] if filler else []


def named(arrival: Arrival) -> Appointment | None:
    """The appointment that the message names, if there is one here."""
    return _numbered(arrival)[0] if any(map(arrival.fields.text, ("visit.placer", "visit.filler"))) else None


def _values(arrival: Arrival) -> list[str]:
    number = _number(arrival)
    return [number] if arrival.fields.text("visit.placer") else [*_filler(arrival), number]


def _numbered(arrival: Arrival) -> tuple[Appointment | None, bool]:
    """By SCH-1; where that is empty, by SCH-2; else by our own number in SCH-2, which we sent. Whether by a number of
    the sender."""
    values = _values(arrival)
    rows = AppointmentNumber.objects.filter(sender=arrival.sender, value__in=values)
    related = rows.select_related("appointment__resource__site", "appointment__patient__merged_into")
    row = min(related, key=lambda one: values.index(one.value), default=None)
    if row is not None:
        return row.appointment, True
    return visit_numbered(arrival.site, arrival.fields.text("visit.filler")), False


def _known(arrival: Arrival) -> Appointment:
    """Raises Waits while it is not here, Refused for another's; from then on it has the sender's numbers."""
    number, placer = _number(arrival), arrival.fields.text("visit.placer")
    appointment, by_theirs = _numbered(arrival)
    if appointment is None:
        raise Waits(visit_key(arrival.sender.pk, _values(arrival)[0]), "The appointment is not known here yet.")
    if required_person(arrival).pk != appointment.patient.current.pk:
        words = "This appointment is another patient's."
        raise refused(words, code=UNKNOWN_KEY_IDENTIFIER, location="PID^1^3")
    if not by_theirs:
        _keep(arrival, appointment, [*([number] if placer else []), *_filler(arrival)])
    return appointment


def _slot(arrival: Arrival, *, minutes: int = 0, of: Appointment | None = None, newer: Collection[str] = ()) -> Slot:
    """Room, beginning and length as the message has them, else as they are, and as they are where that is newer."""
    start, whole = arrival.moment(arrival.fields, "visit.start"), _whole_length(arrival)
    if of is not None:
        length = int((of.end - of.start).total_seconds() // 60)
        known = Slot(resource=of.resource, start=of.start, minutes=length)
        said: dict[str, Any] = {"resource": _room(arrival), "start": start, "minutes": whole}
        return replace(known, **{name: value for name, value in said.items() if value and name not in newer})
    room = _room(arrival)
    if start is None or room is None:
        what, place = ("time", "AIS^1^4") if start is None else ("room", "AIL^1^3")
        raise refused(f"The appointment names no {what}.", code=REQUIRED_FIELD_MISSING, location=place)
    return Slot(resource=room, start=start, minutes=whole or minutes)


def _whole_length(arrival: Arrival) -> int:
    """Minutes, of services that follow each other all of them. Raises Refused where they are apart.

    An appointment is one time in one room: AIS-4 of the first is where it begins, and each RGS has the same AIL-3.
    """
    services = [replace(arrival, fields=arrival.over([one])) for one in arrival.message.all("AIS") if one.text(4)]
    starts = [one.moment(one.fields, "visit.start") for one in services]
    rooms = {one.text(3, 2) or one.text(3) for one in arrival.message.all("AIL")} - {""}
    several = len(list(arrival.message.all("RGS"))) > 1
    if len(set(starts)) > 1 or (several and len(rooms) > 1):
        ends = [start + timedelta(minutes=_minutes(one)) for one, start in zip(services, starts, strict=True) if start]
        if len(rooms) > 1 or ends[:-1] != starts[1:]:
            words = (
                "These services are at several times or in several rooms. Send each in a message and under a number."
            )
            raise refused(words, code=SEGMENT_SEQUENCE, location="RGS^2" if several else "AIS^2^4")
        return sum(map(_minutes, services))
    return _minutes(arrival)


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
