"""A device against real sockets: what the RIS is told, what the archive receives, in which order."""

from __future__ import annotations

from typing import Any

import pytest
from pydicom import Dataset

from ris.demo.modality.acquisition import instance_uid, series_uid
from ris.demo.modality.errors import NoSuchStepError, RefusedError, UnreachableError
from tests.ris.demo.modality.conftest import MakeScanner
from tests.ris.demo.modality.peers import RecordingArchive, RecordingRis, answer, changed

WORKLIST_TO_IMAGE = (
    "SpecificCharacterSet", "AccessionNumber", "ReferringPhysicianName", "PatientName", "PatientID",
    "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "PatientWeight", "StudyInstanceUID",
    "IssuerOfAccessionNumberSequence",
)  # fmt: skip
WORKLIST_TO_REQUEST = (
    "AccessionNumber", "StudyInstanceUID", "RequestedProcedureID", "RequestedProcedureDescription",
    "RequestedProcedureCodeSequence", "IssuerOfAccessionNumberSequence",
)  # fmt: skip
STEP_TO_REQUEST = (
    "ScheduledProcedureStepID", "ScheduledProcedureStepDescription", "ScheduledProtocolCodeSequence",
)  # fmt: skip


def test_a_step_is_started_stored_and_completed_in_that_order(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner
) -> None:
    ris.answers = [answer("CT")]
    seen: list[list[str]] = []
    archive.holds = lambda: seen.append(ris.states)
    (performed,) = scanner().perform("ACC0001")
    assert seen == [["IN PROGRESS"]] * 5
    assert ris.states == ["IN PROGRESS", "COMPLETED"]
    assert [operation for operation, _, _ in ris.messages] == ["N-CREATE", "N-SET"]
    assert {uid for _, uid, _ in ris.messages} == {performed.pps_uid}
    assert performed.instances == len(archive.images) == 5


def test_all_images_of_a_step_travel_over_one_association(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner
) -> None:
    ris.answers = [answer("MR")]
    scanner("MR1").perform("ACC0001")
    assert (archive.associations, len(archive.images)) == (1, 10)


@pytest.mark.parametrize("modality", ["CT", "DX", "MR", "US"])
def test_everything_that_the_worklist_said_stands_unchanged_in_every_image(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner, modality: str
) -> None:
    told = answer(modality)
    ris.answers = [told]
    scanner(f"{modality}1").perform("ACC0001")
    assert archive.images
    for image in archive.images:
        (request,) = image.RequestAttributesSequence
        _equal(image, told, WORKLIST_TO_IMAGE)
        _equal(request, told, WORKLIST_TO_REQUEST)
        _equal(request, told.ScheduledProcedureStepSequence[0], STEP_TO_REQUEST)
        assert image.Modality == modality
        assert image.StudyID == "RP-ACC0001"
        assert image.StudyDescription == told.RequestedProcedureDescription
        assert image.PerformingPhysicianName == "Grün^Änne"
        assert image.PatientAge == "053Y"


def test_a_name_in_three_scripts_arrives_letter_by_letter(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner
) -> None:
    ris.answers = [answer("DX")]
    scanner("DX1").perform("ACC0001")
    name = archive.images[0].PatientName
    assert (name.alphabetic, name.ideographic, name.phonetic) == ("Łukaszewicz^Zoë", "山田^太郎", "やまだ^たろう")
    assert archive.images[0].SpecificCharacterSet == "ISO_IR 192"
    assert ris.messages[0][2].PatientName == name


def test_every_image_refers_to_the_performed_step_that_the_ris_was_told(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner
) -> None:
    ris.answers = [answer("MR")]
    scanner("MR1").perform("ACC0001")
    _, uid, created = ris.messages[0]
    for image in archive.images:
        (reference,) = image.ReferencedPerformedProcedureStepSequence
        assert reference.ReferencedSOPInstanceUID == uid
        assert reference.ReferencedSOPClassUID == "1.2.840.10008.3.1.2.3.3"
        assert image.PerformedProcedureStepID == created.PerformedProcedureStepID
        assert image.PerformedProcedureStepStartDate == created.PerformedProcedureStepStartDate == "20240506"
        assert image.PerformedProcedureStepStartTime == created.PerformedProcedureStepStartTime == "102030"


def test_the_completed_step_names_each_series_and_image_that_was_stored(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner
) -> None:
    ris.answers = [answer("MR")]
    scanner("MR1").perform("ACC0001")
    told = {
        (series.SeriesInstanceUID, reference.ReferencedSOPInstanceUID, reference.ReferencedSOPClassUID)
        for series in ris.messages[1][2].PerformedSeriesSequence
        for reference in series.ReferencedImageSequence
    }
    assert told == {(image.SeriesInstanceUID, image.SOPInstanceUID, image.SOPClassUID) for image in archive.images}
    assert len(told) == 10
    assert all(series.ProtocolName == "MR Übersicht" for series in ris.messages[1][2].PerformedSeriesSequence)


def test_uids_follow_from_study_step_series_and_number(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner
) -> None:
    ris.answers = [answer("CT")]
    scanner().perform("ACC0001")
    study = ris.answers[0].StudyInstanceUID
    for number, image in enumerate(archive.images, start=1):
        assert image.SeriesInstanceUID == series_uid(study, "SPS-ACC0001", 1)
        assert image.SOPInstanceUID == instance_uid(study, "SPS-ACC0001", 1, number)
    assert len({image.SOPInstanceUID for image in archive.images}) == 5


def test_a_device_asks_for_its_own_title_and_today(ris: RecordingRis, scanner: MakeScanner) -> None:
    scanner("CT1", modalities=frozenset({"CT"})).work()
    ((calling, question),) = ris.questions
    (step,) = question.ScheduledProcedureStepSequence
    assert calling == "CT1"
    assert (step.ScheduledStationAETitle, step.ScheduledProcedureStepStartDate, step.Modality) == (
        "CT1", "20240506", "CT",
    )  # fmt: skip
    assert "PatientName" in question
    assert "ScheduledProtocolCodeSequence" in step


def test_one_accession_number_is_asked_for_on_any_day(ris: RecordingRis, scanner: MakeScanner) -> None:
    ris.answers = [changed(answer("CT"), ScheduledProcedureStepStartDate="20250101"), answer("CT", accession="B2")]
    assert [performed.item.accession for performed in scanner().perform("ACC0001")] == ["ACC0001"]
    _, question = ris.questions[0]
    assert question.AccessionNumber == "ACC0001"
    assert not question.ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate


@pytest.mark.parametrize(
    "other",
    [
        {"ScheduledStationAETitle": "CT2"},
        {"ScheduledProcedureStepStartDate": "20240507"},
        {"ScheduledProcedureStepStatus": "STARTED"},
        {"ScheduledProcedureStepStatus": "COMPLETED"},
        {"ScheduledProcedureStepStatus": "CANCELED"},
        {"Modality": "MR"},
    ],
)
def test_answers_that_are_not_its_own_are_left_alone(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner, other: dict[str, str]
) -> None:
    ris.answers = [changed(answer("CT"), **other)]
    assert scanner(modalities=frozenset({"CT"})).work() == []
    assert (ris.messages, archive.images) == ([], [])


@pytest.mark.parametrize("status", ["SCHEDULED", "ARRIVED", "READY", None])
def test_steps_that_wait_for_the_patient_or_the_device_are_done(
    ris: RecordingRis, scanner: MakeScanner, status: str | None
) -> None:
    ris.answers = [changed(answer("CT"), ScheduledProcedureStepStatus=status)]
    assert len(scanner().work()) == 1


def test_a_device_that_awaits_arrival_leaves_a_scheduled_patient_waiting(
    ris: RecordingRis, scanner: MakeScanner
) -> None:
    ris.answers = [answer("CT", accession="A1"), answer("CT", accession="A2", status="ARRIVED")]
    assert [done.item.accession for done in scanner(arrived_only=True).work()] == ["A2"]


def test_a_step_offered_again_is_not_done_again(ris: RecordingRis, scanner: MakeScanner) -> None:
    ris.answers = [answer("CT")]
    device = scanner()
    assert len(device.work()) == 1
    assert device.work() == []
    assert ris.states == ["IN PROGRESS", "COMPLETED"]


def test_a_step_scheduled_on_several_devices_is_one_of_ours(ris: RecordingRis, scanner: MakeScanner) -> None:
    ris.answers = [changed(answer("CT"), ScheduledStationAETitle=["CT2", "CT1"])]
    assert len(scanner().work()) == 1


def test_an_answer_without_a_study_uid_is_passed_over_and_the_next_is_done(
    ris: RecordingRis, scanner: MakeScanner
) -> None:
    broken = answer("CT", accession="A1")
    del broken.StudyInstanceUID
    ris.answers = [broken, answer("CT", accession="A2")]
    assert [done.item.accession for done in scanner().work()] == ["A2"]


def test_an_unknown_accession_number_is_said_to_be_unknown(ris: RecordingRis, scanner: MakeScanner) -> None:
    ris.answers = [answer("CT")]
    with pytest.raises(NoSuchStepError, match="NOSUCH"):
        scanner().perform("NOSUCH")
    assert ris.messages == []


def test_a_failing_archive_ends_the_step_as_discontinued_with_what_was_stored(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner
) -> None:
    ris.answers = [answer("CT")]
    archive.fails_from = 3
    with pytest.raises(RefusedError, match="A700H"):
        scanner().perform("ACC0001")
    assert ris.states == ["IN PROGRESS", "DISCONTINUED"]
    ending = ris.messages[1][2]
    (reason,) = ending.PerformedProcedureStepDiscontinuationReasonCodeSequence
    assert (reason.CodeValue, reason.CodingSchemeDesignator) == ("110501", "DCM")
    (series,) = ending.PerformedSeriesSequence
    assert len(series.ReferencedImageSequence) == 3


def test_a_refused_step_does_not_keep_the_next_from_being_done(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner
) -> None:
    ris.answers = [answer("CT", accession="A1"), answer("CT", accession="A2")]
    archive.fails_from = 2
    device = scanner(images=2)

    def recover() -> None:
        archive.fails_from = None if ris.states.count("IN PROGRESS") == 2 else 1

    archive.holds = recover
    assert [done.item.accession for done in device.work()] == ["A2"]
    assert ris.states == ["IN PROGRESS", "DISCONTINUED", "IN PROGRESS", "COMPLETED"]


def test_a_step_is_not_started_while_the_archive_is_away(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner
) -> None:
    ris.answers = [answer("CT")]
    archive.close()
    device = scanner()
    with pytest.raises(UnreachableError, match="ORTHANC at"):
        device.work()
    assert ris.messages == []
    archive.open()
    assert len(device.work()) == 1
    assert ris.states == ["IN PROGRESS", "COMPLETED"]


def test_a_step_is_not_started_when_the_archive_takes_no_such_images(ris: RecordingRis, scanner: MakeScanner) -> None:
    picky = RecordingArchive("ORTHANC", modalities=("MR",))
    picky.open()
    device = scanner()
    device.device = type(device.device)("CT1", ris.peer, picky.peer)
    ris.answers = [answer("CT")]
    try:
        with pytest.raises(UnreachableError, match="CT Image Storage"):
            device.work()
    finally:
        picky.close()
    assert ris.messages == []


def test_an_archive_that_speaks_implicit_vr_only_is_served_too(ris: RecordingRis, scanner: MakeScanner) -> None:
    old = RecordingArchive("ORTHANC", syntaxes=["1.2.840.10008.1.2"])
    old.open()
    device = scanner()
    device.device = type(device.device)("CT1", ris.peer, old.peer)
    ris.answers = [answer("CT")]
    try:
        device.work()
    finally:
        old.close()
    assert {image.file_meta.TransferSyntaxUID for image in old.images} == {"1.2.840.10008.1.2"}
    assert all(len(image.PixelData) == 512 * 512 * 2 for image in old.images)


def test_a_refused_n_create_makes_no_images_and_is_not_repeated(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner
) -> None:
    ris.answers, ris.create_status = [answer("CT")], 0x0110
    device = scanner()
    assert device.work() == device.work() == []
    assert [operation for operation, _, _ in ris.messages] == ["N-CREATE"]
    assert archive.images == []


def test_a_refused_worklist_query_names_the_status(ris: RecordingRis, scanner: MakeScanner) -> None:
    ris.find_status = 0xA700
    with pytest.raises(RefusedError, match="A700H"):
        scanner().work()


def test_what_the_ris_could_not_hear_is_told_when_it_is_back(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner
) -> None:
    ris.answers = [answer("CT")]
    archive.holds = ris.close
    device = scanner()
    with pytest.raises(UnreachableError, match="ISOCENTER at"):
        device.work()
    assert (ris.states, len(archive.images)) == (["IN PROGRESS"], 5)
    ris.answers = []
    ris.open()
    assert device.work() == []
    assert ris.states == ["IN PROGRESS", "COMPLETED"]


def test_logs_name_the_step_and_never_the_patient(
    ris: RecordingRis, scanner: MakeScanner, caplog: pytest.LogCaptureFixture
) -> None:
    ris.answers = [answer("CT")]
    with caplog.at_level("DEBUG"):
        scanner().work()
    assert "CT1: accession ACC0001, step SPS-ACC0001: completed, 5 images stored" in caplog.text
    for private in ("Łukaszewicz", "Zo", "山田", "NORTH-000123", "19700507", "Weiß"):
        assert private not in caplog.text


def test_what_a_traceback_would_show_of_a_step_holds_no_person(ris: RecordingRis, scanner: MakeScanner) -> None:
    ris.answers = [answer("CT")]
    shown = repr(scanner().work())
    assert "pps_uid" in shown
    assert "Łukaszewicz" not in shown


def _equal(found: Dataset, told: Dataset, keywords: tuple[str, ...]) -> None:
    assert {keyword: _value(found, keyword) for keyword in keywords} == {
        keyword: _value(told, keyword) for keyword in keywords
    }


def _value(dataset: Dataset, keyword: str) -> Any:
    assert dataset[keyword].value, f"{keyword} is empty"
    return dataset[keyword].value
