from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydicom.dataelem import DataElement
from pydicom.tag import Tag

from tests.worklist.mpps.samples import UID, completed, created, discontinued, unscheduled_item
from tests.worklist.mwl.conftest import lenient_reading  # noqa: F401  a fixture
from worklist.mpps import statuses
from worklist.mpps.attributes import ROWS, Row
from worklist.mpps.messages import check_final, started, updated
from worklist.mpps.reading import MessageError

pytestmark = pytest.mark.usefixtures("lenient_reading")


def test_an_n_create_becomes_a_frozen_message() -> None:
    message = started(UID, created())
    assert message.started == datetime(2027, 3, 12, 10, 30, 12, 500000)  # noqa: DTZ001  the device's local time
    assert message.references[0].study_instance_uid == "2.25.9999"
    assert (message.performed_id, message.station_ae_title, message.modality) == ("PPS1", "CT1", "CT")
    assert message.raw["00100010"]["Value"] == [{"Alphabetic": "Nobody^Known"}]
    assert "Nobody" not in repr(message)


def test_a_message_with_its_offset_is_an_instant() -> None:
    message = started(UID, created(TimezoneOffsetFromUTC="+0130"))
    assert message.started == datetime(2027, 3, 12, 9, 0, 12, 500000, tzinfo=UTC)


@pytest.mark.parametrize(
    "keyword",
    [row.keyword for row in ROWS if row.create == "1"],
)
def test_each_type_1_attribute_must_be_there_and_have_a_value(keyword: str) -> None:
    with pytest.raises(MessageError) as absent:
        started(UID, created(**{keyword: None}))
    assert (absent.value.status, absent.value.keyword) == (statuses.MISSING_ATTRIBUTE, keyword)
    empty: Any = [] if keyword.endswith("Sequence") else ""
    with pytest.raises(MessageError) as missing:
        started(UID, created(**{keyword: empty}))
    assert (missing.value.status, missing.value.keyword) == (statuses.MISSING_VALUE, keyword)


@pytest.mark.parametrize("keyword", [row.keyword for row in ROWS if row.create == "2"])
def test_an_exam_is_not_refused_for_a_type_2_attribute_that_is_absent(keyword: str) -> None:
    message = created()
    if keyword in message:
        delattr(message, keyword)
    assert started(UID, message).sop_instance_uid == UID


@pytest.mark.parametrize(
    "changes",
    [
        {"PerformedProcedureStepStatus": "COMPLETED"},
        {"PerformedProcedureStepStatus": "in progress"},
        {"PerformedProcedureStepStartDate": "20271332"},
        {"PerformedProcedureStepStartTime": "99"},
        {"PerformedProcedureStepStartTime": "ten"},
        {"TimezoneOffsetFromUTC": "Berlin"},
        {"ScheduledStepAttributesSequence": [unscheduled_item("1.2.abc")]},
    ],
)
def test_a_value_that_is_not_allowed_is_0106(changes: dict[str, Any]) -> None:
    with pytest.raises(MessageError) as refused:
        started(UID, created(**changes))
    assert refused.value.status is statuses.INVALID_VALUE


@pytest.mark.parametrize("uid", ["", "../../etc/passwd", "1.2.", "1.02", "1." * 40, "1.2\0"])
def test_a_sop_instance_uid_that_is_none_is_0117(uid: str) -> None:
    for translate, message in ((started, created()), (updated, completed())):
        with pytest.raises(MessageError) as refused:
            translate(uid, message)
        assert refused.value.status is statuses.INVALID_INSTANCE


def test_text_in_place_of_a_sequence_is_0106() -> None:
    message = created()
    tag = Tag("ScheduledStepAttributesSequence")
    message[tag] = DataElement(tag, "LO", "step")
    with pytest.raises(MessageError) as refused:
        started(UID, message)
    assert refused.value.status is statuses.INVALID_VALUE


def test_an_n_set_never_changes_what_is_not_settable() -> None:
    message = updated(UID, completed(PatientName="Other^Patient", Modality="MR"))
    assert "00100010" not in message.raw
    assert "00080060" not in message.raw
    assert message.raw["00400252"]["Value"] == ["COMPLETED"]


@pytest.mark.parametrize(("state", "status"), [("DONE", "INVALID_VALUE"), ("", "MISSING_VALUE")])
def test_an_unknown_state_is_refused(state: str, status: str) -> None:
    with pytest.raises(MessageError) as refused:
        updated(UID, completed(PerformedProcedureStepStatus=state))
    assert refused.value.status is getattr(statuses, status)


def test_an_n_set_may_leave_the_state_alone() -> None:
    assert updated(UID, completed(PerformedProcedureStepStatus=None)).state == ""


def test_the_wrong_worklist_entry_is_told_from_other_reasons() -> None:
    assert updated(UID, discontinued("110514")).wrong_entry
    assert not updated(UID, discontinued("110513")).wrong_entry


@pytest.mark.parametrize(
    "keyword", ["PerformedProcedureStepEndDate", "PerformedProcedureStepEndTime", "PerformedSeriesSequence"]
)
def test_a_final_state_needs_what_the_table_says(keyword: str) -> None:
    whole = updated(UID, completed()).raw
    check_final("COMPLETED", whole)
    tag = next(row for row in ROWS if row.keyword == keyword).json_tag
    with pytest.raises(MessageError) as absent:
        check_final("COMPLETED", {key: value for key, value in whole.items() if key != tag})
    assert absent.value.status is statuses.MISSING_ATTRIBUTE
    with pytest.raises(MessageError) as empty:
        check_final("COMPLETED", {**whole, tag: {"vr": whole[tag]["vr"]}})
    assert empty.value.status is statuses.MISSING_VALUE


def test_a_step_broken_off_before_any_image_needs_no_series() -> None:
    check_final("DISCONTINUED", updated(UID, discontinued()).raw)


def test_raw_messages_hold_nothing_that_a_json_column_refuses() -> None:
    message = started(UID, created(PerformedLocation="Room\0 3"))
    assert message.raw["00400243"]["Value"] == ["Room 3"]


def test_the_table_names_real_attributes_and_the_statuses_cite_the_standard() -> None:
    def check(rows: tuple[Row, ...]) -> None:
        for row in rows:
            assert int(row.tag), row.keyword
            check(row.items)

    check(ROWS)
    assert all(status.citation.startswith("PS3.") for status in statuses.STATUSES)
