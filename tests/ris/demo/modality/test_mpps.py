"""MPPS attribute lists against PS3.4 Table F.7.2-1."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydicom import Dataset
from pydicom.sr.coding import Code

from ris.demo.modality import mpps
from ris.demo.modality.acquisition import Acquisition
from ris.demo.modality.item import WorklistItem
from tests.ris.demo.modality.peers import answer

STARTED = datetime(2024, 5, 6, 10, 20, 30, tzinfo=timezone(timedelta(hours=2)))
TYPE_1 = (
    "ScheduledStepAttributesSequence", "PerformedProcedureStepID", "PerformedStationAETitle",
    "PerformedProcedureStepStartDate", "PerformedProcedureStepStartTime", "PerformedProcedureStepStatus", "Modality",
)  # fmt: skip
TYPE_2 = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "ReferencedPatientSequence", "PerformedStationName",
    "PerformedLocation", "PerformedProcedureStepDescription", "PerformedProcedureTypeDescription",
    "ProcedureCodeSequence", "PerformedProcedureStepEndDate", "PerformedProcedureStepEndTime",
    "PerformedProcedureStepDiscontinuationReasonCodeSequence", "StudyID", "PerformedProtocolCodeSequence",
    "PerformedSeriesSequence",
)  # fmt: skip
SCHEDULED_TYPE_2 = (
    "ReferencedStudySequence", "AccessionNumber", "RequestedProcedureID", "RequestedProcedureDescription",
    "ScheduledProcedureStepID", "ScheduledProcedureStepDescription", "ScheduledProtocolCodeSequence",
)  # fmt: skip


def acquisition(told: Dataset, started: datetime = STARTED) -> Acquisition:
    return Acquisition(WorklistItem.read(told), "CT1", started)


def sparse() -> Dataset:
    told = answer("CT")
    for keyword in ("PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "RequestedProcedureID"):
        del told[keyword]
    return told


@pytest.mark.parametrize("told", [answer("CT"), sparse()], ids=["full", "sparse"])
def test_a_created_step_has_every_attribute_of_type_one_and_two(told: Dataset) -> None:
    created = mpps.creation(acquisition(told))
    assert [keyword for keyword in TYPE_1 if not created.get(keyword)] == []
    assert [keyword for keyword in TYPE_2 if keyword not in created] == []
    (scheduled,) = created.ScheduledStepAttributesSequence
    assert scheduled.StudyInstanceUID == told.StudyInstanceUID
    assert [keyword for keyword in SCHEDULED_TYPE_2 if keyword not in scheduled] == []


def test_a_created_step_is_in_progress_and_repeats_the_worklist() -> None:
    told = answer("CT")
    created = mpps.creation(acquisition(told))
    (scheduled,) = created.ScheduledStepAttributesSequence
    assert created.PerformedProcedureStepStatus == "IN PROGRESS"
    assert (created.PatientName, created.SpecificCharacterSet) == (told.PatientName, "ISO_IR 192")
    assert (scheduled.AccessionNumber, scheduled.ScheduledProcedureStepID) == ("ACC0001", "SPS-ACC0001")
    assert not created.PerformedProcedureStepEndDate
    assert len(created.PerformedSeriesSequence) == 0


def test_what_the_worklist_left_empty_is_not_passed_on() -> None:
    told = answer("CT")
    told.RequestedProcedureCodeSequence[0].CodingSchemeVersion = ""
    told.ReferencedStudySequence = [Dataset()]
    created = mpps.creation(acquisition(told))
    assert "CodingSchemeVersion" not in created.ProcedureCodeSequence[0]
    assert len(created.ScheduledStepAttributesSequence[0].ReferencedStudySequence) == 0


def test_times_say_in_which_zone_they_are() -> None:
    created = mpps.creation(acquisition(answer("CT")))
    assert created.PerformedProcedureStepStartTime == "102030"
    assert created.TimezoneOffsetFromUTC == "+0200"


def test_another_attempt_at_a_step_is_another_performed_step() -> None:
    first = acquisition(answer("CT"))
    second = acquisition(answer("CT"), STARTED + timedelta(seconds=7))
    assert first.pps_uid != second.pps_uid
    assert first.pps_uid == acquisition(answer("CT")).pps_uid
    assert len(first.pps_id) <= 16


def test_a_final_message_touches_neither_patient_nor_schedule() -> None:
    done = mpps.completion(acquisition(answer("CT")), mpps.Record(), datetime(2024, 5, 6, 9, 0, tzinfo=UTC))
    assert done.PerformedProcedureStepStatus == "COMPLETED"
    assert (done.PerformedProcedureStepEndDate, done.PerformedProcedureStepEndTime) == ("20240506", "090000")
    for keyword in ("PatientName", "PatientID", "ScheduledStepAttributesSequence", "PerformedStationAETitle"):
        assert keyword not in done


@pytest.mark.parametrize(("reason", "code"), [(mpps.EQUIPMENT_FAILURE, "110501"), (mpps.UNSPECIFIED_REASON, "110513")])
def test_a_discontinued_step_says_why(reason: Code, code: str) -> None:
    ended = mpps.discontinuation(acquisition(answer("CT")), mpps.Record(), STARTED, reason)
    (said,) = ended.PerformedProcedureStepDiscontinuationReasonCodeSequence
    assert ended.PerformedProcedureStepStatus == "DISCONTINUED"
    assert (said.CodeValue, said.CodingSchemeDesignator, said.CodeMeaning) == (code, "DCM", reason.meaning)


def record_of(modality: str, images: int) -> mpps.Record:
    record = mpps.Record()
    for number in range(images):
        image = Dataset()
        image.SeriesInstanceUID, image.SeriesDescription, image.ProtocolName = "2.25.1", "Axial", "Routine"
        image.SOPClassUID, image.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", f"2.25.{number + 2}"
        record.note(image)
    return record


@pytest.mark.parametrize(
    ("modality", "exposures", "product"), [("CT", 1, None), ("DX", 2, 1.8), ("US", None, None), ("MR", None, None)]
)
def test_a_device_with_a_tube_tells_its_radiation(modality: str, exposures: int | None, product: float | None) -> None:
    done = mpps.completion(acquisition(answer(modality)), record_of(modality, 2), STARTED)
    assert done.get("TotalNumberOfExposures") == exposures
    assert done.get("ImageAndFluoroscopyAreaDoseProduct") == product
    assert len(done.get("ExposureDoseSequence", [])) == (exposures or 0)
    assert done.get("CommentsOnRadiationDose") == ("CTDIvol 6.8 mGy" if modality == "CT" else None)


def test_nothing_exposed_is_no_radiation() -> None:
    assert "TotalNumberOfExposures" not in mpps.completion(acquisition(answer("CT")), mpps.Record(), STARTED)


def test_every_series_names_who_operated() -> None:
    (series,) = mpps.completion(acquisition(answer("CT")), record_of("CT", 1), STARTED).PerformedSeriesSequence
    assert series.OperatorsName == mpps.OPERATOR
