"""SIU^S12 to S15 and S26: appointments (§10.4, §10.6)."""

from __future__ import annotations

from ris.hl7.er7 import Segment, segment
from ris.hl7.er7.building import timestamp
from ris.hl7.outgoing.messages.parts import Person, Visit
from ris.hl7.outgoing.messages.segments import coded, numbered, pid, pv1


def schedule(person: Person, visit: Visit) -> list[Segment]:
    """All but MSH: SCH, PID, PV1, RGS, an AIS for each exam, AIL for the room."""
    slot = visit.slot
    start, minutes = timestamp(slot.moment), str(slot.minutes)
    first = visit.exams[0]
    sch = segment(
        "SCH",
        {
            1: visit.placer,
            2: numbered(visit.number, first.accession_issuer),
            6: ("", visit.reason) if visit.reason else "ROUTINE",
            7: ("", first.reason) if first.reason else "",
            9: minutes,
            10: ("min", "minute", "UCUM"),
            11: ("", "", f"M{minutes}", start),
            16: ("", "ISOCENTER"),
            20: ("", "ISOCENTER"),
            25: visit.status,
            26: numbered(first.placer_number, first.placer_issuer),
            27: numbered(first.filler_number, first.accession_issuer),
        },
    )
    services = [
        segment("AIS", {1: str(place), 3: coded(exam.code), 4: start, 7: minutes, 8: "min"})
        for place, exam in enumerate(visit.exams, start=1)
    ]
    room = [segment("AIL", {1: "1", 3: ("", slot.room), 6: start, 9: minutes, 10: "min"})] if slot.room else []
    return [sch, pid(person), pv1(first), segment("RGS", {1: "1"}), *services, *room]
