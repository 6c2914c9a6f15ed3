"""SIU^S12 to S15 and S26: appointments (§10.4, §10.6)."""

from __future__ import annotations

from collections.abc import Sequence

from ris.hl7.er7 import Segment, segment
from ris.hl7.er7.building import Value, timestamp
from ris.hl7.outgoing.messages.parts import Exam, Person, Visit
from ris.hl7.outgoing.messages.segments import coded, numbered, pid, pv1


def _orders(exams: Sequence[Exam]) -> tuple[Value, Value]:
    """SCH-26 and SCH-27, each a repetition for every order (§10.6.1.26, §10.6.1.27): the same place is the same order.

    SCH-26 is empty where no placer has a number of any.
    """
    found = {(one.filler_number, one.accession_issuer): (one.placer_number, one.placer_issuer) for one in exams}
    placers = [numbered(*placer) for placer in found.values()]
    return placers if any(number for number, _issuer in found.values()) else "", [numbered(*one) for one in found]


def schedule(person: Person, visit: Visit) -> list[Segment]:
    """All but MSH: SCH, PID, PV1, RGS, an AIS for each exam, AIL for the room."""
    slot = visit.slot
    start, minutes = timestamp(slot.moment), str(slot.minutes)
    first, placers, fillers = visit.exams[0], *_orders(visit.exams)
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
            26: placers,
            27: fillers,
        },
    )
    services = [
        segment("AIS", {1: str(place), 3: coded(exam.code), 4: start, 7: minutes, 8: "min"})
        for place, exam in enumerate(visit.exams, start=1)
    ]
    room = [segment("AIL", {1: "1", 3: ("", slot.room), 6: start, 9: minutes, 10: "min"})] if slot.room else []
    return [sch, pid(person), pv1(first), segment("RGS", {1: "1"}), *services, *room]
