"""From rows to plain values: whom and what a message is about, as it is known now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from reporting.critical.record import CriticalFinding
from reporting.document import notices
from reporting.lifecycle import CRITICAL
from reporting.models import Artifact, ReportVersion
from reporting.templates.fields import MEASURED
from ris.accounts.models import Site
from ris.hl7.incoming.keys import number_of_visit
from ris.hl7.outgoing.messages.parts import Critical, Exam, Number, Person, Said, Slot, Visit, day
from ris.hl7.outgoing.messages.tables import ADDENDUM, OWN_SCHEME, Coded, section_code
from ris.orders.models import RequestedProcedure
from ris.patients.models import Patient
from ris.scheduling.models import Appointment, ScheduledProcedureStep


def person_of(patient: Patient, site: Site) -> Person:
    """The number of the site's issuer, of the record that stands for the person (DESIGN.md §6, Identity sent out)."""
    person = patient.current
    identifier = person.identifier_at(site)
    return Person(
        number=identifier.value if identifier else "",
        issuer=identifier.issuer if identifier else "",
        name=person.person_name,
        birth_date=day(person.birth_date),
        sex=person.sex,
    )


def kept(person: Person) -> dict[str, Any]:
    return asdict(person)


def exam_of(requested: RequestedProcedure, *, observed_at: str = "") -> Exam:
    """A requested procedure with its order and its first step."""
    order, procedure = requested.order, requested.procedure
    step = requested.steps.select_related("appointment", "node").order_by("pk").first()
    return Exam(
        placer_number=order.placer_number,
        placer_issuer=order.placer_issuer,
        filler_number=order.filler_number,
        accession_number=requested.accession_number,
        accession_issuer=requested.accession_issuer,
        requested_procedure_id=requested.requested_procedure_id,
        step_id=step.sps_id if step else "",
        study_instance_uid=requested.study_instance_uid,
        code=(procedure.code, requested.description, procedure.scheme),
        modality=procedure.modality,
        patient_class=order.patient_class,
        visit_number=order.visit_number,
        visit_issuer=order.visit_issuer,
        priority=order.priority,
        reason=order.reason,
        referrer=order.referrer.person_name if order.referrer else order.referrer_name,
        slot=_slot_of(step) if step else None,
        wanted=order.wanted_from.astimezone(order.site.zone) if order.wanted_from else None,
        observed_at=observed_at,
    )


def _slot_of(step: ScheduledProcedureStep) -> Slot | None:
    if step.start is None:
        return None
    return Slot(moment=step.start.astimezone(step.site.zone), minutes=step.minutes, room=step.location)


def visit_of(appointment: Appointment, exams: Sequence[Exam], status: str, *, placer: str = "") -> Visit:
    """An appointment with what is done in it, or was to be; `placer` is the receiver's number of it."""
    minutes = int((appointment.end - appointment.start).total_seconds() // 60)
    moment = appointment.start.astimezone(appointment.site.zone)
    slot = Slot(moment=moment, minutes=minutes, room=appointment.resource.name)
    number, reason = number_of_visit(appointment), appointment.cancel_reason
    return Visit(number=number, status=status, slot=slot, exams=exams, reason=reason, placer=placer)


def said_in(version: ReportVersion, *, with_pdf: bool) -> Said:
    """The frozen content of a version; the critical findings are those that stand now."""
    content = version.content
    signer = content["signer"] or {}
    return Said(
        kind=version.kind,
        signed_at=version.created_at.astimezone(version.report.site.zone),
        signer_id=str(signer.get("id", "")),
        signer_name=signer.get("name", ""),
        sections=_texts(content),
        numbers=list(_numbers(content)),
        criticals=[] if version.kind == "withdrawal" else _criticals(version),
        note=notices(content),
        pdf=_pdf(version) if with_pdf else b"",
    )


def _texts(content: dict[str, Any]) -> list[tuple[Coded, str, str]]:
    """In the order of the page: a correction's own words come before the addenda that were there when it was made."""
    if content["kind"] == "correction":
        return [*_sections(content), *_addenda(content)]
    return [*_addenda(content), *_sections(content)]


def _addenda(content: dict[str, Any]) -> Iterable[tuple[Coded, str, str]]:
    """Newest first, as the page has them."""
    for one in reversed(content.get("addenda", [])):
        yield ADDENDUM, f"Addendum {one['number']}", one["text"]


def _sections(content: dict[str, Any]) -> Iterable[tuple[Coded, str, str]]:
    """Text and what was chosen in fields, under the section's title."""
    for section in content["sections"]:
        chosen = [f"{field['label']}: {field['text']}" for field in section.get("fields", [])]
        yield section_code(section["title"]), section["title"], "\n".join([section["text"], *chosen]).strip()


def _numbers(content: dict[str, Any]) -> Iterable[Number]:
    """Measured and typed numbers that have a unit; one that was taken from an image is there once.

    A field that was measured and has no measurement any more was taken out by an early correction, which left it here.
    """
    measured = {item["key"]: item for item in content["measurements"]}
    for section in content["sections"]:
        for field in section.get("fields", []):
            taken_out = field.get("kind") == MEASURED and field["key"] not in measured
            item = measured.pop(field["key"], field)
            if _is_number(item) and not taken_out:
                yield Number(code=_code(field), value=float(item["value"]), unit=item["unit"])
    for item in measured.values():
        if _is_number(item):
            yield Number(code=_code(item), value=float(item["value"]), unit=item["unit"])


def _is_number(item: dict[str, Any]) -> bool:
    value = item.get("value")
    return bool(item.get("unit")) and isinstance(value, int | float) and not isinstance(value, bool)


def _code(item: dict[str, Any]) -> Coded:
    """The field's own code, else its key in our scheme; its name says the side, as no heading stands above it."""
    code, label = item.get("code"), str(item.get("full_label") or item["label"])
    if isinstance(code, dict) and code.get("code"):
        return str(code["code"]), label, str(code.get("scheme", OWN_SCHEME))
    return item["key"], label, OWN_SCHEME


def _criticals(version: ReportVersion) -> list[Critical]:
    """Those that may be of images that were another patient's are not told (workflow.md rule 3)."""
    rows = CriticalFinding.objects.filter(task=version.report.task_id).order_by("category", "pk")
    standing = rows.filter(state__in=CRITICAL.groups["tellable"]).select_related("task")
    return [Critical(category=one.category, finding=one.finding) for one in standing if not one.is_void]


def _pdf(version: ReportVersion) -> bytes:
    found = Artifact.objects.filter(version=version, kind="pdf").first()
    return bytes(found.body) if found else b""


def exams_of(version: ReportVersion) -> dict[str, list[Exam]]:
    """The exams that a version answers, by accession number: exactly those that it names (DESIGN.md §3)."""
    rows = version.report.task.requested_procedures.select_related("order__referrer", "procedure", "order__site")
    found: dict[str, list[Exam]] = {number: [] for number in version.accession_numbers}
    for requested in rows.order_by("pk"):
        if requested.accession_number in found:
            found[requested.accession_number].append(_read(requested, version))
    return {number: exams for number, exams in found.items() if exams}


def _read(requested: RequestedProcedure, version: ReportVersion) -> Exam:
    """The exam with the study that was read of it: a device may have given the images a number of its own."""
    exam = exam_of(requested, observed_at=version.content["exam"]["study_date"])
    studies = version.report.task.studies().filter(links__requested_procedure=requested, links__active=True)
    linked = studies.order_by("first_seen_at", "pk").first()
    return replace(exam, study_instance_uid=linked.study_instance_uid) if linked else exam
