"""Reports of people who do not exist."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from reporting.render.content import (
    ElectronicSignature,
    Exam,
    Letterhead,
    MeasurementRow,
    PatientIdentity,
    Provenance,
    ReportContent,
    ReportKind,
    Section,
)

BERLIN = ZoneInfo("Europe/Berlin")
SIGNED_AT = datetime(2026, 11, 21, 14, 3, 27, tzinfo=BERLIN)
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

SIGNATURE = ElectronicSignature(
    "Dr. med. Jürgen Weiß", SIGNED_AT, "Europe/Berlin", "Final report, signed electronically by"
)
FINDINGS = (
    "Nodule in the right upper lobe, 14 × 11 mm. No node ≥ 10 mm, no effusion.\n"
    "- Größe unverändert\n"
    "- Signal Ω → β unchanged"
)

FINAL = ReportContent(
    site=Letterhead("Klinikum Nordstadt", ("Department of Radiology", "Lindenallee 12, 20099 Hamburg")),
    patient=PatientIdentity("MÜLLER-LÜDENSCHEIDT, Änne", "NS-0048213", "NORDSTADT", date(1956, 3, 12), "F"),
    exam=Exam(
        ("NS26-000417", "NS26-000418"),
        ("CT chest with contrast", "CT abdomen"),
        date(2026, 11, 20),
        "Dr. Olga Petrova, ward 7B",
        "Urgent",
        "Growth of the known nodule?",
    ),
    sections=(Section("Findings", FINDINGS), Section("Impression", "Growing nodule, suspicious.")),
    kind=ReportKind.FINAL,
    version_number=3,
    measurements=(
        MeasurementRow(
            "Nodule, long axis",
            "14.2",
            "mm",
            Provenance("Length", "Dr. med. Jürgen Weiß", "2026-11-21 13:51", "Series 3, image 118"),
        ),
        MeasurementRow("Nodule, mean density", "34 ± 11", "HU", Provenance(tool="ROI")),
    ),
    signature=SIGNATURE,
    content_sha256=DIGEST,
)


def of_kind(kind: ReportKind, **changes: Any) -> ReportContent:
    """The example as another kind of version; a draft has no signature."""
    signature = None if kind is ReportKind.DRAFT else SIGNATURE
    return replace(FINAL, kind=kind, signature=signature, **changes)


def saying(text: str) -> ReportContent:
    """The example with `text` as its findings."""
    return replace(FINAL, sections=(Section("Findings", text),))
