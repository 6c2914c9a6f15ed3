"""Appointment (R4 §12.10), Schedule (§12.12) and Slot (§12.13): a room's time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ris.fhir.mapping.datatypes import DCM, House, Json, coding, concept, identifier, instant, reference, told

# Ours are FHIR's own (ris/scheduling/lifecycle.py).
STATUSES: Final = {name: name for name in ("booked", "arrived", "fulfilled", "cancelled", "noshow", "entered-in-error")}
MINUTE: Final = "%Y%m%d%H%M"
# Nothing is booked so late; near the end of the calendar there is no hour later.
LAST_YEAR: Final = 2200


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentFacts:
    """`room`: (id, name). `requests`: ids of its requested procedures; `exams`: what they are called. `holds`: whether
    its time in the room is taken."""

    key: int
    state: str
    patient: int
    room: tuple[int, str]
    start: datetime
    end: datetime
    requests: Sequence[int]
    exams: Sequence[str]
    cancel_reason: str
    placed_at: datetime | None
    wanted: datetime | None
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFacts:
    key: int
    name: str
    modality: str
    site: str
    active: bool


def appointment(facts: AppointmentFacts, house: House) -> Json:
    key, name = facts.room
    room = {"identifier": identifier(house.system("room"), str(key)), "display": name}
    return told(
        resourceType="Appointment",
        id=str(facts.key),
        status=STATUSES[facts.state],
        cancelationReason=concept(text=facts.cancel_reason),
        serviceType=[concept(text=exam) for exam in facts.exams],
        start=instant(facts.start),
        end=instant(facts.end),
        minutesDuration=int((facts.end - facts.start).total_seconds() // 60),
        slot=[reference("Slot", slot_key(key, facts.start, facts.end))] if facts.holds else [],
        created=instant(facts.placed_at),
        basedOn=[reference("ServiceRequest", request) for request in facts.requests],
        requestedPeriod=[{"start": instant(facts.wanted)}] if facts.wanted else [],
        participant=[
            {"actor": reference("Patient", facts.patient), "status": "accepted"},
            {"actor": room, "status": "accepted"},
        ],
    )


def schedule(facts: RoomFacts, house: House) -> Json:
    actor = {"identifier": identifier(house.system("room"), str(facts.key)), "display": f"{facts.name}, {facts.site}"}
    modality = concept(coding(DCM, facts.modality), text=facts.modality)
    return told(resourceType="Schedule", id=str(facts.key), active=facts.active, serviceType=[modality], actor=[actor])


def slot_key(room: int, start: datetime, end: datetime) -> str:
    """The room and the span say all that there is of a slot: 3-202611230800-202611231000, in UTC."""
    return f"{room}-{start.astimezone(UTC):{MINUTE}}-{end.astimezone(UTC):{MINUTE}}"


def slot_of_key(key: str) -> tuple[int, datetime, datetime] | None:
    """(room, start, end); None when the key is none of ours."""
    parts = key.split("-")
    try:
        room, start, end = int(parts[0]), *(datetime.strptime(part, MINUTE).replace(tzinfo=UTC) for part in parts[1:])
    except ValueError:
        return None
    ours = room < 2**63 and start < end and end.year < LAST_YEAR and slot_key(room, start, end) == key
    return (room, start, end) if ours else None


def slot(room: int, start: datetime, end: datetime, *, free: bool) -> Json:
    return told(
        resourceType="Slot",
        id=slot_key(room, start, end),
        schedule=reference("Schedule", room),
        status="free" if free else "busy",
        start=instant(start),
        end=instant(end),
    )
