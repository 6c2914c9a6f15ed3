"""Objects change their patient at the real Orthanc: all of them, nothing but that, and back again."""

from __future__ import annotations

from io import BytesIO

import pytest
from pydicom import dcmread

from reporting.subscribers import archive_version
from ris.audit.models import AuditEvent
from ris.dicom.archive.objects import get_objects
from ris.events.models import Event
from ris.patients.actions import merge_patients, unmerge_patient
from ris.patients.models import Patient
from tests.exam import draft, performed, sign
from tests.services.orthanc import Server
from tests.world import World
from worklist.actions.decisions import link, undo
from worklist.models import ReadingTask, Study
from worklist.rehoming import following
from worklist.rehoming.actions import correct_study, is_moving, restore_study
from worklist.rehoming.rows import Rehoming

from .studies import carried, everything, noted_from, of_exam, pdf_of, send, whole_study

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("own_uids")]


def newest() -> Rehoming:
    return Rehoming.objects.order_by("-pk")[0]


def after_the_merge(loser: Patient) -> Rehoming:
    following.after_merge(Event.objects.filter(kind="patient.merged", payload__loser_id=loser.pk).latest("pk"))
    return newest()


def test_a_merge_moves_every_object_and_taking_it_back_restores_every_byte(world: World, orthanc: Server) -> None:
    requested = world.requested()
    uid = requested.study_instance_uid
    loser, into = requested.order.patient, world.patient("Müller", "Jörg")
    send(orthanc, *whole_study(**of_exam(requested)))
    study, before = noted_from(orthanc, uid), everything(orthanc, uid)
    assert study.state == "matched"

    merge_patients(loser, into=into, reason="Same passport", by=world.clerk)
    row = carried(after_the_merge(loser))
    assert (row.state, row.moved, row.total) == ("done", 6, 6)
    number = into.identifier_at(world.north)
    assert number is not None
    after = everything(orthanc, uid)
    assert {key.split()[0] for key in after} == {number.value}, "nothing is left under the old number"
    assert {key.split()[1] for key in after} == {key.split()[1] for key in before}, "SOP Instance UIDs are kept"
    for key, file in after.items():
        (was,) = [old for name, old in before.items() if name.split()[1] == key.split()[1]]
        old, new = dcmread(BytesIO(was)), dcmread(BytesIO(file))
        assert (str(new.PatientName), new.PatientBirthDate) == ("Müller^Jörg", "19610517")
        assert (new.StudyInstanceUID, new.SeriesInstanceUID) == (old.StudyInstanceUID, old.SeriesInstanceUID)
        assert new.get("PixelData") == old.get("PixelData")
        assert new.get("CurrentRequestedProcedureEvidenceSequence") == old.get(
            "CurrentRequestedProcedureEvidenceSequence"
        )
        (item,) = new.OriginalAttributesSequence
        assert item.ModifiedAttributesSequence[0].PatientID == old.PatientID
        assert (item.ModifyingSystem, item.ReasonForTheAttributeModification) == ("ISOCENTER", "CORRECT")
    assert pdf_of(after) == pdf_of(before)
    assert orthanc.archive().metadata(uid), "DICOMweb answers for the study again"

    again = noted_from(orthanc, uid)
    assert (again.state, again.patient_id_text) == ("matched", number.value), "it still answers its exam"

    unmerge_patient(loser, reason="Two passports", by=world.clerk)
    following.after_parting(Event.objects.get(kind="patient.unmerged"))
    assert carried(newest()).state == "done"
    assert everything(orthanc, uid) == before


def test_a_link_corrects_patient_and_accession_and_taking_it_back_restores_them(world: World, orthanc: Server) -> None:
    """The operator had picked another line of the worklist: number, name and accession are another's."""
    requested, other = world.requested(), world.requested(world.order(world.patient("Other", "One")))
    objects = whole_study(**of_exam(other, StudyInstanceUID="2.25.4711" + requested.study_instance_uid[-10:]))
    uid = objects[0].StudyInstanceUID
    send(orthanc, *objects)
    study, before = noted_from(orthanc, uid), everything(orthanc, uid)
    row = correct_study(study, requested, reason="The patient says so", by=world.technologist)
    assert row is not None
    assert is_moving(uid)
    assert correct_study(study, requested, reason="Twice", by=world.technologist) == row, "asked twice is one"
    assert carried(row).state == "done"
    told = orthanc.archive().study(uid)
    wanted = of_exam(requested)
    assert told is not None
    assert (told.patient_id, told.accession_number) == (wanted["PatientID"], requested.accession_number)
    assert told.patient_name == wanted["PatientName"]
    back = restore_study(Study.objects.get(pk=study.pk), reason="It was right", by=world.technologist)
    assert back is not None
    assert carried(back).state == "done"
    assert everything(orthanc, uid) == before


def test_a_study_that_moves_to_another_patients_exam_takes_every_object_along_and_comes_back(
    world: World, orthanc: Server
) -> None:
    """The scanner still had the patient before on its screen."""
    requested, hers = world.requested(), world.requested(world.order(world.patient("Olsen", "Tor")))
    uid = requested.study_instance_uid
    send(orthanc, *whole_study(**of_exam(requested)))
    study, before = noted_from(orthanc, uid), everything(orthanc, uid)
    moved = link(study, hers, reason="The patient says so", by=world.technologist, moves=True)
    assert noted_from(orthanc, uid).state == "correcting"
    assert carried(newest()).state == "done"
    again = noted_from(orthanc, uid)
    number = of_exam(hers)["PatientID"]
    assert (again.state, again.patient_id_text, again.accession_number) == ("matched", number, hers.accession_number)
    assert {key.split()[0] for key in everything(orthanc, uid)} == {number}
    undo(moved, reason="No", by=world.technologist)
    for row in Rehoming.objects.filter(done_at=None).order_by("pk"):
        assert carried(row).state == "done"
    assert noted_from(orthanc, uid).state == "matched"
    assert everything(orthanc, uid) == before


def test_an_accession_alone_is_corrected_in_place(world: World, orthanc: Server) -> None:
    """The archive has one name for both: it can hold only one of them, and the first one is kept here meanwhile."""
    requested = world.requested()
    uid = requested.study_instance_uid
    send(orthanc, *whole_study(**of_exam(requested, AccessionNumber="TYPO")))
    study, before = noted_from(orthanc, uid), everything(orthanc, uid)
    row = correct_study(study, requested, reason="Typed by hand", by=world.technologist)
    assert row is not None
    assert (carried(row).state, row.total) == ("done", 6)
    told = orthanc.archive().study(uid)
    assert told is not None
    assert told.accession_number == requested.accession_number, "also what Orthanc tells of the study"
    files = everything(orthanc, uid)
    assert {dcmread(BytesIO(one)).AccessionNumber for one in files.values()} == {requested.accession_number}
    assert pdf_of(files) == pdf_of(before)
    back = restore_study(study, reason="No", by=world.technologist)
    assert back is not None
    carried(back)
    assert everything(orthanc, uid) == before


def test_a_birth_date_that_a_person_accepted_is_corrected_in_the_objects_and_comes_back(
    world: World, orthanc: Server
) -> None:
    """Number and accession are hers, so that nobody else would ever correct it."""
    requested = world.requested()
    uid = requested.study_instance_uid
    send(orthanc, *whole_study(**of_exam(requested, PatientBirthDate="19010101"))[:2])
    study, before = noted_from(orthanc, uid), everything(orthanc, uid)
    assert (study.state, study.doubt) == ("unmatched", "mismatch")
    linked = link(study, requested, reason="Asked her", by=world.technologist)
    assert carried(newest()).state == "done"
    assert {str(dcmread(BytesIO(one)).PatientBirthDate) for one in everything(orthanc, uid).values()} == {
        of_exam(requested)["PatientBirthDate"]
    }
    assert noted_from(orthanc, uid).state == "matched"
    undo(linked, reason="It was not hers", by=world.technologist)
    assert carried(newest()).state == "done"
    assert everything(orthanc, uid) == before


def test_a_study_that_says_so_already_is_left_alone(world: World, orthanc: Server) -> None:
    requested = world.requested()
    send(orthanc, *whole_study(**of_exam(requested)))
    study = noted_from(orthanc, requested.study_instance_uid)
    assert correct_study(study, requested, reason="Sure", by=world.technologist) is None
    assert not Rehoming.objects.exists()


def test_images_that_come_late_under_the_old_number_follow(world: World, orthanc: Server) -> None:
    requested = world.requested()
    uid, loser, into = requested.study_instance_uid, requested.order.patient, world.patient("Into")
    late, *early = whole_study(**of_exam(requested))
    send(orthanc, *early)
    noted_from(orthanc, uid)
    merge_patients(loser, into=into, reason="Same passport", by=world.clerk)
    first = carried(after_the_merge(loser))
    send(orthanc, late)
    (row,) = [one for one in get_objects().studies(uid) if one.patient_id == first.was["patient_id"]]
    assert following.follow_late(row)
    assert carried(newest()).state == "done"
    assert {key.split()[0] for key in everything(orthanc, uid)} == {first.wanted["patient_id"]}
    assert len(everything(orthanc, uid)) == 6


def test_a_signed_report_proves_itself_after_the_move_too(world: World, orthanc: Server, signing_key: None) -> None:
    """Its PDF moved along byte by byte; asked to archive it again, the RIS finds it there and stores nothing."""
    requested = world.requested()
    uid, into = requested.study_instance_uid, world.patient("Into")
    performed(world, requested)
    send(orthanc, *whole_study(**of_exam(requested))[:2])
    noted_from(orthanc, uid)
    version = sign(draft(world, task=ReadingTask.objects.get()), world.radiologist)
    signed = Event.objects.get(kind="report.signed")
    archive_version(signed)
    merge_patients(requested.order.patient, into=into, reason="Same passport", by=world.clerk)
    row = carried(after_the_merge(requested.order.patient))
    assert (row.state, row.total) == ("done", 3)
    files = everything(orthanc, uid)
    assert pdf_of(files) == bytes(version.artifacts.get(kind="pdf").body)
    archive_version(signed)
    assert everything(orthanc, uid) == files


def test_everything_is_on_the_audit_trail(world: World, orthanc: Server) -> None:
    requested = world.requested()
    send(orthanc, *whole_study(**of_exam(requested, AccessionNumber="TYPO")))
    study = noted_from(orthanc, requested.study_instance_uid)
    row = correct_study(study, requested, reason="Typed by hand", by=world.technologist)
    assert row is not None
    carried(row)
    told = AuditEvent.objects.filter(action__startswith="study.rehom").order_by("pk")
    assert [one.action for one in told] == ["study.rehoming-asked", "study.rehomed"]
    assert {one.study_uid for one in told} == {requested.study_instance_uid}
