"""What a version says, as plain data: the frozen content that is hashed, rendered and signed."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from reporting.models import Report
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
from ris.accounts.models import Site, User
from ris.patients.models import Patient
from ris.patients.names import readable
from worklist.models import ReadingTask, Study

MEANINGS = {
    "preliminary": "Preliminary report, signed electronically, pending review",
    "final": "Final report, signed electronically",
}


def freeze(report: Report, *, kind: str, number: int, by: User | None, at: datetime) -> dict[str, Any]:
    """The content of a version as JSON-able data; everything that the page shows and nothing else."""
    task, site = report.task, report.site
    return {
        "kind": kind,
        "number": number,
        "site": {"name": site.name, "address": site.address.splitlines(), "zone": site.time_zone},
        "patient": _patient(task.patient.current, site),
        "exam": _exam(task),
        "sections": _sections(report),
        "measurements": _measurements(report),
        "signer": {"id": str(by.pk), "name": by.display} if by else None,
        "signed_at": at.astimezone(site.zone).isoformat(timespec="seconds"),
        "meaning": MEANINGS.get(kind, ""),
    }


def digest(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON: sorted keys, no blanks, UTF-8."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _patient(patient: Patient, site: Site) -> dict[str, Any]:
    identifier = patient.identifier_at(site)
    return {
        "name": patient.display_name,
        "number": identifier.value if identifier else "",
        "issuer": identifier.issuer if identifier else "",
        "birth_date": patient.birth_date.isoformat() if patient.birth_date else None,
        "sex": patient.sex,
    }


def _exam(task: ReadingTask) -> dict[str, Any]:
    requested = list(task.requested_procedures.select_related("procedure", "order"))
    order = requested[0].order
    study = study_of(task)
    return {
        "accession_numbers": list(dict.fromkeys(item.accession_number for item in requested)),
        "procedures": [item.procedure.name for item in requested],
        "study_uid": study.study_instance_uid if study else requested[0].study_instance_uid,
        "study_date": study.study_date if study else "",
        "referrer": readable(order.referrer_name),
        "priority": order.priority,
        "clinical_question": order.clinical_question or order.reason,
    }


def study_of(task: ReadingTask) -> Study | None:
    """The study that the report belongs to: the first that was linked."""
    return task.studies().order_by("first_seen_at", "pk").first()


def _sections(report: Report) -> list[dict[str, str]]:
    texts = report.content["sections"]
    return [
        {"title": section["title"], "text": texts.get(section["key"], "").strip()}
        for section in report.sections
        if texts.get(section["key"], "").strip()
    ]


def _measurements(report: Report) -> list[dict[str, Any]]:
    fields = report.content["fields"]
    return [
        {**fields[spec["key"]], "label": spec["label"]}
        for spec in report.template.fields
        if fields.get(spec["key"]) and not fields[spec["key"]].get("removed")
    ]


def to_render(content: dict[str, Any], *, sha256: str) -> ReportContent:
    """The same content in the renderer's words."""
    patient, exam = content["patient"], content["exam"]
    return ReportContent(
        site=Letterhead(content["site"]["name"], tuple(content["site"]["address"])),
        patient=PatientIdentity(
            display_name=patient["name"],
            patient_id=patient["number"],
            issuer=patient["issuer"],
            birth_date=date.fromisoformat(patient["birth_date"]) if patient["birth_date"] else None,
            sex=patient["sex"],
        ),
        exam=Exam(
            accession_numbers=tuple(exam["accession_numbers"]),
            procedures=tuple(exam["procedures"]),
            study_date=_dicom_date(exam["study_date"]),
            referrer=exam["referrer"],
            priority=exam["priority"],
            clinical_question=exam["clinical_question"],
        ),
        sections=tuple(Section(item["title"], item["text"]) for item in content["sections"]),
        kind=ReportKind(content["kind"]),
        version_number=content["number"],
        measurements=tuple(_row(item, content["site"]["zone"]) for item in content["measurements"]),
        signature=_signature(content),
        content_sha256=sha256,
    )


def _dicom_date(text: str) -> date | None:
    return datetime.strptime(text, "%Y%m%d").date() if text else None  # noqa: DTZ007  a DA has no zone


def _row(item: dict[str, Any], zone: str) -> MeasurementRow:
    """One row of the table, its time on the site's clock as the signature's is."""
    at = item.get("measured_at", "")
    provenance = Provenance(
        tool=item.get("tool", ""),
        observer=readable(item.get("observer", "")),
        time=f"{datetime.fromisoformat(at).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if at else "",
        image="…" + item["image_sop_uid"][-12:] if item.get("image_sop_uid") else "",
    )
    return MeasurementRow(item["label"], written(item["value"]), item["unit"], provenance)


def written(value: float) -> str:
    """A measured number as a report prints it: one decimal, none for whole numbers of 1000 and more."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.1f}"


def _signature(content: dict[str, Any]) -> ElectronicSignature | None:
    if content["signer"] is None:
        return None
    return ElectronicSignature(
        display_name=content["signer"]["name"],
        signed_at=datetime.fromisoformat(content["signed_at"]),
        zone=content["site"]["zone"],
        meaning=content["meaning"],
    )
