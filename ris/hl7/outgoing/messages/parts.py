"""What a message says, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ris.hl7.outgoing.messages.tables import Coded


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A patient as they are sent out: `number` of the site's issuer; `name` is a PN (PS3.5 §6.2.1)."""

    number: str
    issuer: str
    name: str
    birth_date: str = ""
    sex: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """When and where an exam is done; `moment` is aware, on the site's clock."""

    moment: datetime
    minutes: int
    room: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """A requested procedure with the numbers that it is known by (IHE RAD-4)."""

    placer_number: str
    filler_number: str
    accession_number: str
    accession_issuer: str
    requested_procedure_id: str
    step_id: str
    study_instance_uid: str
    code: Coded
    modality: str
    placer_issuer: str = ""
    patient_class: str = ""
    visit_number: str = ""
    visit_issuer: str = ""
    priority: str = "ROUTINE"
    reason: str = ""
    referrer: str = ""
    slot: Slot | None = None
    wanted: datetime | None = None
    observed_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A measurement: `unit` is UCUM."""

    code: Coded
    value: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Critical:
    """A finding that somebody must be told, by its category of 1 to 3."""

    category: int
    finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a version of a report says: `kind` as in REPORT_STATUS; `sections` are (code, title, text)."""

    kind: str
    signed_at: datetime
    signer_id: str = ""
    signer_name: str = ""
    sections: Sequence[tuple[Coded, str, str]] = ()
    numbers: Sequence[Number] = ()
    criticals: Sequence[Critical] = ()
    note: str = ""
    pdf: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An appointment: its number, state and time, and what is done then. `placer` is the receiver's own number."""

    number: str
    status: str
    slot: Slot
    exams: Sequence[Exam]
    reason: str = ""
    placer: str = ""


def day(moment: date | None) -> str:
    """DT: 20261121; empty when it is not known."""
    return f"{moment:%Y%m%d}" if moment else ""
