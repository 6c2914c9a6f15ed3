"""The later steps of an exam as one-liners: images in the archive, a case, a draft, a signature."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from django.utils import timezone

from reporting.actions import open_report, save_draft, sign_report
from reporting.actions.sign import Answers, Proof
from reporting.models import Measurement, Report, ReportVersion, StoredObject
from ris.accounts.models import User
from ris.core.actors import SystemActor
from ris.dicom.datasets import StudyRow
from ris.orders.models import RequestedProcedure
from ris.scheduling.actions import complete_step, start_step
from tests.world import World
from worklist.actions.reading import claim
from worklist.actions.studies import note_study
from worklist.models import ReadingTask, Study

MATCHER = SystemActor("matcher")
FINDINGS = {"findings": "A nodule in the right upper lobe.", "impression": "Follow up in three months."}
LENGTH = {"scheme": "SCT", "code": "410668003", "name": "Length", "unit": "mm"}


def study_row(requested: RequestedProcedure, **changes: Any) -> StudyRow:
    """What a well-behaved device leaves in the archive for a requested procedure."""
    patient = requested.order.patient.current
    identifier = patient.identifier_at(requested.order.site)
    values: dict[str, Any] = {
        "study_instance_uid": requested.study_instance_uid,
        "patient_id": identifier.value if identifier else "",
        "issuer_of_patient_id": identifier.issuer if identifier else "",
        "patient_name": patient.person_name,
        "birth_date": patient.birth_date,
        "sex": patient.sex,
        "accession_number": requested.accession_number,
        "study_date": date(2027, 3, 12),
        "study_time": time(10, 30),
        "description": requested.procedure.name,
        "modalities": (requested.procedure.modality,),
        "series_count": 1,
        "instance_count": 120,
        "archive_id": f"orthanc-{requested.pk}",
        "station_aet": "CT1",
    }
    return StudyRow(**(values | changes))


def noted(requested: RequestedProcedure, **changes: Any) -> Study:
    """The archive tells of the study."""
    return note_study(study_row(requested, **changes), by=MATCHER)


def performed(world: World, requested: RequestedProcedure) -> None:
    """The technologist runs the exam by hand."""
    step = requested.steps.get()
    start_step(step, by=world.technologist)
    complete_step(step, by=world.technologist)


def case(world: World, requested: RequestedProcedure | None = None) -> ReadingTask:
    """An exam that is done, with its images linked, waiting to be read."""
    requested = requested or world.requested()
    performed(world, requested)
    noted(requested)
    return ReadingTask.objects.get(requested_procedures=requested)


def draft(world: World, by: User | None = None, task: ReadingTask | None = None) -> Report:
    """A claimed case with something written in it."""
    reader = by or world.radiologist
    report = open_report(claim(task or case(world), by=reader), by=reader)
    return save_draft(report, revision=report.revision, sections=FINDINGS, by=reader)


def sign(report: Report, by: User, kind: str = "final", grade: str = "") -> ReportVersion:
    answers = Answers(grade=grade)
    return sign_report(report, revision=report.revision, proof=Proof(timezone.now()), by=by, kind=kind, answers=answers)


def stored(task: ReadingTask, *values: float, **changes: Any) -> StoredObject:
    """An SR that was read, with one length per value; `changes` are of its measurements."""
    number = StoredObject.objects.count() + 1
    source = StoredObject.objects.create(
        task=task,
        sop_instance_uid=f"2.25.77{task.pk}{number}",
        study_instance_uid=task.requested_procedures.get().study_instance_uid,
        observer="Radiologist^Rita",
        state="read",
        stored_at=timezone.now(),
    )
    Measurement.objects.bulk_create(Measurement(source=source, value=value, **(LENGTH | changes)) for value in values)
    return source
