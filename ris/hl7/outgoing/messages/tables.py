"""What is said in codes, as data: HL7 v2.5.1, IHE RAD TF-2, LOINC, RadLex. docs/conformance/hl7.md is drawn from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Coded = tuple[str, str, str]

KINDS: Final = [("report", "Report"), ("order", "Order"), ("appointment", "Appointment")]
ORDER_FORMS: Final = [
    ("ORM^O01", "ORM^O01 (IHE RAD-3)"),
    ("OMG^O19", "OMG^O19 (v2.5.1 §4.4.4)"),
    ("OMI^O23", "OMI^O23 (v2.5.1 §4.4.8)"),
]
STRUCTURES: Final = {"ORU^R01": "ORU_R01", "ORM^O01": "ORM_O01", "OMG^O19": "OMG_O19", "OMI^O23": "OMI_O23"}
SIU_STRUCTURE: Final = "SIU_S12"  # for S12 to S26 alike (v2.5.1 §10.4)


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """How a version of a report is marked: OBR-25 (table 0123), OBX-11 (0085), ORC-5 (0038)."""

    result: str
    observation: str
    order: str
    meaning: str


REPORT_STATUS: Final[dict[str, ReportStatus]] = {
    "preliminary": ReportStatus("P", "P", "IP", "Signed, to be confirmed"),
    "final": ReportStatus("F", "F", "CM", "Signed"),
    "addendum": ReportStatus("C", "C", "CM", "With an addendum; the original is unchanged"),
    "correction": ReportStatus("C", "C", "CM", "Replaces what was sent before"),
    "withdrawal": ReportStatus("X", "W", "IP", "What was sent does not count; the exam is read again"),
}
REPORT_EVENTS: Final = ("report.signed", "report.addended", "report.corrected", "report.withdrawn")


@dataclass(frozen=True, slots=True)
class OrderNews:
    """What a placer is told: ORC-1 (table 0119) and ORC-5 (table 0038)."""

    control: str
    status: str
    meaning: str


ORDER_NEWS: Final[dict[str, OrderNews]] = {
    "order.number-wanted": OrderNews("SN", "SC", "The department placed the order: its placer's number is asked for"),
    "appointment.booked": OrderNews("SC", "SC", "The exam has a time"),
    "appointment.moved": OrderNews("SC", "SC", "The exam has another time"),
    "appointment.restored": OrderNews("SC", "SC", "A missed exam stands again"),
    "appointment.cancelled": OrderNews("SC", "HD", "The exam waits for a new time"),
    "step.started": OrderNews("SC", "IP", "The exam has begun"),
    "step.put-back": OrderNews("SC", "SC", "The exam waits again: it was begun by mistake"),
    "step.reopened": OrderNews("SC", "IP", "The exam goes on"),
    "step.completed": OrderNews("SC", "CM", "Nothing of the exam is left to do"),
    "step.discontinued": OrderNews("SC", "DC", "The exam was broken off"),
    "order.cancelled": OrderNews("OC", "CA", "The department cancelled the order"),
    "order.discontinued": OrderNews("OD", "DC", "The department broke the order off"),
}
UNFINISHED: Final = OrderNews("SC", "IP", "A part of the exam is done")
# Another order took the place of one (§4.5.1.1, notes on RU, RO, XX): the placer's number lives on in it, or it has one
# of its own, or none; then the old one is named before the new one, in one message.
REPLACED: Final = "order.replaced"
KEEPS_NUMBER: Final = OrderNews("XX", "SC", "Another exam under the same placer's number: its new numbers")
OLD_ORDER: Final = OrderNews("RU", "RP", "The department replaced the order, by the one that follows")
NEW_ORDER: Final = OrderNews("RO", "SC", "The order in its place")
# ORC-5 (table 0038) of an order as it stands
ORDER_STATES: Final = {
    "active": "SC", "in-progress": "IP", "completed": "CM", "cancelled": "CA", "discontinued": "DC", "replaced": "RP",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AppointmentNews:
    """The trigger event of SIU (§10.4) and SCH-25 (table 0278)."""

    event: str
    status: str
    meaning: str


APPOINTMENT_NEWS: Final[dict[str, AppointmentNews]] = {
    "appointment.booked": AppointmentNews("S12", "Booked", "New appointment"),
    "appointment.moved": AppointmentNews("S13", "Booked", "Another time or room"),
    "appointment.restored": AppointmentNews("S14", "Booked", "A missed appointment stands again"),
    "appointment.cancelled": AppointmentNews("S15", "Cancelled", "Cancelled"),
    "appointment.missed": AppointmentNews("S26", "Noshow", "The patient did not come"),
}

# The same of an appointment that stays as it is, and of one that is not here
APPOINTMENT_STATES: Final = {
    "booked": ("S14", "Booked"),
    "arrived": ("S14", "Booked"),
    "fulfilled": ("S14", "Complete"),
    "noshow": ("S26", "Noshow"),
    "cancelled": ("S15", "Cancelled"),
    "entered-in-error": ("S15", "Cancelled"),
}
NOT_HERE: Final = ("S15", "Cancelled")

# Sections by the beginning of their title: LOINC codes that PS3.16 CID 7001 and IHE RAD-128 use for them.
SECTIONS: Final[dict[str, Coded]] = {
    "finding": ("59776-5", "Procedure findings", "LN"),
    "impression": ("19005-8", "Radiology Imaging study [Impression]", "LN"),
    "conclusion": ("19005-8", "Radiology Imaging study [Impression]", "LN"),
    "recommendation": ("18783-1", "Radiology Study recommendation", "LN"),
    "technique": ("55111-9", "Current imaging procedure descriptions", "LN"),
    "comparison": ("18834-2", "Radiology Comparison study", "LN"),
    "indication": ("18785-6", "Radiology Reason for study", "LN"),
    "clinical": ("55752-0", "Clinical information", "LN"),
    "history": ("11329-0", "History general", "LN"),
}
OTHER_SECTION: Final[Coded] = ("18782-3", "Radiology Study observation", "LN")
ADDENDUM: Final[Coded] = ("55107-7", "Addendum Document", "LN")
STUDY: Final[Coded] = ("113014", "DICOM Study", "DCM")
DOCUMENT: Final[Coded] = ("18748-4", "Diagnostic imaging study", "LN")
COMMUNICATION: Final[Coded] = ("73568-4", "Communication of critical results", "LN")


@dataclass(frozen=True, slots=True)
class Actionable:
    """A category of the American College of Radiology as RadLex codes it, and OBX-8 (table 0078)."""

    code: Coded
    flag: str


ACTIONABLE: Final[dict[int, Actionable]] = {
    1: Actionable(("RID49480", "Category 1 actionable finding", "RADLEX"), "AA"),
    2: Actionable(("RID49481", "Category 2 actionable finding", "RADLEX"), "A"),
    3: Actionable(("RID49482", "Category 3 actionable finding", "RADLEX"), "A"),
}

# OBR-27.6 and ORC-7.6 (table 0485): our priorities are those of (0040,1003).
PRIORITY: Final = {"STAT": "S", "HIGH": "A", "MEDIUM": "T", "ROUTINE": "R", "LOW": "R"}
# PID-8 (table 0001)
SEX: Final = {"F": "F", "M": "M", "O": "O", "": "U"}
# Our coding schemes as HL7 table 0396 names them.
SCHEMES: Final = {"SCT": "SCT", "LN": "LN", "DCM": "DCM", "UCUM": "UCUM", "RADLEX": "RADLEX"}
UCUM: Final = "UCUM"
OWN_SCHEME: Final = "99ISO"


def section_code(title: str) -> Coded:
    """The LOINC code of a section by its title; of one that is not known the code of a study's observation."""
    words = title.casefold()
    return next((code for begin, code in SECTIONS.items() if words.startswith(begin)), OTHER_SECTION)
