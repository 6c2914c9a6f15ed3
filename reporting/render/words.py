"""The fixed words of a report page, per language; an unknown language is printed with English labels."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reporting.render.content import ReportKind
from reporting.render.notes import GERMAN as GERMAN_NOTES
from reporting.render.notes import Notes, compiled, translated

PLACE = re.compile(r"\b(?:series|image|frame)(?= \d)")


@dataclass(frozen=True)
class Words:
    """One language's labels; `kinds` names a version's kind, `notices` warns on pages not to be relied on.

    `meanings`: what a signature says (21 CFR 11.50). `changed`: what a correction changed beside the text.
    `places`: series, image and frame, `priorities`: those of the order, (0040,1003), `tools`: those of the viewer,
    `notes`: on numbers, where they have words of this language. `answers`: no and yes of a field. In `original_is`,
    `replaces`, `replaced` and `called` stand {number}, {signer}, {caller} and {at}, and {earlier} and {before} for the
    version that was replaced.
    """

    report: str
    patient: str
    born: str
    sex: str
    sexes: dict[str, str]
    sides: dict[str, str]
    patient_id: str
    accession: str
    page: str
    of: str
    procedure: str
    study_date: str
    referrer: str
    priority: str
    question: str
    measurements: str
    key_images: str
    measurement: str
    value: str
    source: str
    prior: str
    phone: str
    verify: str
    version: str
    unsigned: str
    fingerprint: str
    kinds: dict[ReportKind, str]
    notices: dict[ReportKind, str]
    stamps: dict[ReportKind, str]
    meanings: dict[ReportKind, str]
    addendum: str
    original: str
    original_is: str
    correction: str
    replaces: str
    replaced: str
    changed: dict[str, str]
    called: str
    key_image: str
    priorities: dict[str, str]
    places: dict[str, str]
    tools: dict[str, str]
    notes: Notes
    answers: tuple[str, str]

    def place(self, text: str) -> str:
        """ "series 3, image 61", as it is kept, in this language."""
        return PLACE.sub(lambda found: self.places.get(found[0], found[0]), text)

    def note(self, text: str) -> str:
        """What is to be known of a number, as it is kept, in this language."""
        return translated(text, self.notes)


ENGLISH = Words(
    report="Radiology report",
    patient="Patient",
    born="Date of birth",
    sex="Sex",
    sexes={"M": "male", "F": "female", "O": "other", "": "not stated"},
    sides={"R": "Right", "L": "Left"},
    patient_id="Patient ID",
    accession="Accession number",
    page="Page",
    of="of",
    procedure="Examination",
    study_date="Date of examination",
    referrer="Referred by",
    priority="Priority",
    question="Clinical question",
    measurements="Measurements",
    key_images="Key images",
    measurement="Measurement",
    value="Value",
    source="Measured by",
    prior="Before",
    phone="Phone",
    verify="Still current? Scan",
    version="Version",
    unsigned="This draft is not signed.",
    fingerprint="SHA-256 of the signed content",
    kinds={
        ReportKind.DRAFT: "Draft",
        ReportKind.PRELIMINARY: "Preliminary report",
        ReportKind.FINAL: "Final report",
        ReportKind.ADDENDUM: "Report with addendum",
        ReportKind.CORRECTION: "Corrected report",
        ReportKind.WITHDRAWAL: "Withdrawn",
    },
    notices={
        ReportKind.DRAFT: "Draft. Not signed, not for use in patient care.",
        ReportKind.PRELIMINARY: "Preliminary report. Not yet confirmed, it may change.",
        ReportKind.CORRECTION: "Corrected report. It replaces the earlier version.",
        ReportKind.WITHDRAWAL: "Withdrawn. This report was entered in error, do not use it.",
    },
    stamps={
        ReportKind.DRAFT: "DRAFT",
        ReportKind.PRELIMINARY: "PRELIMINARY",
        ReportKind.WITHDRAWAL: "WITHDRAWN",
    },
    meanings={
        ReportKind.PRELIMINARY: "Preliminary report, signed electronically, pending review",
        ReportKind.FINAL: "Final report, signed electronically",
        ReportKind.ADDENDUM: "Addendum, signed electronically",
        ReportKind.CORRECTION: "Corrected report, signed electronically",
        ReportKind.WITHDRAWAL: "Report withdrawn, signed electronically",
    },
    addendum="Addendum",
    original="Original report, unchanged",
    original_is="Version {number}, signed by {signer}, {at}.",
    correction="Correction",
    replaces="Replaces version {number} of {at}.",
    replaced="Version {number}, signed by {signer}, {at}, replaced version {earlier} of {before}.",
    changed={"taken_out": "Taken out", "filled_anew": "Filled anew", "added_images": "Added"},
    called="Call from {caller}, {at}.",
    key_image="Key image",
    priorities={},
    places={},
    tools={},
    notes=(),
    answers=("no", "yes"),
)

GERMAN = Words(
    report="Radiologischer Befund",
    patient="Patient",
    born="Geburtsdatum",
    sex="Geschlecht",
    sexes={"M": "männlich", "F": "weiblich", "O": "divers", "": "ohne Angabe"},
    sides={"R": "Rechts", "L": "Links"},
    patient_id="Patienten-ID",
    accession="Auftragsnummer",
    page="Seite",
    of="von",
    procedure="Untersuchung",
    study_date="Untersuchungsdatum",
    referrer="Zuweisung",
    priority="Dringlichkeit",
    question="Fragestellung",
    measurements="Messwerte",
    key_images="Schlüsselbilder",
    measurement="Messung",
    value="Wert",
    source="Gemessen von",
    prior="Zuvor",
    phone="Telefon",
    verify="Noch gültig? Scannen",
    version="Version",
    unsigned="Dieser Entwurf ist nicht signiert.",
    fingerprint="SHA-256 des signierten Inhalts",
    kinds={
        ReportKind.DRAFT: "Entwurf",
        ReportKind.PRELIMINARY: "Vorläufiger Befund",
        ReportKind.FINAL: "Endgültiger Befund",
        ReportKind.ADDENDUM: "Befund mit Nachtrag",
        ReportKind.CORRECTION: "Berichtigter Befund",
        ReportKind.WITHDRAWAL: "Zurückgezogen",
    },
    notices={
        ReportKind.DRAFT: "Entwurf. Nicht signiert, nicht für die Behandlung.",
        ReportKind.PRELIMINARY: "Vorläufiger Befund. Noch nicht bestätigt, kann sich ändern.",
        ReportKind.CORRECTION: "Berichtigter Befund. Er ersetzt die frühere Fassung.",
        ReportKind.WITHDRAWAL: "Zurückgezogen. Irrtümlich erstellt, nicht verwenden.",
    },
    stamps={
        ReportKind.DRAFT: "ENTWURF",
        ReportKind.PRELIMINARY: "VORLÄUFIG",
        ReportKind.WITHDRAWAL: "ZURÜCKGEZOGEN",
    },
    meanings={
        ReportKind.PRELIMINARY: "Vorläufiger Befund, elektronisch signiert, noch nicht bestätigt",
        ReportKind.FINAL: "Endgültiger Befund, elektronisch signiert",
        ReportKind.ADDENDUM: "Nachtrag, elektronisch signiert",
        ReportKind.CORRECTION: "Berichtigter Befund, elektronisch signiert",
        ReportKind.WITHDRAWAL: "Zurückgezogener Befund, elektronisch signiert",
    },
    addendum="Nachtrag",
    original="Ursprünglicher Befund, unverändert",
    original_is="Version {number}, signiert von {signer}, {at}.",
    correction="Berichtigung",
    replaces="Ersetzt Version {number} vom {at}.",
    replaced="Version {number}, signiert von {signer}, {at}, hat Version {earlier} vom {before} ersetzt.",
    changed={"taken_out": "Entfernt", "filled_anew": "Neu ausgefüllt", "added_images": "Hinzugefügt"},
    called="Anruf von {caller}, {at}.",
    key_image="Schlüsselbild",
    priorities={"STAT": "Notfall", "HIGH": "Dringend", "MEDIUM": "Vorrangig", "ROUTINE": "Normal", "LOW": "Niedrig"},
    places={"series": "Serie", "image": "Bild", "frame": "Einzelbild"},
    tools={
        "Length": "Länge",
        "Bidirectional": "Zwei Achsen",
        "EllipticalROI": "Ellipse",
        "CircleROI": "Kreis",
        "RectangleROI": "Rechteck",
        "PlanarFreehandROI": "Umriss",
        "SplineROI": "Umriss",
        "LivewireContour": "Umriss",
        "Angle": "Winkel",
        "CobbAngle": "Cobb-Winkel",
        "Probe": "Messpunkt",
    },
    notes=compiled(GERMAN_NOTES),
    answers=("nein", "ja"),
)

LANGUAGES = {"en": ENGLISH, "de": GERMAN}


def words(language: str) -> Words:
    """The labels for a BCP 47 tag, looked up by its primary subtag."""
    return LANGUAGES.get(language.split("-", 1)[0].lower(), ENGLISH)
