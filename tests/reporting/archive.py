"""A case whose images stand in the real archive."""

from __future__ import annotations

from ris.orders.models import RequestedProcedure
from tests.exam import MATCHER, performed
from tests.ris.dicom.objects import ct, file_of
from tests.services.orthanc import Server
from tests.world import World
from worklist.actions.studies import note_study
from worklist.models import ReadingTask

DOCUMENTS = "DOC"


def archived_case(world: World, orthanc: Server) -> ReadingTask:
    """An image stored, the exam done, the study matched from what the archive says."""
    requested = world.requested()
    imaged(orthanc, requested)
    performed(world, requested)
    note(orthanc, requested)
    return ReadingTask.objects.get(requested_procedures=requested)


def case_of_two_studies(world: World, orthanc: Server) -> ReadingTask:
    """Two exams of a patient, read together, each with a study of its own."""
    task = archived_case(world, orthanc)
    second = world.requested(world.order(task.requested_procedures.get().order.patient))
    imaged(orthanc, second)
    note(orthanc, second)
    task.requested_procedures.add(second)
    return task


def imaged(orthanc: Server, requested: RequestedProcedure) -> None:
    """An image of the exam comes into the archive."""
    patient = requested.order.patient
    image = ct(
        PatientID=patient.identifiers.get().value,
        PatientName=patient.person_name,
        PatientBirthDate=f"{patient.birth_date:%Y%m%d}",
        PatientSex=patient.sex,
        AccessionNumber=requested.accession_number,
        StudyInstanceUID=requested.study_instance_uid,
    )
    orthanc.archive().store([file_of(image)])


def note(orthanc: Server, requested: RequestedProcedure) -> None:
    row = orthanc.archive().study(requested.study_instance_uid)
    assert row is not None
    note_study(row, by=MATCHER)


def documents(orthanc: Server, study_uid: str) -> list[str]:
    """SOP instance UIDs of the reports that the archive holds of a study."""
    archive = orthanc.archive()
    series = [row for row in archive.series(study_uid) if row.modality == DOCUMENTS]
    return [one.ref.sop_instance_uid for row in series for one in archive.instances(study_uid, row.series_instance_uid)]
