"""Objects that the viewer stored: read back from the archive, understood in the sandbox, taken into the report."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from reporting.actions.key_images import LONGEST_UID, take_key_images
from reporting.lifecycle import OBJECT, REPORT
from reporting.measured import measurements
from reporting.measured_on import images_of
from reporting.models import Measurement, Report, StoredObject
from reporting.permissions import require_system
from reporting.prefill import prefill
from ris import audit
from ris.core.actors import Actor
from ris.core.errors import NotFound, Unavailable
from ris.dicom import sandbox
from ris.dicom.archive import Archive, get_archive
from ris.dicom.archive.errors import NotInArchive
from ris.dicom.datasets import STRUCTURED_REPORTS, InstanceRef, person_name, text
from ris.dicom.sandbox.errors import SandboxRefused
from worklist.lifecycle import STUDY
from worklist.models import ReadingTask, Study

SOP_CLASS, SERIES_DESCRIPTION, CONTENT_CREATOR = "00080016", "0008103E", "00700084"
READ = "reporting.sr.sandboxed.read_json"


def receive_object(study_uid: str, sop_uid: str, *, by: Actor) -> StoredObject:
    """Read one stored object and keep what it says; safe to repeat.

    Raises ArchiveError when the archive does not answer, NotFound when no case has this study or the object is of
    another, Unavailable when no reader was free.
    """
    require_system(by, "report.receive")
    task = task_of(study_uid)
    archive = get_archive()
    where = _locate(archive, study_uid, sop_uid)
    header = archive.instance_metadata(where)
    if text(header, SOP_CLASS).startswith(STRUCTURED_REPORTS):
        reading, problem = _understand(archive, study_uid, archive.retrieve(where))
    else:
        reading, problem = _listed(where, header), ""
    return _keep(task, study_uid, sop_uid, reading=reading, problem=problem, by=by)


def task_of(study_uid: str) -> ReadingTask:
    """The case of a study that may be read; raises NotFound."""
    study = Study.objects.filter(study_instance_uid=study_uid, state__in=STUDY.groups["readable"]).first()
    links = study.links.filter(active=True) if study else None
    requested = links.first().requested_procedure if links else None  # type: ignore[union-attr]
    task = requested.reading_tasks.first() if requested else None
    if task is None:
        raise NotFound("No case has this study open to reading.")
    return task


def _locate(archive: Archive, study_uid: str, sop_uid: str) -> InstanceRef:
    where = archive.locate(sop_uid)
    if where is None:
        raise NotInArchive
    if where.study_instance_uid != study_uid:
        raise NotFound("The archive keeps this object in another study: nothing of it was taken.")
    return where


def _listed(where: InstanceRef, header: dict[str, Any]) -> dict[str, Any]:
    """A segmentation, presentation state or key object: named beside the report, with no numbers of its own."""
    return {
        "sop_class": text(header, SOP_CLASS),
        "series_instance_uid": where.series_instance_uid,
        "series_description": text(header, SERIES_DESCRIPTION),
        "observer": person_name(header, CONTENT_CREATOR),
    }


def _understand(archive: Archive, study_uid: str, part10: bytes) -> tuple[dict[str, Any], str]:
    """(what read_sr says, "") or ({}, why it was refused)."""
    try:
        reading = sandbox.call(READ, part10)
        if images := images_of(archive, study_uid, reading):
            reading = sandbox.call(READ, part10, images)
    except SandboxRefused as refused:
        if refused.code == "busy":
            raise Unavailable(refused.reason) from refused
        return {}, refused.reason
    return reading, ""


@transaction.atomic
def _keep(
    task: ReadingTask, study_uid: str, sop_uid: str, *, reading: dict[str, Any], problem: str, by: Actor
) -> StoredObject:
    stored, _created = StoredObject.objects.get_or_create(
        sop_instance_uid=sop_uid,
        defaults={"task": task, "study_instance_uid": study_uid, "stored_at": timezone.now()},
    )
    if problem and OBJECT.within(stored, "usable"):
        return stored  # it was read before, and an object never changes: a slow reader today takes nothing back
    if not OBJECT.allows(stored, "refuse" if problem else "read"):
        return stored  # another object took its place
    OBJECT.advance(
        stored,
        "refuse" if problem else "read",
        reading=reading,
        problem=problem,
        series_instance_uid=reading.get("series_instance_uid", "")[:LONGEST_UID],
        sop_class_uid=reading.get("sop_class", "")[:LONGEST_UID],
        description=(reading.get("series_description") or "")[:80],
        observer=(reading.get("observer") or "")[:160],
    )
    Measurement.objects.filter(source=stored).delete()
    Measurement.objects.bulk_create(measurements(stored, reading, task.site.zone))
    _supersede(stored, reading.get("predecessors", []))
    take_key_images(stored, reading, by=by)
    changed = [key for report in Report.objects.filter(task=task) for key in _refill(report)]
    audit.record("object.read", stored, by=by, patient=task.patient_id, study_uid=study_uid, filled=changed)
    return stored


def _supersede(stored: StoredObject, predecessors: list[str]) -> None:
    """What this object takes the place of says nothing any more; only of the same case and study."""
    same = StoredObject.objects.select_for_update().filter(task_id=stored.task_id, sop_instance_uid__in=predecessors)
    same = same.filter(study_instance_uid=stored.study_instance_uid).exclude(pk=stored.pk)
    for older in same.filter(state__in=OBJECT.groups["usable"]):
        OBJECT.advance(older, "supersede")


@transaction.atomic
def lose_objects(study: Study, there: frozenset[str], *, by: Actor) -> list[str]:
    """Objects of a study that the archive does not have any more say nothing any more. Returns their UIDs."""
    require_system(by, "report.receive")
    known = (
        StoredObject.objects.select_for_update(of=("self",))
        .select_related("task")
        .filter(study_instance_uid=study.study_instance_uid)
    )
    known = known.filter(state__in=OBJECT.groups["usable"], sop_class_uid__startswith=STRUCTURED_REPORTS)
    gone = [one for one in known if one.sop_instance_uid not in there]
    for one in gone:
        OBJECT.advance(one, "supersede")
        audit.record("object.gone", one, by=by, patient=one.task.patient_id, study_uid=study.study_instance_uid)
    for report in Report.objects.filter(task__in={one.task_id for one in gone}):
        _refill(report)
    return [one.sop_instance_uid for one in gone]


@transaction.atomic
def refill_reports(study: Study, *, by: Actor) -> list[str]:
    """A study joined a case or left it: unsigned reports follow. Returns the keys of the changed fields."""
    require_system(by, "report.receive")
    reports = Report.objects.filter(task__requested_procedures__study_links__study=study).distinct()
    return _refilled(reports, by=by)


@transaction.atomic
def refill_case(task: ReadingTask, *, by: Actor) -> list[str]:
    """The record of a case's exam changed: unsigned reports follow. Returns the keys of what changed."""
    require_system(by, "report.receive")
    return _refilled(Report.objects.filter(task=task), by=by)


def _refilled(reports: QuerySet[Report], *, by: Actor) -> list[str]:
    changed: list[str] = []
    for report in reports.select_related("task"):
        if keys := _refill(report):
            audit.record("report.refilled", report, by=by, patient=report.task.patient_id, fields=keys)
            changed += keys
    return changed


def _refill(report: Report) -> list[str]:
    locked = Report.objects.select_for_update(of=("self",)).select_related("template", "task").get(pk=report.pk)
    return prefill(locked) if REPORT.within(locked, "writable") else []
