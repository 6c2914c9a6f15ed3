"""Measurements are preliminary until their report is signed, and final after: a new object, the same numbers."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from pydicom import FileDataset, dcmread
from pytest_django import Settings

from reporting.actions.amend import Typed, begin_amendment, save_amendment, sign_amendment
from reporting.actions.sign import Proof
from reporting.delay.actions import release_now
from reporting.models import Report, ReportVersion, StoredObject
from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.core.identifiers import uid
from ris.demo.seed import make_signing_key
from ris.dicom.archive import get_archive
from ris.events.models import Delivery
from ris.events.outbox import attempt, sweep
from tests import exam
from tests.reporting.sr.builders import length, ohif_dataset, part10
from tests.viewer import objects
from tests.viewer.hospital import Browser, Hospital
from tests.viewer.hospital import exam as an_exam
from viewer.finals import marks
from viewer.finals.document import finalize
from viewer.finals.storing import finalize_measurements, place_of
from worklist.models import ReadingTask

DELIVERY = SystemActor("delivery")
COUNT = iter(range(1000))
FINALS = "viewer.final-measurements"


@pytest.fixture(scope="module", autouse=True)
def _signing(hospital: Hospital) -> None:
    make_signing_key()


@pytest.fixture
def measured(hospital: Hospital, rita: Browser) -> StoredObject:
    """A case in the radiologist's hands, with one length that came through the viewer and was read."""
    name = f"Finn{'abcdefghijklmnopqrstuvw'[next(COUNT)]}"
    one = an_exam(hospital.world, hospital.world.north, hospital.world.clerk, name)
    report = exam.draft(hospital.world, task=ReadingTask.objects.get(patient__family_name=name))
    made, sop = a_length(one.place)
    assert hospital.store(rita, made).status == 200
    sweep()
    stored = StoredObject.objects.get(sop_instance_uid=sop)
    assert (stored.state, stored.task_id) == ("read", report.task_id)
    return stored


def a_length(place: objects.Place) -> tuple[bytes, str]:
    """An SR as OHIF sends it, and its UID."""
    found = ohif_dataset(length(33.6, [10, 20, 16, 25]))
    found.StudyInstanceUID, found.PatientID = place.study, place.patient_id
    found.PatientName, found.AccessionNumber = place.patient_name, place.accession
    found.SeriesInstanceUID, found.SOPInstanceUID = (f"2.25.{uuid.uuid4().int >> 64}" for _ in range(2))
    return part10(found), str(found.SOPInstanceUID)


def place_in(measured: StoredObject) -> objects.Place:
    """Where another measurement of the same exam belongs."""
    before = archived(measured.study_instance_uid, measured.sop_instance_uid)
    assert before is not None
    return objects.Place(
        measured.study_instance_uid, str(before.PatientID), str(before.AccessionNumber), str(before.PatientName)
    )


def swept(times: int = 3) -> None:
    """What one round tells, the next one hears; what waited its turn is due."""
    for _ in range(times):
        Delivery.objects.filter(state="pending").update(next_at=timezone.now())
        sweep()


def let_the_second_pass(version: ReportVersion) -> None:
    """A signature has no fractions of a second: what comes in the same one counts as signed."""
    time.sleep(max(0, (version.created_at + timedelta(seconds=1) - timezone.now()).total_seconds()))


def archived(study: str, sop: str) -> FileDataset | None:
    where = get_archive().locate(sop)
    if where is None:
        return None
    assert where.study_instance_uid == study
    return dcmread(BytesIO(get_archive().retrieve(where)))


def signed(hospital: Hospital, measured: StoredObject, kind: str = "final") -> ReportVersion:
    report = Report.objects.get(task=measured.task)
    version = exam.sign(report, hospital.world.radiologist, kind)
    for _ in range(2):  # what the first round tells, the second one hears
        sweep()
    return version


def test_the_signature_makes_a_final_object_that_names_the_one_before(
    hospital: Hospital, measured: StoredObject
) -> None:
    study, sop = measured.study_instance_uid, measured.sop_instance_uid
    before = archived(study, sop)
    assert before is not None
    assert before.PreliminaryFlag == "PRELIMINARY"
    assert "preliminary" in before.SeriesDescription.lower()
    version = signed(hospital, measured)
    final = archived(study, place_of(sop).sop_uid)
    assert final is not None
    flags = (final.CompletionFlag, final.VerificationFlag, final.PreliminaryFlag)
    assert flags == ("COMPLETE", "VERIFIED", "FINAL")
    assert final.SeriesDescription == marks.final(before.SeriesDescription)
    (named,) = final.PredecessorDocumentsSequence
    (series,) = named.ReferencedSeriesSequence
    assert (series.SeriesInstanceUID, series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID) == (
        before.SeriesInstanceUID, sop,
    )  # fmt: skip
    assert str(final.VerifyingObserverSequence[0].VerifyingObserverName) == version.content["signer"]["name"]
    assert final.ContentSequence == before.ContentSequence
    assert final.SeriesInstanceUID != before.SeriesInstanceUID
    assert archived(study, sop) == before, "the old one stays as it was"


@pytest.mark.parametrize(
    ("came", "stored", "after"),
    [
        ("Preliminary measurements", "Preliminary measurements", "Measurements (final)"),
        ("Lung nodules", "Lung nodules (preliminary)", "Lung nodules (final)"),
        ("", "(preliminary)", "(final)"),
        ("x" * 64, f"{'x' * 50} (preliminary)", f"{'x' * 50} (final)"),
    ],
)
def test_the_series_says_which_it_is(came: str, stored: str, after: str) -> None:
    assert marks.preliminary(came) == marks.preliminary(stored) == stored
    assert marks.final(stored) == after


def test_it_takes_the_old_ones_place_and_the_signed_numbers_stay(hospital: Hospital, measured: StoredObject) -> None:
    version = signed(hospital, measured)
    measured.refresh_from_db()
    final = StoredObject.objects.get(sop_instance_uid=place_of(measured.sop_instance_uid).sop_uid)
    assert (measured.state, final.state) == ("superseded", "read")
    assert [row.value for row in final.measurements.all()] == [row.value for row in measured.measurements.all()]
    after = ReportVersion.objects.get(pk=version.pk)
    assert (after.content, after.content_sha256) == (version.content, version.content_sha256)
    assert Report.objects.get(task=measured.task).content == version.report.content
    assert AuditEvent.objects.filter(action="object.finalized", study_uid=measured.study_instance_uid).count() == 1


def test_running_it_again_stores_nothing_again(hospital: Hospital, measured: StoredObject) -> None:
    version = signed(hospital, measured)
    series = len(get_archive().series(measured.study_instance_uid))
    finalize_measurements(version, by=DELIVERY)
    sweep()
    assert len(get_archive().series(measured.study_instance_uid)) == series
    assert AuditEvent.objects.filter(action="object.finalized", study_uid=measured.study_instance_uid).count() == 1


def test_a_preliminary_signature_leaves_them_preliminary(hospital: Hospital, measured: StoredObject) -> None:
    signed(hospital, measured, "preliminary")
    assert archived(measured.study_instance_uid, place_of(measured.sop_instance_uid).sop_uid) is None


def test_what_a_device_stored_is_left_alone(hospital: Hospital, measured: StoredObject) -> None:
    place = objects.Place(measured.study_instance_uid, "unused")
    image = get_archive().instance_metadata(
        get_archive().instances(place.study, get_archive().series(place.study)[0].series_instance_uid)[0].ref
    )
    place = objects.Place(place.study, str(image["00100020"]["Value"][0]))
    found = dcmread(BytesIO(objects.structured_report(place, *(f"2.25.{uuid.uuid4().int >> 64}" for _ in range(2)))))
    found.PreliminaryFlag = "PRELIMINARY"
    assert get_archive().store([objects.part10(found)]).stored
    StoredObject.objects.create(
        task=measured.task, sop_instance_uid=found.SOPInstanceUID, series_instance_uid=found.SeriesInstanceUID,
        study_instance_uid=place.study, sop_class_uid=found.SOPClassUID, state="read", stored_at=measured.stored_at,
    )  # fmt: skip
    signed(hospital, measured)
    assert archived(place.study, place_of(str(found.SOPInstanceUID)).sop_uid) is None


@pytest.mark.parametrize("kind", ["addendum", "correction"])
def test_what_is_measured_for_an_addendum_or_correction_is_final_when_that_is_signed(
    hospital: Hospital, measured: StoredObject, rita: Browser, kind: str
) -> None:
    version = signed(hospital, measured)
    made, sop = a_length(place_in(measured))
    let_the_second_pass(version)
    assert hospital.store(rita, made).status == 200
    swept()
    assert archived(measured.study_instance_uid, place_of(sop).sop_uid) is None
    begun = begin_amendment(version.report, kind=kind, by=hospital.world.radiologist)
    texts = ["A second nodule.", *[item["text"] for item in begun.texts][1:]]
    typed = Typed(texts, seen=begun.base, reason="Found later" if kind == "correction" else "")
    saved = save_amendment(begun, typed, revision=begun.revision, by=hospital.world.radiologist)
    later = sign_amendment(saved, revision=saved.revision, proof=Proof(timezone.now()), by=hospital.world.radiologist)
    if later.report.held_until:
        release_now(later.report, by=hospital.world.radiologist)
    swept()
    final = archived(measured.study_instance_uid, place_of(sop).sop_uid)
    assert final is not None
    assert final.PreliminaryFlag == "FINAL"
    assert str(final.VerifyingObserverSequence[0].VerifyingObserverName) == later.content["signer"]["name"]
    assert AuditEvent.objects.filter(action="object.finalized", study_uid=measured.study_instance_uid).count() == 2


def test_what_was_measured_before_the_signature_and_read_after_it_becomes_final_too(
    hospital: Hospital, measured: StoredObject, rita: Browser
) -> None:
    made, sop = a_length(place_in(measured))
    assert hospital.store(rita, made).status == 200
    report = Report.objects.get(task=measured.task)
    version = exam.sign(report, hospital.world.radiologist)
    before_the_reader = Delivery.objects.get(event__payload__version_id=version.pk, subscriber=FINALS)
    attempt(before_the_reader.pk)
    before_the_reader.refresh_from_db()
    assert before_the_reader.state == "pending", "it waits for what is not read yet"
    assert archived(measured.study_instance_uid, place_of(measured.sop_instance_uid).sop_uid) is not None
    swept()
    assert archived(measured.study_instance_uid, place_of(sop).sop_uid) is not None


def test_what_was_kept_over_the_signature_becomes_final_when_the_archive_has_it(
    hospital: Hospital, measured: StoredObject, rita: Browser, settings: Settings
) -> None:
    made, sop = a_length(place_in(measured))
    url, settings.ORTHANC_URL = settings.ORTHANC_URL, "http://127.0.0.1:1"
    try:
        assert hospital.store(rita, made).status == 503
        time.sleep(2)  # whatever is read now was read well after the signature
        signed(hospital, measured)
    finally:
        settings.ORTHANC_URL = url
    time.sleep(2)
    swept(4)
    assert archived(measured.study_instance_uid, sop) is not None
    assert archived(measured.study_instance_uid, place_of(sop).sop_uid) is not None


def test_what_is_measured_after_the_signature_stays_preliminary(
    hospital: Hospital, measured: StoredObject, rita: Browser
) -> None:
    place = place_in(measured)
    exam.sign(Report.objects.get(task=measured.task), hospital.world.radiologist)
    time.sleep(2)
    made, sop = a_length(place)
    assert hospital.store(rita, made).status == 200
    swept()
    assert archived(measured.study_instance_uid, place_of(measured.sop_instance_uid).sop_uid) is not None
    assert archived(measured.study_instance_uid, place_of(sop).sop_uid) is None


def test_by_policy_the_preliminary_one_is_rejected(
    hospital: Hospital, measured: StoredObject, settings: Settings
) -> None:
    settings.PRELIMINARY_SR = "reject"
    signed(hospital, measured)
    note = archived(measured.study_instance_uid, uid("sr-rejection", measured.sop_instance_uid))
    assert note is not None
    assert note.ConceptNameCodeSequence[0].CodeValue == "113001"
    (evidence,) = note.CurrentRequestedProcedureEvidenceSequence
    named = evidence.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID
    assert named == measured.sop_instance_uid


def test_equal_facts_give_equal_bytes_and_a_final_object_is_not_finalized_again() -> None:
    found = ohif_dataset(length(33.6, [10, 20, 16, 25]))
    found.PreliminaryFlag = "PRELIMINARY"
    facts = (
        '{"sop_uid": "2.25.1", "series_uid": "2.25.2", "signer": "A^B", "organization": "N", '
        '"signed_at": "20261121200000+0000", "date": "20261121", "time": "200000"}'
    )
    made = finalize(part10(found), facts)
    assert made == finalize(part10(found), facts)
    found.PreliminaryFlag = "FINAL"
    assert finalize(part10(found), facts) == {}
