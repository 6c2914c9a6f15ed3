"""An exam as far as the API's tests need it, without an archive."""

from __future__ import annotations

from django.utils import timezone

from reporting.actions import open_report, save_draft, sign_report
from reporting.actions.sign import Proof
from reporting.models import Report, ReportVersion
from ris.core.actors import SystemActor
from ris.dicom.datasets import StudyRow
from ris.orders.models import RequestedProcedure
from tests.world import World
from worklist.actions.reading import claim, ensure_task
from worklist.actions.studies import note_study
from worklist.models import ReadingTask, Study

MATCHER = SystemActor("matcher")


def study_of(requested: RequestedProcedure, *, uid: str = "") -> Study:
    """The archive has the images of a requested procedure; they match."""
    patient = requested.order.patient
    identifier = patient.identifier_at(requested.site)
    assert identifier is not None
    row = StudyRow(
        study_instance_uid=uid or requested.study_instance_uid,
        patient_id=identifier.value,
        issuer_of_patient_id=identifier.issuer,
        patient_name=patient.person_name,
        birth_date=patient.birth_date,
        sex=patient.sex,
        accession_number=requested.accession_number,
        modalities=("CT",),
        series_count=1,
        instance_count=100,
    )
    return note_study(row, by=MATCHER)


def case(world: World) -> ReadingTask:
    """A case with images, in the radiologist's hands."""
    requested = world.requested()
    study_of(requested)
    return claim(ensure_task(requested, by=MATCHER), by=world.radiologist)


def draft(world: World) -> Report:
    """A report of which nothing is signed."""
    return open_report(case(world), by=world.radiologist)


def signed(world: World, *, kind: str = "final") -> ReportVersion:
    """A report signed by the radiologist."""
    report = save_draft(draft(world), revision=0, sections={"impression": "No nodule."}, by=world.radiologist)
    return sign_report(report, revision=1, proof=Proof(timezone.now()), by=world.radiologist, kind=kind)
