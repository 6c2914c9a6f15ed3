"""What a version says, as plain data: the frozen content that is hashed, rendered and signed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from reporting.desk import desk_of, key_images_of, prior_of
from reporting.drawings import drawn_on, readings_of
from reporting.fieldset import printed_value
from reporting.labels import Labels
from reporting.letterhead.record import SiteLetterhead
from reporting.models import KeyImage, Report
from reporting.render.content import (
    Drawn,
    ElectronicSignature,
    Exam,
    Fact,
    Letterhead,
    MeasurementRow,
    PatientIdentity,
    Picture,
    Prior,
    Provenance,
    ReportContent,
    ReportKind,
    Section,
)
from reporting.render.words import Words, words
from reporting.sections import whole_text
from reporting.templates.fields import MEASURED, Held, Spec, kind_of, of_section
from reporting.templates.fields import written as in_decimals
from reporting.templates.units import printed
from ris.accounts.models import Site, User
from ris.patients.models import Patient
from ris.patients.names import readable
from worklist.models import ReadingTask, Study

NO_PICTURES: Mapping[str, bytes] = {}


def freeze(report: Report, *, kind: str, number: int, by: User | None, at: datetime) -> dict[str, Any]:
    """The content of a version as JSON-able data; everything that the page shows and nothing else."""
    return {
        **head_of(report, kind=kind, number=number, by=by, at=at),
        "sections": sections_of(report),
        "measurements": _measurements(report),
        **_key_images(report),
    }


def head_of(report: Report, *, kind: str, number: int, by: User | None, at: datetime) -> dict[str, Any]:
    """Whose report it is, of which exam, and who signs it when: all of a version but what it says."""
    task, site, language = report.task, report.site, language_of(report)
    return {
        "kind": kind,
        "number": number,
        "site": _site(site),
        "patient": _patient(task.patient.current, site),
        "exam": _exam(task),
        "signer": {"id": str(by.pk), "name": by.display} if by else None,
        "signed_at": at.astimezone(site.zone).isoformat(timespec="seconds"),
        "language": language,
        "meaning": words(language).meanings.get(ReportKind(kind), ""),
        "previous_sha256": previous.content_sha256 if (previous := report.latest_version) else "",
    }


def language_of(report: Report) -> str:
    """The BCP 47 tag of its template, in which its page is labelled; English where that says none."""
    return report.template.language


def words_of(content: Mapping[str, Any]) -> Words:
    """The labels of a version; those that were signed before versions had a language are English."""
    return words(content.get("language", "en"))


def _site(site: Site) -> dict[str, Any]:
    head = SiteLetterhead.objects.filter(site=site).first()
    said = {"phone": head.phone, "logo_sha256": head.logo_sha256} if head else {}
    return {"name": site.name, "address": site.address.splitlines(), "zone": site.time_zone, **said}


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


def sections_of(report: Report) -> list[dict[str, Any]]:
    """Text and fields as one document: a section is there when it says anything in either."""
    texts = report.content["sections"]
    found = []
    for section in report.sections:
        text, fields = texts.get(section["key"], "").strip(), _fields(report, section["key"])
        if text or fields:
            named = {"key": section["key"], "title": section["title"], "text": text}
            found.append(named | ({"fields": fields} if fields else {}))
    return found


def said_of(content: Mapping[str, Any]) -> list[dict[str, str]]:
    """All that a content says, as {"title", "text"}: sections with their fields, and the measured numbers.

    With the "key" of each section that has one; the table's is none that a section can have.
    """
    found = []
    for section in content["sections"]:
        named = {name: section[name] for name in ("key", "title") if name in section}
        found.append(named | {"text": whole_text(section)})
    rows = [
        f"{one['label']}: {written(one['value'], one.get('decimals'))} {printed(one['unit'])}".strip()
        for one in content["measurements"]
    ]
    return [*found, {"key": "Measurements", "title": "Measurements", "text": "\n".join(rows)}]


def draft_said(report: Report) -> list[dict[str, str]]:
    """The same of what stands in a draft."""
    return said_of({"sections": sections_of(report), "measurements": _measurements(report)})


def _fields(report: Report, section: str) -> list[dict[str, Any]]:
    """Each field that has a value: what is printed, and the value itself with its code for whoever computes with it."""
    held, labels = report.content["fields"], labels_of(report)
    rows = []
    for spec in of_section(report.template.fields, section):
        value = held.get(spec["key"])
        if value is not None and printed_value(spec, value):
            rows.append(field_row(spec, value, labels))
    return rows


def field_row(spec: Spec, value: Held, labels: Labels) -> dict[str, Any]:
    coded = {"code": spec["code"]} if isinstance(spec.get("code"), dict) else {}
    kept = {"value": value.get("value"), "unit": value.get("unit", ""), "kind": kind_of(value)}
    full = labels.full(spec, value)
    named = {"full_label": full} if full != spec["label"] else {}
    answer = value.get("value")
    text = words(labels.language).answers[answer] if isinstance(answer, bool) else printed_value(spec, value)
    return {"key": spec["key"], "label": spec["label"], "text": text, **kept, **coded, **named}


def labels_of(report: Report) -> Labels:
    """How fields are called without their section's heading, from now on: what was signed before says what it said."""
    template = report.template
    return Labels.of(template.sections, template.fields, language_of(report))


def _measurements(report: Report) -> list[dict[str, Any]]:
    fields, desk, labels = report.content["fields"], desk_of(report), labels_of(report)
    rows = []
    for spec in report.template.fields:
        if kind_of(held := fields.get(spec["key"])) == MEASURED:
            prior = prior_of(desk, spec["key"])
            digits = {"decimals": spec["decimals"]} if spec.get("decimals") is not None else {}
            about = {"key": spec["key"], "label": labels.full(spec, held), **digits}
            rows.append({**held, **about} | ({"prior": prior} if prior else {}))
    return rows


def _key_images(report: Report) -> dict[str, Any]:
    """Which images are printed and go into the archive's selection; nothing at all for a report without any."""
    chosen = [one for one in key_images_of(report) if one.picture_sha256]
    readings = readings_of(report) if chosen else []
    rows = [image_row(one) | _drawn(one, readings) for one in chosen]
    return {"key_images": rows} if rows else {}


def image_row(one: KeyImage) -> dict[str, Any]:
    return {
        "study_uid": one.study_instance_uid,
        "series_uid": one.series_instance_uid,
        "sop_class": one.sop_class_uid,
        "sop_uid": one.sop_instance_uid,
        "frame": one.frame,
        "place": one.place,
        "label": one.label,
        "picture_sha256": one.picture_sha256,
    }


def _drawn(image: KeyImage, readings: list[dict[str, Any]]) -> dict[str, Any]:
    """What was measured on it, and on how many pixels; nothing for an image without."""
    shapes = drawn_on(image, readings)
    size = [image.grid.get("columns", 0), image.grid.get("rows", 0)]
    return {"drawn": shapes, "size": size} if shapes and all(size) else {}


def to_render(
    content: dict[str, Any], *, sha256: str, pictures: Mapping[str, bytes] = NO_PICTURES, verify_url: str = ""
) -> ReportContent:
    """The same content in the renderer's words. `pictures`: the logo and each key image by its SHA-256."""
    patient, exam = content["patient"], content["exam"]
    return ReportContent(
        site=_letterhead(content["site"], pictures),
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
        sections=(*amended(content), *(_section(item) for item in content["sections"]), *carried(content)),
        kind=ReportKind(content["kind"]),
        version_number=content["number"],
        measurements=rows_of(content),
        key_images=tuple(_picture(one, pictures, words_of(content)) for one in content.get("key_images", [])),
        signature=_signature(content),
        content_sha256=sha256,
        verify_url=verify_url,
        language=content.get("language", "en"),
    )


def _letterhead(site: dict[str, Any], pictures: Mapping[str, bytes]) -> Letterhead:
    logo = site.get("logo_sha256")
    return Letterhead(site["name"], tuple(site["address"]), site.get("phone", ""), pictures[logo] if logo else b"")


def addenda_of(content: dict[str, Any]) -> list[Section]:
    """Newest first, each with who signed it and when."""
    name = words_of(content).addendum
    return [
        Section(f"{name} {one['number']}, {one['signer']}, {_instant(one['signed_at'])}", one["text"].strip())
        for one in reversed(content.get("addenda", []))
    ]


def amended(content: dict[str, Any]) -> list[Section]:
    """What stands above the sections: the addenda, and whose the original is; what was corrected, now and before."""
    labels, before = words_of(content), corrections_of(content)
    if original := content.get("original"):
        at = _instant(original["signed_at"])
        said = labels.original_is.format(number=original["number"], signer=original["signer"], at=at)
        return [*addenda_of(content), Section(labels.original, said), *before]
    if content["kind"] == "correction":
        earlier = content["supersedes"]
        said = labels.replaces.format(number=earlier["number"], at=_instant(earlier["signed_at"]))
        return [Section(labels.correction, f"{said} {why_corrected(content)}"), *before]
    return []


def corrections_of(content: Mapping[str, Any]) -> list[Section]:
    """The corrections below this version, newest first: what was wrong once is said in each later document."""
    labels = words_of(content)
    return [Section(labels.correction, _replaced(one, labels)) for one in reversed(content.get("corrections", []))]


def _replaced(one: Mapping[str, Any], labels: Words) -> str:
    earlier = one["supersedes"]
    said = labels.replaced.format(
        number=one["number"], signer=one["signer"], at=_instant(one["signed_at"]),
        earlier=earlier["number"], before=_instant(earlier["signed_at"]),
    )  # fmt: skip
    return f"{said} {_why(one, labels)}"


def carried(content: dict[str, Any]) -> list[Section]:
    """What stands below a correction's own words: the addenda that were there when it was made."""
    return addenda_of(content) if content["kind"] == "correction" else []


def why_corrected(content: Mapping[str, Any]) -> str:
    """What was wrong, in the signer's words, and what stands in the report no more."""
    return _why(content, words_of(content))


def _why(said: Mapping[str, Any], labels: Words) -> str:
    lists = [(label, said.get(name, [])) for name, label in labels.changed.items()]
    return "\n".join([str(said["reason"]), *(f"{label}: {'; '.join(names)}." for label, names in lists if names)])


def notices(content: Mapping[str, Any]) -> str:
    """That the report was corrected and why, this version and those below it, for a message; "" for none."""
    own = [why_corrected(content)] if content["kind"] == "correction" else []
    return "\n".join([*own, *(one.text for one in corrections_of(content))])


def _instant(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"


def _section(item: dict[str, Any]) -> Section:
    facts = tuple(Fact(one["label"], one["text"]) for one in item.get("fields", []))
    return Section(item["title"], item["text"], facts)


def _picture(one: dict[str, Any], pictures: Mapping[str, bytes], labels: Words) -> Picture:
    words = ": ".join(part for part in (labels.place(one["place"]), one["label"]) if part)
    columns, rows = one.get("size", (0, 0))
    drawn = [
        Drawn(shape["type"], tuple((x, y) for x, y in shape["points"]), shape["words"])
        for shape in one.get("drawn", [])
    ]
    return Picture(words, pictures[one["picture_sha256"]], (columns, rows), tuple(drawn))


def _dicom_date(text: str) -> date | None:
    return datetime.strptime(text, "%Y%m%d").date() if text else None  # noqa: DTZ007  a DA has no zone


def rows_of(content: dict[str, Any]) -> tuple[MeasurementRow, ...]:
    """The measured numbers as they are printed, on the page as on paper."""
    labels = words_of(content)
    return tuple(_row(item, content["site"]["zone"], labels) for item in content["measurements"])


def _row(item: dict[str, Any], zone: str, labels: Words) -> MeasurementRow:
    """One row of the table, its time on the site's clock as the signature's is."""
    at = item.get("measured_at", "")
    provenance = Provenance(
        tool=labels.tools.get(item.get("tool", ""), item.get("tool", "")),
        observer=readable(item.get("observer", "")),
        time=f"{datetime.fromisoformat(at).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if at else "",
        image=labels.place(item.get("image", "")),
        note=labels.note(item.get("note", "")),
    )
    value = written(item["value"], item.get("decimals"))
    return MeasurementRow(item["label"], value, printed(item["unit"]), provenance, _prior(item))


def _prior(item: dict[str, Any]) -> Prior | None:
    """The same lesion's number before."""
    prior = item.get("prior")
    if not prior:
        return None
    change = "" if prior["change"] is None else f"{prior['change']:+.0f} %"
    value = written(prior["value"], item.get("decimals"))
    return Prior(f"{value} {printed(item['unit'])}".strip(), prior["day"], change)


def written(value: float, decimals: int | None = None) -> str:
    """A measured number as a report prints it: with the decimals that its field asks for."""
    return in_decimals(value, decimals)


def _signature(content: dict[str, Any]) -> ElectronicSignature | None:
    if content["signer"] is None:
        return None
    return ElectronicSignature(
        display_name=content["signer"]["name"],
        signed_at=datetime.fromisoformat(content["signed_at"]),
        zone=content["site"]["zone"],
        meaning=content["meaning"],
    )
