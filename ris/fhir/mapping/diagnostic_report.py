"""DiagnosticReport (R4 §10.3): a report and its newest signed version; the PDF is presented, never remade."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from ris.fhir.mapping.datatypes import (
    LOINC,
    House,
    Json,
    Visit,
    coding,
    concept,
    encounter,
    identifier,
    instant,
    reference,
    told,
)
from ris.fhir.mapping.service_request import ProcedureFacts, procedure_code

# DESIGN.md §4 and HL7 table 0123; corrected and appended are children of amended in FHIR's own value set.
STATUSES: Final = {
    "draft": "registered",
    "preliminary": "preliminary",
    "final": "final",
    "corrected": "corrected",
    "appended": "appended",
    "entered-in-error": "entered-in-error",
}
# What every report here is, by HL7 table 0074 and, as US Core has it, by LOINC.
CATEGORIES: Final = (
    ("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD", "Radiology"),
    (LOINC, "LP29684-5", "Radiology"),
)
XHTML: Final = "http://www.w3.org/1999/xhtml"
COUNTS: Final = "current"
MOVED: Final = (
    "Images were moved away after this report was signed. Do not rely on it before it has been looked at again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfFacts:
    """The signed PDF of a version; `body` only where a client asked for the bytes themselves."""

    version: int
    name: str
    size: int
    made_at: datetime
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """`sections`: (title, text) of the newest version that says something; `results`: ids of Observations.

    `accessions`: (issuer, number) of each exam that it answers, once.
    `moved`: images that it was written on belong to its exam no more.
    """

    key: int
    state: str
    patient: int
    requests: Sequence[int]
    accessions: Sequence[tuple[str, str]]
    studies: Sequence[int]
    results: Sequence[str]
    procedures: Sequence[ProcedureFacts]
    examined_at: datetime | None
    issued_at: datetime | None
    changed_at: datetime
    signer: str
    conclusion: str
    sections: Sequence[tuple[str, str]]
    pdf: PdfFacts | None
    visit: Visit
    moved: bool


def diagnostic_report(facts: ReportFacts, house: House) -> Json:
    signer = [{"display": facts.signer}] if facts.signer else []
    return told(
        resourceType="DiagnosticReport",
        id=str(facts.key),
        meta={"lastUpdated": instant(facts.changed_at)},
        text=_narrative(facts),
        identifier=[identifier(house.system("accession", by), number, "ACSN") for by, number in facts.accessions],
        basedOn=[reference("ServiceRequest", request) for request in facts.requests],
        status=STATUSES[facts.state],
        category=[concept(coding(*one)) for one in CATEGORIES],
        code=_code(facts, house),
        subject=reference("Patient", facts.patient),
        encounter=encounter(facts.visit, house),
        effectiveDateTime=instant(facts.examined_at),
        issued=instant(facts.issued_at),
        performer=signer,
        resultsInterpreter=signer,
        result=[reference("Observation", key) for key in facts.results],
        imagingStudy=[reference("ImagingStudy", study) for study in facts.studies],
        conclusion=facts.conclusion,
        presentedForm=[_presented(facts.pdf, house)] if facts.pdf else [],
    )


def _code(facts: ReportFacts, house: House) -> Json:
    """What kind of document it is, then what was examined."""
    kind = coding(LOINC, "18748-4", "Diagnostic imaging study")
    exams = [code for one in facts.procedures for code in procedure_code(one, house)["coding"]]
    return concept(kind, *exams, text=", ".join(dict.fromkeys(one.name for one in facts.procedures)))


def _narrative(facts: ReportFacts) -> Json:
    if not facts.sections:
        return {}
    parts = [f"<p><b>{MOVED}</b></p>"] if facts.moved else []
    parts += [f"<h3>{escape(title)}</h3><p>{_lines(text)}</p>" for title, text in facts.sections]
    return {"status": "additional", "div": f'<div xmlns="{XHTML}">{"".join(parts)}</div>'}


def _lines(text: str) -> str:
    return "<br/>".join(escape(line) for line in text.splitlines())


def _presented(pdf: PdfFacts, house: House) -> Json:
    return told(
        contentType="application/pdf",
        url=f"{house.base}/Binary/{pdf.version}",
        size=pdf.size,
        title=pdf.name,
        creation=instant(pdf.made_at),
        data=base64.b64encode(pdf.body).decode() if pdf.body is not None else None,
    )


def binary(version: int, body: bytes, house: House, *, standing: str) -> Json:
    """Binary (R4 §2.43), for who asks for it as a resource; a tag says that it is not the version that counts."""
    tag = [coding(house.system("report-standing"), standing, standing.capitalize())] if standing != COUNTS else []
    return told(
        resourceType="Binary", id=str(version), meta=told(tag=tag), contentType="application/pdf",
        data=base64.b64encode(body).decode(),
    )  # fmt: skip
