"""What a report page says: frozen, complete, and checked before anything is drawn."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

SHA256_HEX = re.compile(r"[0-9a-f]{64}")
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


class ReportKind(StrEnum):
    """The kinds of a report version, and the draft that precedes them."""

    DRAFT = "draft"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    ADDENDUM = "addendum"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True)
class Letterhead:
    """Who reports; `logo` is a picture that was checked and drawn anew."""

    name: str
    address_lines: tuple[str, ...] = ()
    phone: str = ""
    logo: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class PatientIdentity:
    """Whose report this is; printed at the head of every page. `sex` is M, F, O or empty."""

    display_name: str
    patient_id: str
    issuer: str
    birth_date: date | None
    sex: str


@dataclass(frozen=True)
class Exam:
    """What was asked and done; `accession_numbers` are exactly the ones this report answers."""

    accession_numbers: tuple[str, ...]
    procedures: tuple[str, ...]
    study_date: date | None
    referrer: str = ""
    priority: str = ""
    clinical_question: str = ""

    def __post_init__(self) -> None:
        if not self.accession_numbers:
            raise ValueError("a report answers at least one accession number")


class Fact(NamedTuple):
    """A filled field as it is printed: what it is, and its value with its unit."""

    label: str
    text: str


class Section(NamedTuple):
    title: str
    text: str
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Provenance:
    """Where a number came from: measuring tool, person or device, instant as text, series/image as text.

    `note` is what a reader must know of it: how it was converted or may not be read, what it was before.
    """

    tool: str = ""
    observer: str = ""
    time: str = ""
    image: str = ""
    note: str = ""


class Drawn(NamedTuple):
    """A shape on a key image: `points` are (column, row) in its pixels, from the outer corner of the first."""

    type: str
    points: tuple[tuple[float, float], ...]
    words: str = ""


class Picture(NamedTuple):
    """A key image: which one, in words, its JPEG, its size in pixels, and what was measured on it."""

    words: str
    jpeg: bytes
    size: tuple[int, int] = (0, 0)
    drawn: tuple[Drawn, ...] = ()


class Prior(NamedTuple):
    """The same lesion's number before: value with unit, its day, and the change in words, such as "+18 %"."""

    value: str
    day: str
    change: str = ""


@dataclass(frozen=True)
class MeasurementRow:
    """One measured value; `value` is the text as it was reviewed, `unit` its printed unit."""

    label: str
    value: str
    unit: str
    provenance: Provenance = field(default_factory=Provenance)
    prior: Prior | None = None


@dataclass(frozen=True)
class ElectronicSignature:
    """Printed name, instant and meaning of the signing (21 CFR 11.50).

    `signed_at` is aware and printed in its own offset; `zone` is the IANA name of that offset's zone.
    """

    display_name: str
    signed_at: datetime
    zone: str
    meaning: str

    def __post_init__(self) -> None:
        if self.signed_at.utcoffset() is None:
            raise ValueError("a signing instant needs its time zone")


@dataclass(frozen=True)
class ReportContent:
    """Everything one version's PDF is drawn from; equal contents give identical bytes.

    `content_sha256` is the digest of the signed content, 64 lower-case hex digits (21 CFR 11.70 binds it
    into the PDF); it may be empty for a draft only. `verify_url` is where anybody may ask whether this version is
    still the current one. `language` is a BCP 47 tag.
    """

    site: Letterhead
    patient: PatientIdentity
    exam: Exam
    sections: tuple[Section, ...]
    kind: ReportKind
    version_number: int
    measurements: tuple[MeasurementRow, ...] = ()
    key_images: tuple[Picture, ...] = ()
    signature: ElectronicSignature | None = None
    content_sha256: str = ""
    verify_url: str = ""
    language: str = "en"

    def __post_init__(self) -> None:
        if (self.kind is ReportKind.DRAFT) != (self.signature is None):
            raise ValueError("every version but a draft is signed, and a draft is not")
        if self.signature is not None and not SHA256_HEX.fullmatch(self.content_sha256):
            raise ValueError("a signed version carries the SHA-256 of its content in lower-case hex")
        if not LANGUAGE_TAG.fullmatch(self.language):
            raise ValueError(f"not a language tag: {self.language!r}")
