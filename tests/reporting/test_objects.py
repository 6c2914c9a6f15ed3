"""Objects that the viewer stored, read back from the real archive and understood in the real sandbox."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from reporting.actions import open_report, receive_object
from reporting.models import Measurement, Report, StoredObject
from reporting.sr.limits import MAX_BYTES
from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.core.errors import NotFound, NotPermitted
from ris.dicom.archive.errors import ArchiveError, NotInArchive
from ris.events import emit
from ris.events.models import Delivery
from ris.events.outbox import attempt
from tests.reporting.archive import archived_case
from tests.reporting.sr.builders import MM, Annotation, length, ohif_dataset, part10
from tests.ris.dicom.objects import ct, file_of, new_uid
from tests.services.orthanc import Server
from tests.services.server import free_port
from tests.world import World
from worklist.actions.reading import claim
from worklist.models import ReadingTask

DELIVERY = SystemActor("delivery")

pytestmark = [pytest.mark.orthanc, pytest.mark.django_db, pytest.mark.usefixtures("own_uids")]


def measured(task: ReadingTask, orthanc: Server, *annotations: Annotation, ballast: int = 0) -> tuple[str, str]:
    """An SR of the viewer's kind in the study of the case; (study UID, SOP instance UID)."""
    requested = task.requested_procedures.get()
    report = ohif_dataset(*annotations)
    report.StudyInstanceUID, report.SeriesInstanceUID = requested.study_instance_uid, new_uid()
    report.SOPInstanceUID = new_uid()
    report.PatientID, report.PatientName = task.patient.identifiers.get().value, task.patient.person_name
    report.PatientBirthDate, report.AccessionNumber = "19610517", requested.accession_number
    if ballast:
        report.private_block(0x0009, "BALLAST", create=True).add_new(0x01, "OB", bytes(ballast))
    assert orthanc.archive().store([part10(report)]).stored == {report.SOPInstanceUID}
    return requested.study_instance_uid, str(report.SOPInstanceUID)


def image_of(task: ReadingTask, orthanc: Server, **attributes: Any) -> str:
    """A slice in the study of the case."""
    requested = task.requested_procedures.get()
    image = ct(
        StudyInstanceUID=requested.study_instance_uid, PatientID=task.patient.identifiers.get().value,
        PatientName=task.patient.person_name, PatientBirthDate="19610517", PatientSex=task.patient.sex,
        AccessionNumber=requested.accession_number, **attributes,
    )  # fmt: skip
    orthanc.archive().store([file_of(image)])
    return str(image.SOPInstanceUID)


def report_of(world: World, task: ReadingTask) -> Report:
    return open_report(claim(task, by=world.radiologist), by=world.radiologist)


def field(report: Report) -> Any:
    return Report.objects.get(pk=report.pk).content["fields"]["lesion-length"]


def test_a_length_that_the_drawing_confirms_stands_in_the_report(world: World, orthanc: Server) -> None:
    task = archived_case(world, orthanc)
    report = report_of(world, task)
    image = image_of(task, orthanc, PixelSpacing=[0.5, 0.5])
    study, sop = measured(task, orthanc, length(50.0, [10, 10, 110, 10], image=image))
    stored = receive_object(study, sop, by=DELIVERY)
    row = Measurement.objects.get()
    assert (stored.state, row.value, row.unit, row.flags) == ("read", 50.0, "mm", [])
    assert row.recomputed == pytest.approx(50.0, rel=1e-6)
    held = field(report)
    assert (held["value"], held["unit"], held["sr_sop_uid"], held["image_sop_uid"]) == (50.0, "mm", sop, image)
    audited = AuditEvent.objects.get(action="object.read")
    assert (audited.patient_id, audited.study_uid, audited.detail) == (
        task.patient_id, study, {"filled": ["lesion-length"]},
    )  # fmt: skip


def test_a_length_that_the_drawing_contradicts_fills_nothing(world: World, orthanc: Server) -> None:
    task = archived_case(world, orthanc)
    report = report_of(world, task)
    image = image_of(task, orthanc, PixelSpacing=[0.5, 0.5])
    receive_object(*measured(task, orthanc, length(80.0, [10, 10, 110, 10], image=image)), by=DELIVERY)
    assert Measurement.objects.get().flags
    assert field(report) is None


def test_reading_twice_keeps_one_of_each(world: World, orthanc: Server) -> None:
    task = archived_case(world, orthanc)
    place = measured(task, orthanc, length(50.0, [10, 10, 110, 10], MM))
    receive_object(*place, by=DELIVERY)
    receive_object(*place, by=DELIVERY)
    assert (StoredObject.objects.count(), Measurement.objects.count()) == (1, 1)


def test_what_cannot_be_read_is_refused_in_words_and_kept(world: World, orthanc: Server) -> None:
    """Larger than any report is."""
    task = archived_case(world, orthanc)
    place = measured(task, orthanc, length(50.0, [10, 10, 110, 10]), ballast=MAX_BYTES)
    stored = receive_object(*place, by=DELIVERY)
    assert (stored.state, Measurement.objects.count()) == ("refused", 0)
    assert "10 MB" in stored.problem


def test_an_object_without_numbers_stands_beside_the_report(world: World, orthanc: Server) -> None:
    task = archived_case(world, orthanc)
    image = image_of(task, orthanc)
    stored = receive_object(task.requested_procedures.get().study_instance_uid, image, by=DELIVERY)
    assert (stored.state, stored.problem, Measurement.objects.count()) == ("read", "", 0)


def test_what_the_archive_does_not_have_is_told(world: World, orthanc: Server) -> None:
    task = archived_case(world, orthanc)
    with pytest.raises(NotInArchive):
        receive_object(task.requested_procedures.get().study_instance_uid, new_uid(), by=DELIVERY)
    assert not StoredObject.objects.exists()


def test_a_study_of_no_case_is_told(world: World, orthanc: Server) -> None:
    with pytest.raises(NotFound):
        receive_object(new_uid(), new_uid(), by=DELIVERY)


def test_only_the_delivery_takes_objects_in(world: World, orthanc: Server) -> None:
    task = archived_case(world, orthanc)
    place = measured(task, orthanc, length(50.0, [10, 10, 110, 10]))
    for by in (world.radiologist, world.admin, SystemActor("matcher")):
        with pytest.raises(NotPermitted):
            receive_object(*place, by=by)
    assert not StoredObject.objects.exists()


def test_the_event_of_the_viewer_brings_the_number_into_the_report(
    world: World, orthanc: Server, settings: Settings
) -> None:
    """Also when the archive is away at first."""
    task = archived_case(world, orthanc)
    report = report_of(world, task)
    image = image_of(task, orthanc, PixelSpacing=[0.5, 0.5])
    study, sop = measured(task, orthanc, length(50.0, [10, 10, 110, 10], image=image))
    settings.ORTHANC_URL = f"http://127.0.0.1:{free_port()}"
    emit("object.stored", ("worklist.study", "1"), by=world.radiologist, study_uid=study, sop_uids=[sop])
    delivery = Delivery.objects.get(event__kind="object.stored")
    attempt(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, field(report)) == ("pending", None)
    with pytest.raises(ArchiveError):
        receive_object(study, sop, by=DELIVERY)
    settings.ORTHANC_URL = orthanc.url
    Delivery.objects.update(next_at=delivery.event.at)
    attempt(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, field(report)["value"]) == ("done", 50.0)
