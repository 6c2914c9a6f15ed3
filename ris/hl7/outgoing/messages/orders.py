"""ORM^O01, OMG^O19, OMI^O23: what has become of an exam that somebody ordered (§4.4.1, §4.4.4, §4.4.8; IHE RAD-3)."""

from __future__ import annotations

from collections.abc import Sequence

from ris.hl7.er7 import Segment, segment
from ris.hl7.er7.building import Value
from ris.hl7.outgoing.messages.parts import Exam, Person
from ris.hl7.outgoing.messages.segments import obr_values, orc, pid, pv1, timing, zds
from ris.hl7.outgoing.messages.tables import PRIORITY, OrderNews

RESULT = {"CM": "I", "IP": "I", "SC": "S", "HD": "O", "CA": "X", "DC": "X", "RP": "X"}
"""OBR-25 (table 0123) while there is no report: scheduled, in process, order received, no results."""


def status(form: str, person: Person, exam: Exam, news: OrderNews, at: str) -> list[Segment]:
    """All but MSH, for one requested procedure."""
    return several(form, person, [(exam, news)], at)


def several(form: str, person: Person, told: Sequence[tuple[Exam, OrderNews]], at: str) -> list[Segment]:
    """The same for several, at least one, which go together: an order and the one in its place."""
    groups = [one for exam, news in told for one in _group(form, exam, news, at)]
    return [pid(person), pv1(told[-1][0]), *groups]


def _group(form: str, exam: Exam, news: OrderNews, at: str) -> list[Segment]:
    """ORC and what goes with it. In OMG and OMI the time stands in TQ1 (§4.5.4), in ORM in ORC-7."""
    more: dict[int, Value] = {22: at, 25: RESULT[news.status]}
    head, obr = orc(exam, news, at), segment("OBR", obr_values(exam, 1) | more)
    if form == "OMG^O19":
        return [head, _tq1(exam), obr]
    if form == "OMI^O23":
        return [head, _tq1(exam), obr, _ipc(exam)]
    return [head, obr, zds(exam)]


def _ipc(exam: Exam) -> Segment:
    """IPC-1 accession, IPC-2 requested procedure, IPC-3 Study Instance UID, IPC-4 step, IPC-5 modality (§4.5.6)."""
    numbers = (exam.accession_number, exam.requested_procedure_id, exam.study_instance_uid, exam.step_id)
    return segment("IPC", {**dict(enumerate(numbers, start=1)), 5: exam.modality})


def _tq1(exam: Exam) -> Segment:
    """TQ1-7 start, TQ1-9 priority."""
    start = timing(exam)[3]
    return segment("TQ1", {1: "1", 7: start, 9: PRIORITY.get(exam.priority, "R")})
