"""The demo's device against our own server: from our worklist through our MPPS to valid images."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ris.demo.modality.device import Device, Habits
from ris.demo.modality.errors import NoSuchStepError, RefusedError
from ris.demo.modality.scanner import Scanner
from ris.demo.modality.wire import Peer
from ris.scheduling.models import ScheduledProcedureStep
from tests.ris.demo.modality.peers import RecordingArchive
from tests.world import World
from worklist.models import PerformedProcedureStep

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def archive() -> Iterator[RecordingArchive]:
    listener = RecordingArchive("ORTHANC")
    listener.open()
    yield listener
    listener.close()


@pytest.fixture
def device(scp: tuple[str, int], archive: RecordingArchive) -> Scanner:
    title, port = scp
    return Scanner(Device("CT1", Peer(title, "127.0.0.1", port), archive.peer), Habits(images=3))


def test_a_booked_step_is_taken_performed_and_completed(
    live_world: World, device: Scanner, archive: RecordingArchive, tmp_path: Path
) -> None:
    step = live_world.step()
    accession = step.requested_procedure.accession_number
    (performed,) = device.perform(accession)
    assert ScheduledProcedureStep.objects.get(pk=step.pk).state == "COMPLETED"
    assert PerformedProcedureStep.objects.get(sop_instance_uid=performed.pps_uid).state == "COMPLETED"
    assert {(image.AccessionNumber, image.StudyInstanceUID) for image in archive.images} == {
        (accession, step.requested_procedure.study_instance_uid)
    }
    archive.images[0].save_as(tmp_path / "image.dcm", enforce_file_format=True)
    said = subprocess.run(["dciodvfy", tmp_path / "image.dcm"], capture_output=True, text=True, check=False).stderr
    assert "CTImage" in said
    assert "Error" not in said


def test_a_completed_step_is_offered_no_more(live_world: World, device: Scanner) -> None:
    accession = live_world.step().requested_procedure.accession_number
    device.perform(accession)
    with pytest.raises(NoSuchStepError):
        device.perform(accession)


def test_a_step_whose_images_could_not_be_stored_is_discontinued(
    live_world: World, device: Scanner, archive: RecordingArchive
) -> None:
    step = live_world.step()
    archive.fails_from = 1
    with pytest.raises(RefusedError):
        device.perform(step.requested_procedure.accession_number)
    assert ScheduledProcedureStep.objects.get(pk=step.pk).state == "DISCONTINUED"
    assert PerformedProcedureStep.objects.get().state == "DISCONTINUED"
