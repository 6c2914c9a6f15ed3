"""A report that answers exams with studies of their own stands in each of them; so does the note that rejects it."""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone
from pydicom import Dataset, dcmread
from pydicom.uid import EncapsulatedPDFStorage

from reporting.actions import publish_version
from reporting.actions.amend import withdraw_report
from reporting.actions.sign import Proof
from reporting.copies.record import FurtherCopy
from reporting.handing import as_it_stands
from reporting.models import Artifact, Publication, ReportVersion
from reporting.publish.encapsulated_pdf import extract_pdf
from reporting.publish.hidden import hidden_series
from reporting.publish.uids import document_place
from reporting.verifying.archived import archive_faults
from ris.core.actors import SystemActor
from ris.dicom.archive.errors import NotInArchive
from ris.orders.models import RequestedProcedure
from tests.exam import draft, sign
from tests.reporting.amending.test_amending import added
from tests.reporting.archive import archived_case, case_of_two_studies, documents, imaged
from tests.reporting.test_device_reports import delete_in_archive
from tests.ris.dicom.objects import common, file_of
from tests.services.orthanc import Server
from tests.world import World
from worklist.actions.decisions import unlink
from worklist.models import Study

DELIVERY = SystemActor("delivery")
pytestmark = [pytest.mark.orthanc, pytest.mark.usefixtures("signing_key", "own_uids")]


def signed_of_two(world: World, orthanc: Server) -> tuple[ReportVersion, FurtherCopy]:
    version = sign(draft(world, task=case_of_two_studies(world, orthanc)), world.radiologist)
    return version, version.publication.copies.get()


def held(orthanc: Server, sop_uid: str) -> bytes:
    archive = orthanc.archive()
    where = archive.locate(sop_uid)
    assert where is not None
    return archive.retrieve(where)


def state_of(version: ReportVersion) -> str:
    return Publication.objects.get(version=version).archive_state


def second_of(version: ReportVersion) -> RequestedProcedure:
    return version.report.task.requested_procedures.order_by("pk")[1]


def test_its_document_stands_in_both_byte_for_byte_under_uids_that_never_change(
    world: World, orthanc: Server, tmp_path: Path
) -> None:
    version, copy = signed_of_two(world, orthanc)
    for _ in range(3):
        publish_version(version, by=DELIVERY)
    signed = bytes(Artifact.objects.get(version=version, kind="pdf").body)
    first, second = (one.study_instance_uid for one in (version, copy))
    assert second == second_of(version).study_instance_uid
    assert documents(orthanc, first) == [version.publication.sop_instance_uid]
    assert documents(orthanc, second) == [document_place(version.report_id, 1, "final", second).sop_uid]
    (tmp_path / "copy.dcm").write_bytes(held(orthanc, copy.sop_instance_uid))
    assert extract_pdf((tmp_path / "copy.dcm").read_bytes()) == signed
    there = dcmread(tmp_path / "copy.dcm")
    assert there.AccessionNumber == second_of(version).accession_number, "copied from its own study"
    assert there.SeriesInstanceUID != version.publication.series_instance_uid
    assert len(there.RequestAttributesSequence) == 2
    done = subprocess.run(["dciodvfy", "-new", tmp_path / "copy.dcm"], capture_output=True, check=False)
    assert [line for line in (done.stdout + done.stderr).decode().splitlines() if line.startswith("Error")] == []


def test_it_is_called_archived_only_when_it_stands_in_both(world: World, orthanc: Server) -> None:
    version, copy = signed_of_two(world, orthanc)
    empty(orthanc, copy.study_instance_uid)
    with pytest.raises(NotInArchive):
        publish_version(version, by=DELIVERY)
    assert (state_of(version), len(documents(orthanc, version.study_instance_uid))) == ("pending", 1)
    imaged(orthanc, second_of(version))
    assert publish_version(version, by=DELIVERY).archive_state == "archived"
    assert [len(documents(orthanc, uid)) for uid in (version.study_instance_uid, copy.study_instance_uid)] == [1, 1]


def empty(orthanc: Server, study_uid: str) -> None:
    for row in orthanc.archive().metadata(study_uid):
        delete_in_archive(orthanc, row["00080018"]["Value"][0])


def test_a_withdrawn_one_is_rejected_and_hidden_in_both(world: World, orthanc: Server) -> None:
    version, copy = signed_of_two(world, orthanc)
    publish_version(version, by=DELIVERY)
    proof = Proof(timezone.now())
    taken_back = withdraw_report(version.report, reason="Another patient", proof=proof, by=world.radiologist)
    assert publish_version(taken_back, by=DELIVERY).archive_state == "archived"
    further = taken_back.publication.copies.get()
    notes = [(taken_back.publication.sop_instance_uid, version.study_instance_uid),
             (further.sop_instance_uid, copy.study_instance_uid)]  # fmt: skip
    rejected = [version.publication.sop_instance_uid, copy.sop_instance_uid]
    for (sop, study), document in zip(notes, rejected, strict=True):
        told = dcmread(BytesIO(held(orthanc, sop)))
        assert (told.StudyInstanceUID, evidence(told)) == (study, [(study, document)])
        row = Study.objects.get(study_instance_uid=study)
        series = {one.SeriesInstanceUID for one in (told, dcmread(BytesIO(held(orthanc, document))))}
        assert series <= hidden_series([row.pk])[row.pk]
    assert as_it_stands(copy.sop_instance_uid, b"%PDF-as archived") != b"%PDF-as archived", "marked as withdrawn"


def evidence(told: Dataset) -> list[tuple[str, str]]:
    return [
        (study.StudyInstanceUID, instance.ReferencedSOPInstanceUID)
        for study in told.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    ]


def test_a_later_version_follows_the_one_of_its_own_study(world: World, orthanc: Server) -> None:
    version, copy = signed_of_two(world, orthanc)
    second = added(version.report, "The cyst is benign.", world.radiologist)
    for one in (version, second):
        publish_version(one, by=DELIVERY)
    follower = dcmread(BytesIO(held(orthanc, second.publication.copies.get().sop_instance_uid)))
    (before,) = follower.PredecessorDocumentsSequence
    assert before.StudyInstanceUID == copy.study_instance_uid
    assert before.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == copy.sop_instance_uid


def test_a_study_that_left_the_case_before_gets_none(world: World, orthanc: Server) -> None:
    version, copy = signed_of_two(world, orthanc)
    unlink(Study.objects.get(study_instance_uid=copy.study_instance_uid), reason="Not hers", by=world.radiologist)
    assert publish_version(version, by=DELIVERY).archive_state == "archived"
    assert documents(orthanc, copy.study_instance_uid) == []
    assert FurtherCopy.objects.get().stored_at is None


def test_a_copy_that_the_archive_lost_is_found(world: World, orthanc: Server) -> None:
    version, copy = signed_of_two(world, orthanc)
    publish_version(version, by=DELIVERY)
    assert list(archive_faults(version, orthanc.archive())) == []
    delete_in_archive(orthanc, copy.sop_instance_uid)
    assert list(archive_faults(version, orthanc.archive())) == [
        "it is called archived, and the archive does not have it in a further study"
    ]


def test_a_study_whose_images_went_meanwhile_has_its_report_too(world: World, orthanc: Server) -> None:
    """What is left of it is a device's own document: patient and study are copied from that."""
    task = archived_case(world, orthanc)
    version = sign(draft(world, task=task), world.radiologist)
    (image,) = orthanc.archive().metadata(version.study_instance_uid)
    own = common(
        SOPClassUID=EncapsulatedPDFStorage, Modality="DOC", MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocument=b"%PDF-1.4\n%%EOF\n", PatientID=image["00100020"]["Value"][0],
        StudyInstanceUID=version.study_instance_uid,
    )  # fmt: skip
    orthanc.archive().store([file_of(own)])
    delete_in_archive(orthanc, image["00080018"]["Value"][0])
    assert publish_version(version, by=DELIVERY).archive_state == "archived"
    there = dcmread(BytesIO(held(orthanc, version.publication.sop_instance_uid)))
    assert (there.PatientID, there.StudyInstanceUID) == (own.PatientID, version.study_instance_uid)
    assert set(documents(orthanc, version.study_instance_uid)) == {own.SOPInstanceUID, there.SOPInstanceUID}
