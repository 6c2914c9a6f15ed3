"""Segments that several messages share, each field with its source (HL7 v2.5.1; IHE RAD TF-2 RAD-3, RAD-4)."""

from __future__ import annotations

from ris.hl7.er7 import Segment, segment
from ris.hl7.er7.building import One, Part, Value, timestamp
from ris.hl7.outgoing.messages.parts import Exam, Person
from ris.hl7.outgoing.messages.tables import OWN_SCHEME, PRIORITY, SCHEMES, SEX, Coded, OrderNews

# XPN-8 and XCN-15 (table 0465) of the three groups of a PN.
REPRESENTATIONS = ("A", "I", "P")
Names = tuple[Part, ...]


def pid(person: Person) -> Segment:
    """PID-3 number^^^issuer^PI, PID-5 a repetition for each script, PID-7, PID-8 (§3.4.2)."""
    return segment(
        "PID",
        {
            1: "1",
            3: (person.number, "", "", authority(person.issuer), "PI"),
            5: names(person.name),
            7: person.birth_date,
            8: SEX.get(person.sex, "U"),
        },
    )


def pv1(exam: Exam) -> Segment:
    """PV1-2 patient class, U where nobody told it; PV1-8 who sent them; PV1-19 number^^^issuer^VN (§3.4.3)."""
    number = exam.visit_number
    visit = (number, "", "", authority(exam.visit_issuer), "VN") if number else ""
    return segment("PV1", {1: "1", 2: exam.patient_class or "U", 8: doctor("", exam.referrer), 19: visit})


def authority(issuer: str) -> Part:
    """HD as a component: a namespace, or an OID as namespace&oid&ISO."""
    bare = issuer.replace(".", "")
    return ("", issuer, "ISO") if "." in issuer and bare.isdecimal() else issuer


def assigner(issuer: str) -> Names:
    """EI-2 to EI-4 of a number, by who gave it."""
    found = authority(issuer)
    return found if isinstance(found, tuple) else (found,)


def names(pn: str) -> Value:
    """XPN: FAMILY^Given^Middle^suffix^prefix^^L^representation, from FAMILY^Given^Middle^prefix^suffix."""
    groups = pn.split("=")
    found: list[One] = []
    for group, representation in zip(groups, REPRESENTATIONS, strict=False):
        if group:
            family, given, middle, prefix, suffix = (*group.split("^"), "", "", "", "", "")[:5]
            code = representation if len([one for one in groups if one]) > 1 else ""
            found.append((family, given, middle, suffix, prefix, "", "L", code))
    return found


def doctor(identifier: str, pn: str) -> Value:
    """XCN: id^family^given^middle^suffix^prefix; empty when nobody is known."""
    family, given, middle, prefix, suffix = (*pn.split("=", maxsplit=1)[0].split("^"), "", "", "", "", "")[:5]
    return (identifier, family, given, middle, suffix, prefix) if identifier or family else ""


def interpreter(identifier: str, name: str) -> Value:
    """OBR-32 NDL: a CNN id&family&given in the first component (§2.A.47)."""
    return ((identifier, name),) if name else ""


def coded(code: Coded) -> One:
    """CE: code^text^scheme."""
    value, text, scheme = code
    return (value, text, SCHEMES.get(scheme, scheme or OWN_SCHEME))


def timing(exam: Exam) -> One:
    """TQ: start in its fourth component, priority in its sixth (ORC-7, OBR-27; §4.3).

    Without an appointment the start is the time from which the exam is wanted.
    """
    moment = exam.slot.moment if exam.slot else exam.wanted
    start = timestamp(moment) if moment else ""
    return ("", "", f"M{exam.slot.minutes}" if exam.slot else "", start, "", PRIORITY.get(exam.priority, "R"))


def numbered(value: str, issuer: str) -> One:
    """EI; nothing of it when there is no number."""
    return (value, *assigner(issuer)) if value else ""


def orc(exam: Exam, news: OrderNews, at: str) -> Segment:
    """ORC-1 control, ORC-2 placer, ORC-3 filler, ORC-5 status, ORC-7 timing, ORC-9 when, ORC-12 by whom (§4.5.1)."""
    return segment(
        "ORC",
        {
            1: news.control,
            2: numbered(exam.placer_number, exam.placer_issuer),
            3: numbered(exam.filler_number, exam.accession_issuer),
            5: news.status,
            7: timing(exam),
            9: at,
            12: doctor("", exam.referrer),
        },
    )


def obr_values(exam: Exam, number: int) -> dict[int, Value]:
    """OBR as IHE RAD-4 fills it: OBR-18 accession, OBR-19 requested procedure, OBR-20 step, OBR-24 modality, OBR-44."""
    code = coded(exam.code)
    return {
        1: str(number),
        2: numbered(exam.placer_number, exam.placer_issuer),
        3: numbered(exam.filler_number, exam.accession_issuer),
        4: code,
        7: exam.observed_at,
        16: doctor("", exam.referrer),
        18: exam.accession_number,
        19: exam.requested_procedure_id,
        20: exam.step_id,
        24: exam.modality,
        27: timing(exam),
        31: ("", exam.reason) if exam.reason else "",
        44: code,
    }


def zds(exam: Exam) -> Segment:
    """ZDS-1, the Study Instance UID (IHE RAD TF-2, RAD-4)."""
    return segment("ZDS", {1: (exam.study_instance_uid, "ISOCENTER", "Application", "DICOM")})
