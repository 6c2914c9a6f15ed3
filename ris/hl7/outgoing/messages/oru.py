"""ORU^R01: a version of a report, for one accession number (§7.3.1; IHE RAD-128)."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence

from ris.hl7.er7 import Segment, segment
from ris.hl7.er7.building import Value, timestamp
from ris.hl7.outgoing.messages.parts import Exam, Number, Person, Said
from ris.hl7.outgoing.messages.segments import coded, interpreter, obr_values, orc, pid, pv1
from ris.hl7.outgoing.messages.tables import (
    ACTIONABLE,
    COMMUNICATION,
    DOCUMENT,
    REPORT_STATUS,
    STUDY,
    UCUM,
    Coded,
    OrderNews,
)

Observation = tuple[str, Coded, Value, dict[int, Value]]


def report(person: Person, exams: Sequence[Exam], said: Said) -> list[Segment]:
    """All but MSH. Of several exams under one accession number each has its ORC, OBR and OBX; the first has the PDF."""
    status = REPORT_STATUS[said.kind]
    news, at = OrderNews("RE", status.order, ""), timestamp(said.signed_at)
    found = [pid(person), pv1(exams[0])]
    for number, exam in enumerate(exams, start=1):
        found += [orc(exam, news, at), _obr(exam, said, number)]
        found += [segment("NTE", {1: "1", 2: "L", 3: said.note})] if said.note else []
        seen = list(_observations(exam, said, with_pdf=number == 1))
        found += [_obx(place, one, status.observation) for place, one in enumerate(seen, start=1)]
    return found


def _obr(exam: Exam, said: Said, number: int) -> Segment:
    """OBR-22 when it was signed, OBR-25 its status, OBR-32 who answers for it."""
    known = obr_values(exam, number)
    more: dict[int, Value] = {
        22: timestamp(said.signed_at),
        25: REPORT_STATUS[said.kind].result,
        32: interpreter(said.signer_id, said.signer_name),
    }
    return segment("OBR", known | more)


def _observations(exam: Exam, said: Said, *, with_pdf: bool) -> Iterator[Observation]:
    yield "ST", STUDY, exam.study_instance_uid, {}
    for number, (code, title, text) in enumerate(said.sections, start=1):
        yield "TX", (code[0], title, code[2]), lines(text), {4: str(number)}
    for number, critical in enumerate(said.criticals, start=1):
        category = ACTIONABLE[critical.category]
        yield "CWE", COMMUNICATION, coded(category.code), {4: f"{number}.1", 8: category.flag}
        yield "TX", COMMUNICATION, lines(critical.finding), {4: f"{number}.2", 8: category.flag}
    for number, measured in enumerate(said.numbers, start=1):
        yield "NM", measured.code, written(measured), {4: str(number), 6: (measured.unit, measured.unit, UCUM)}
    if said.pdf and with_pdf:
        encoded = base64.b64encode(said.pdf).decode("ascii")
        yield "ED", DOCUMENT, ("", "application", "pdf", "Base64", encoded), {}


def _obx(place: int, observation: Observation, status: str) -> Segment:
    """OBX-2 type, OBX-3 what, OBX-4 which of several, OBX-5 value, OBX-6 unit, OBX-8 flag, OBX-11 status (§7.4.2)."""
    kind, code, value, more = observation
    return segment("OBX", {1: str(place), 2: kind, 3: coded(code), 5: value, 11: status} | more)


def lines(text: str) -> Value:
    """TX: a repetition for each line (§2.A.78)."""
    found: list[str] = text.strip().splitlines()
    return [*found] if len(found) > 1 else "".join(found)


def written(number: Number) -> str:
    """NM: digits without an exponent (§2.A.47)."""
    return f"{number.value:.6f}".rstrip("0").rstrip(".")
