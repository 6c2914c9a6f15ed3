"""Writing a version's words into the index, in the transaction that makes the version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reporting.finding.query import mark, words_of
from reporting.finding.record import ReportText
from reporting.finding.said import parts_of
from reporting.finding.unspaced import together
from reporting.models import Report, ReportVersion

WITHDRAWN = mark("is", "withdrawn")


def keep_words(version: ReportVersion) -> None:
    """The report is found by this version from now on, and by no earlier one."""
    report, content = version.report, version.content
    signer = content.get("signer") or {"id": "", "name": ""}
    facts: dict[str, Any] = {
        "site_id": report.site_id,
        "modality": modality_of(report),
        "year": version.created_at.astimezone(report.site.zone).year,
        "signer_id": signer["id"],
        "signer_name": signer["name"],
    }
    ReportText.objects.update_or_create(report=report, defaults={**facts, "body": body_of(version, facts)})


def body_of(version: ReportVersion, facts: dict[str, Any]) -> str:
    """What the index holds of a version: what it is, and what it says."""
    marks = _marks(facts, withdrawn=version.kind == "withdrawal")
    return " ".join([*marks, *_said(version.content)])


def modality_of(report: Report) -> str:
    """The device's kind of the first exam that the report answers."""
    first = report.task.requested_procedures.select_related("procedure").order_by("pk").first()
    return first.procedure.modality if first else ""


def _marks(facts: dict[str, Any], *, withdrawn: bool) -> Iterator[str]:
    yield mark("site", facts["site_id"])
    yield mark("modality", facts["modality"])
    yield mark("year", facts["year"])
    yield mark("signer", facts["signer_id"])
    if withdrawn:
        yield WITHDRAWN


def _said(content: dict[str, Any]) -> Iterator[str]:
    """Every word that a person may remember of a report; not the letterhead."""
    exam, patient = content["exam"], content["patient"]
    texts = [patient["name"], together(patient["name"]), patient["number"]]
    texts += [*exam["accession_numbers"], *exam["procedures"]]
    texts += [exam.get("clinical_question", ""), exam.get("referrer", "")]
    texts += [text for part in parts_of(content) for text in part]
    texts += [added["signer"] for added in content.get("addenda", ())]
    for text in texts:
        yield from words_of(text)
