"""What codes mean here, as data with their source. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Control:
    """ORC-1 (table 0119): what is done, and how that is answered. An empty verb is never done."""

    code: str
    words: str
    verb: str
    did: str
    unable: str


CONTROLS: Final = {
    row.code: row
    for row in (
        Control("NW", "New order", "place", "OK", "UA"),
        Control("XO", "Change order", "change", "XR", "UX"),
        Control("CA", "Cancel order", "cancel", "CR", "UC"),
        Control("OC", "Order was cancelled", "cancel", "CR", "UC"),
        Control("DC", "Discontinue order", "discontinue", "DR", "UD"),
        Control("OD", "Order was discontinued", "discontinue", "DR", "UD"),
        Control("RP", "Replace order (with one or more RO, or in itself)", "replace", "RQ", "UM"),
        Control("SC", "Status changed (ORC-5)", "note", "OK", "UA"),
        Control("NA", "Number assigned (to an order that was sent with SN)", "number", "OK", "UA"),
        Control("HD", "Hold order", "", "", "UH"),
        Control("RL", "Release a held order", "", "", "UR"),
    )
}
REPLACEMENT: Final = "RO"


def unable(code: str) -> str:
    """ORC-1 of the answer to an order that is not done; of RO, and of what is in no table, that it is not taken."""
    control = CONTROLS.get(code)
    return control.unable if control else "UA"


# ORC-5 with ORC-1 SC (table 0038): what ends an order at the placer ends it here; the rest our devices tell us.
STATUS_VERBS: Final = {"CA": "cancel", "DC": "discontinue"}

# table 0485 and TQ1-9, to (0040,1003) (RAD TF-2 4.4.4.1.2.4), then the words that systems send in their place
PRIORITIES: Final = {
    "S": "STAT",
    "A": "HIGH",
    "P": "HIGH",
    "C": "HIGH",
    "R": "ROUTINE",
    "T": "MEDIUM",
    "PRN": "ROUTINE",
    **dict.fromkeys(("STAT", "EMERGENCY", "EMERGENT"), "STAT"),
    **dict.fromkeys(("ASAP", "URGENT", "HIGH", "PREOP", "CALLBACK"), "HIGH"),
    **dict.fromkeys(("MEDIUM", "TIMED"), "MEDIUM"),
    **dict.fromkeys(("ROUTINE", "NORMAL", "ELECTIVE"), "ROUTINE"),
    "LOW": "LOW",
}
# table 0485: timing critical within so many seconds, minutes, hours, days, weeks, months (TS60)
TIMED: Final = re.compile(r"T[SMHDWL]\d{1,4}")
# OBR-30 (table 0124): how the patient comes
TRANSPORTS: Final = {
    "CART": "by bed or trolley",
    "PORT": "the device goes to the patient",
    "WALK": "walks",
    "WHLC": "by wheelchair",
}
# OBR-12, where it says that there is no danger
HARMLESS: Final = frozenset({"N", "NO", "NONE"})
# AL1-3, where it says that no allergy is known: codes of SNOMED CT (AL1-3.3), and how systems write it
SNOMED: Final = frozenset({"SCT", "SCT2", "SNM", "SNM3", "SNOMED", "SNOMED CT", "SNOMED-CT", "2.16.840.1.113883.6.96"})
NO_ALLERGIES: Final = {
    "716186003": "No known allergy",
    "160244002": "No known allergies (retired)",
    "409137002": "No known drug allergy",
    "428197003": "No known insect allergy",
    "428607008": "No known environmental allergy",
    "429625007": "No known food allergy",
    "716184000": "No known latex allergy",
    "716220001": "No known animal allergy",
}
NO_ALLERGY: Final = re.compile(
    r"N\.?K\.?[ADFLME]?\.?A\.?|NONE( KNOWN)?|NO|KEINE"
    r"|(NO|NONE|NO ACTIVE|NOT)( KNOWN| REPORTED| RECORDED)?( [A-Z]+)? ALLERG(Y|IES|IC REACTIONS?)"
    r"( KNOWN| REPORTED| RECORDED)?( \([A-Z ]+\))?"
    r"|KEINE (BEKANNTEN? )?([A-Z]+-?)?ALLERGIEN?( BEKANNT)?"
)
# table 0001, then what systems write in its place (X: neither, since 2.7)
SEXES: Final = {
    "F": "F",
    "M": "M",
    "O": "O",
    "U": "",
    "A": "O",
    "N": "O",
    "X": "O",
    "FEMALE": "F",
    "MALE": "M",
    "OTHER": "O",
    "UNKNOWN": "",
    "UNK": "",
}
# CX.5 (table 0203): the types that number a person, and those that do where CX.4 says who gave the number. Any other is
# of something else, and may be shared: a newborn has the account (AN) of its mother, a family one card (HC, MC).
PERSON_TYPES: Final = {
    "": "no type given",
    "MR": "Medical record number",
    "MRT": "Temporary medical record number",
    "PI": "Patient internal identifier",
    "PT": "Patient external identifier",
    "PE": "Living subject enterprise number",
    "PN": "Person number",
    "PNT": "Temporary living subject number",
    "LR": "Local registry ID",
    "U": "Unspecified identifier",
    "MRN": "Medical record number, as some systems write it",
    "CMRN": "Community medical record number (Cerner)",
    "EPI": "Enterprise patient identifier (Epic)",
    "EMPI": "Enterprise patient identifier, as some systems write it",
}
REGISTER_TYPES: Final = {
    "NI": "National unique individual identifier",
    "NNxxx": "National person identifier, xxx the country (ISO 3166)",
    "NH": "National health plan identifier",
    "JHN": "Jurisdictional health number",
    "SS": "Social security number",
    "SR": "State registry ID",
    "RRI": "Regional registry ID",
    "PPN": "Passport number",
}
NATIONAL: Final = "NNXXX"


def numbers_a_person(code: str, *, authority: bool) -> bool:
    """Whether a CX of this type (CX.5) is a number of a person; `authority`: CX.4 says who gave it."""
    known = code.upper()
    national = len(known) == len(NATIONAL) and known.startswith("NN")
    return known in PERSON_TYPES or (authority and (national or known in REGISTER_TYPES))


SIDES: Final = {
    "R": "R",
    "RT": "R",
    "RIGHT": "R",
    "L": "L",
    "LT": "L",
    "LEFT": "L",
    "B": "B",
    "BIL": "B",
    "BILATERAL": "B",
}
# OBX-3 (LOINC): what answers a question of safety; eGFR by MDRD and CKD-EPI, pregnancy status
OBSERVED: Final = {
    "33914-3": "egfr",
    "48642-3": "egfr",
    "48643-1": "egfr",
    "62238-1": "egfr",
    "77147-7": "egfr",
    "88293-6": "egfr",
    "88294-4": "egfr",
    "98979-8": "egfr",
    "11449-6": "pregnancy",
    "82810-3": "pregnancy",
}
# OBX-5: answers of LOINC, of SNOMED CT, of table 0136, in words
ANSWERS_OF: Final = {
    "LA15173-0": "yes",
    "77386006": "yes",
    "Y": "yes",
    "YES": "yes",
    "LA26683-5": "no",
    "60001007": "no",
    "N": "no",
    "NO": "no",
    "LA4489-6": "possible",
    "U": "possible",
}
# OBX-11 (table 0085): results that stand
STANDING: Final = frozenset({"", "F", "P", "C", "R"})
# PV1-15 (table 0009)
PREGNANT: Final = "B6"
# AL1-4 (table 0128)
SEVERITIES: Final = {"SV": "severe", "MO": "moderate", "MI": "mild"}
# PV1-2 (table 0004)
CLASSES: Final = frozenset("EIOPRBCNU")
# UCUM of SCH-10 and AIS-8 (s, min, h), and what schedulers write, in seconds
SECONDS: Final = {
    "": 60,
    **dict.fromkeys(("S", "SEC", "SECS", "SECOND", "SECONDS"), 1),
    **dict.fromkeys(("MIN", "M", "MINS", "MINUTE", "MINUTES"), 60),
    **dict.fromkeys(("H", "HR", "HRS", "HOUR", "HOURS"), 3600),
}


MERGE: Final = "ADT^A40"
# Where somebody lies (chapter 3.3.2, 3.3.6, 3.3.7, 3.3.12)
MOVES: Final = {
    "ADT^A02": "Transfer",
    "ADT^A06": "Outpatient becomes inpatient",
    "ADT^A07": "Inpatient becomes outpatient",
    "ADT^A12": "Cancel transfer",
}
# Of a stay or visit and of nothing that is kept here (chapter 3.3)
NOTED: Final = {
    "ADT^A03": "Discharge",
    "ADT^A09": "Departing (tracking)",
    "ADT^A10": "Arriving (tracking)",
    "ADT^A13": "Cancel discharge",
    "ADT^A14": "Pending admit",
    "ADT^A15": "Pending transfer",
    "ADT^A16": "Pending discharge",
    "ADT^A21": "Goes on leave",
    "ADT^A22": "Returns from leave",
    "ADT^A23": "Delete visit",
    "ADT^A25": "Cancel pending discharge",
    "ADT^A26": "Cancel pending transfer",
    "ADT^A27": "Cancel pending admit",
    "ADT^A32": "Cancel arriving",
    "ADT^A33": "Cancel departing",
    "ADT^A52": "Cancel leave",
    "ADT^A53": "Cancel return from leave",
}


@dataclass(frozen=True, slots=True)
class Event:
    """MSH-9 and what it does here."""

    kind: str
    words: str
    does: str
    waits: str = ""


EVENTS: Final = (
    Event("ORM^O01", "General order", "by ORC-1, below", "for the patient; changes for their order"),
    Event("OMI^O23", "Imaging order", "by ORC-1, below", "for the patient; changes for their order"),
    Event("OMG^O19", "General clinical order", "by ORC-1, below", "for the patient; changes for their order"),
    Event("ADT^A01", "Admit", "registers the patient, or takes over what changed"),
    Event("ADT^A04", "Register", "registers the patient, or takes over what changed"),
    Event("ADT^A05", "Pre-admit", "registers the patient, or takes over what changed"),
    Event("ADT^A28", "Add person", "registers the patient, or takes over what changed"),
    Event("ADT^A08", "Update patient", "takes over what changed", "for the patient"),
    Event("ADT^A31", "Update person", "takes over what changed", "for the patient"),
    Event(
        MERGE,
        "Merge patients",
        "merges each MRG-1 into the PID-3 above it, all of the message or none; adds new numbers of PID-3",
        "for the patient of MRG-1",
    ),
    Event(
        "ADT^A47",
        "Change patient number",
        "adds new numbers of PID-3, retires those of MRG-1 that PID-3 does not repeat",
        "for the patient of MRG-1",
    ),
    Event("ADT^A11", "Cancel admit", "is noted; a person stays registered, orders have their own cancel"),
    Event("ADT^A38", "Cancel pre-admit", "is noted; a person stays registered, orders have their own cancel"),
    Event("ADT^A29", "Delete person", "is noted; the record stays, for what was ordered and reported"),
    *(Event(kind, words, "tells the ward (PV1-3) to the exams that wait") for kind, words in MOVES.items()),
    *(Event(kind, words, "is noted; no stays are kept") for kind, words in NOTED.items()),
    Event(
        "SIU^S12",
        "New appointment",
        "books the orders of SCH-26: the exams that AIS-3 names, else all that wait",
        "for the orders",
    ),
    Event("SIU^S13", "Appointment moved", "moves it", "for the appointment"),
    Event("SIU^S14", "Appointment changed", "moves it where time, room or length differ", "for the appointment"),
    Event("SIU^S15", "Appointment cancelled", "cancels it; the exam waits to be scheduled", "for the appointment"),
    Event("SIU^S26", "Patient did not come", "marks it missed", "for the appointment"),
    Event("ORU^R01", "Study available", "asks the archive for the study of OBX 113014, IPC-3 or ZDS-1"),
)
