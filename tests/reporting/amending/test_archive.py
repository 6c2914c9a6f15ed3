"""Addenda and withdrawals in the real archive: a further document each; a note that rejects what must not count."""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from django.utils import timezone

from reporting.actions import note_given_up, publish, publish_version
from reporting.actions.amend import withdraw_report
from reporting.actions.sign import Proof
from reporting.models import Publication, ReportVersion
from reporting.publish.encapsulated_pdf import extract_pdf
from reporting.publish.hidden import hidden_series
from ris.core.actors import SystemActor
from ris.dicom.archive import Archive, get_archive, store_verified
from ris.dicom.archive.errors import ArchiveError
from tests.exam import draft, sign
from tests.reporting.amending.test_amending import added, corrected
from tests.reporting.archive import archived_case
from tests.reporting.test_device_reports import delete_in_archive
from tests.services.orthanc import Server
from tests.world import World
from worklist.models import Study

DELIVERY = SystemActor("delivery")
pytestmark = [pytest.mark.orthanc, pytest.mark.usefixtures("signing_key", "own_uids")]


def stored(version: ReportVersion) -> bytes:
    archive = get_archive()
    where = archive.locate(Publication.objects.get(version=version).sop_instance_uid)
    assert where is not None
    return archive.retrieve(where)


def withdrawn(version: ReportVersion, world: World) -> ReportVersion:
    return withdraw_report(version.report, reason="Another patient", proof=Proof(timezone.now()), by=world.radiologist)


def test_an_addendum_is_a_further_document_and_the_first_keeps_its_bytes(world: World, orthanc: Server) -> None:
    first = sign(draft(world, task=archived_case(world, orthanc)), world.radiologist)
    publish_version(first, by=DELIVERY)
    before = stored(first)
    second = added(first.report, "The cyst is benign.", world.radiologist)
    assert publish_version(second, by=DELIVERY).archive_state == "archived"
    assert stored(first) == before
    assert extract_pdf(stored(second)) != extract_pdf(before)


def test_each_document_names_the_one_that_it_follows(world: World, orthanc: Server, tmp_path: Path) -> None:
    first = sign(draft(world, task=archived_case(world, orthanc)), world.radiologist)
    second = added(first.report, "The cyst is benign.", world.radiologist)
    third = corrected(second.report, "A cyst in the right upper lobe.", by=world.radiologist)
    for version in (third, first, second):
        publish_version(version, by=DELIVERY)
    assert predecessors(first) == []
    assert predecessors(second) == [first.publication.sop_instance_uid]
    assert predecessors(third) == [second.publication.sop_instance_uid]
    (tmp_path / "third.dcm").write_bytes(stored(third))
    done = subprocess.run(["dciodvfy", "-new", tmp_path / "third.dcm"], capture_output=True, check=False)
    assert [line for line in (done.stdout + done.stderr).decode().splitlines() if line.startswith("Error")] == []


def predecessors(version: ReportVersion) -> list[str]:
    """SOP Instance UIDs in (0040,A360) of the object as the archive gives it back."""
    dataset = pydicom.dcmread(BytesIO(stored(version)))
    series = [
        one for study in dataset.get("PredecessorDocumentsSequence", []) for one in study.ReferencedSeriesSequence
    ]
    return [one.ReferencedSOPInstanceUID for part in series for one in part.ReferencedSOPSequence]


def test_a_withdrawal_rejects_every_archived_version_by_a_key_object_note(
    world: World, orthanc: Server, tmp_path: Path
) -> None:
    first = sign(draft(world, task=archived_case(world, orthanc)), world.radiologist)
    publish_version(first, by=DELIVERY)
    note = withdrawn(first, world)
    assert publish_version(note, by=DELIVERY).archive_state == "archived"
    (tmp_path / "note.dcm").write_bytes(stored(note))
    dataset = pydicom.dcmread(tmp_path / "note.dcm")
    assert (dataset.Modality, dataset.ConceptNameCodeSequence[0].CodeValue) == ("KO", "113037")
    series = dataset.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == first.publication.sop_instance_uid
    assert series.SeriesInstanceUID != dataset.SeriesInstanceUID, "a series holds objects of one modality"
    study = Study.objects.get(study_instance_uid=first.study_instance_uid).pk
    assert {dataset.SeriesInstanceUID, series.SeriesInstanceUID} <= hidden_series([study])[study]
    done = subprocess.run(["dciodvfy", "-new", tmp_path / "note.dcm"], capture_output=True, check=False)
    assert [line for line in (done.stdout + done.stderr).decode().splitlines() if line.startswith("Error")] == []


def test_what_had_not_left_yet_never_leaves(world: World, orthanc: Server) -> None:
    first = sign(draft(world, task=archived_case(world, orthanc)), world.radiologist)
    note = withdrawn(first, world)
    assert publish_version(first, by=DELIVERY).archive_state == "withheld"
    assert publish_version(note, by=DELIVERY).archive_state == "withheld"
    archive = get_archive()
    assert archive.locate(first.publication.sop_instance_uid) is None


def test_what_got_there_without_a_word_of_it_is_rejected_too(
    world: World, orthanc: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive took the document, and its answer was lost; then the report was withdrawn."""
    first = sign(draft(world, task=archived_case(world, orthanc)), world.radiologist)
    with monkeypatch.context() as patch:
        patch.setattr(publish, "store_verified", loses_the_answer)
        with pytest.raises(ArchiveError, match="No answer"):
            publish_version(first, by=DELIVERY)
    note = withdrawn(first, world)
    with pytest.raises(ArchiveError, match="still on its way"):
        publish_version(note, by=DELIVERY)
    assert publish_version(first, by=DELIVERY).archive_state == "archived"
    assert publish_version(note, by=DELIVERY).archive_state == "archived"
    (series,) = (
        pydicom.dcmread(BytesIO(stored(note))).CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
    )
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == first.publication.sop_instance_uid


def test_a_withdrawal_settles_what_waited_for_a_person(world: World, orthanc: Server) -> None:
    first = sign(draft(world, task=archived_case(world, orthanc)), world.radiologist)
    note_given_up(first.pk, by=DELIVERY)
    note = withdrawn(first, world)
    assert publish_version(note, by=DELIVERY).archive_state == "withheld"
    assert Publication.objects.get(version=first).archive_state == "withheld"


def loses_the_answer(archive: Archive, part10: bytes) -> None:
    store_verified(archive, part10)
    raise ArchiveError("No answer in time.", permanent=False)


def test_a_withdrawal_is_noted_when_only_the_report_is_left_of_its_study(world: World, orthanc: Server) -> None:
    first = sign(draft(world, task=archived_case(world, orthanc)), world.radiologist)
    publish_version(first, by=DELIVERY)
    (image,) = [one for one in orthanc.archive().metadata(first.study_instance_uid) if "00280010" in one]
    delete_in_archive(orthanc, image["00080018"]["Value"][0])
    note = withdrawn(first, world)
    assert publish_version(note, by=DELIVERY).archive_state == "archived"
    dataset = pydicom.dcmread(BytesIO(stored(note)))
    assert dataset.PatientID == image["00100020"]["Value"][0]
    assert dataset.StudyInstanceUID == first.study_instance_uid
