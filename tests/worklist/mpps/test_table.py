"""PS3.4 Table F.7.2-1 row by row: what an N-SET may change, and what a final state needs."""

from __future__ import annotations

from typing import Any

import pytest
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from tests.worklist.mpps.samples import UID, completed, created
from tests.worklist.mwl.conftest import lenient_reading  # noqa: F401  a fixture
from worklist.mpps import statuses
from worklist.mpps.attributes import BY_KEYWORD, ROWS, Row
from worklist.mpps.messages import check_final, left_as_created, started, updated
from worklist.mpps.reading import MessageError

pytestmark = pytest.mark.usefixtures("lenient_reading")

OTHERS: dict[str, Any] = {"DA": "20270313", "TM": "111111", "DS": "9", "US": 9, "CS": "M", "AE": "OTHER"}


def another_value(row: Row) -> Any:
    """A value that no sample has; an item with some text for a sequence."""
    vr = dictionary_VR(int(row.tag))
    if vr == "SQ":
        item = Dataset()
        item.StudyInstanceUID = "2.25.31337"
        item.SeriesInstanceUID = "2.25.31338"
        return [item]
    if row.keyword == "PerformedProcedureStepStatus":
        return "IN PROGRESS"
    return OTHERS.get(vr, "Other")


def changing(row: Row) -> Dataset:
    message = Dataset()
    setattr(message, row.keyword, another_value(row))
    return message


def ids(row: Row) -> str:
    return row.keyword


@pytest.mark.parametrize("row", [row for row in ROWS if not row.settable], ids=ids)
def test_what_is_not_allowed_in_an_n_set_is_named_and_left_as_it_was(row: Row) -> None:
    message = updated(UID, changing(row))
    assert row.json_tag not in message.raw
    assert left_as_created(message, started(UID, created()).raw) == (row.keyword,)


@pytest.mark.parametrize("row", [row for row in ROWS if not row.settable], ids=ids)
def test_an_n_set_that_repeats_what_was_created_changes_nothing_and_is_no_warning(row: Row) -> None:
    before = created(**{row.keyword: another_value(row)})
    message = updated(UID, changing(row))
    assert left_as_created(message, before.to_json_dict()) == ()


@pytest.mark.parametrize("row", [row for row in ROWS if row.settable], ids=ids)
def test_what_an_n_set_may_change_is_taken(row: Row) -> None:
    message = updated(UID, changing(row))
    assert row.json_tag in message.raw
    assert left_as_created(message, started(UID, created()).raw) == ()


@pytest.mark.parametrize("row", [row for row in ROWS if row.final == "1"], ids=ids)
@pytest.mark.parametrize("told", ["never", "empty at creation", "empty at the end"])
def test_a_completed_step_needs_each_attribute_of_the_final_state(row: Row, told: str) -> None:
    end = completed()
    delattr(end, row.keyword)
    attributes = end.to_json_dict()
    if told != "never":
        attributes[row.json_tag] = {"vr": dictionary_VR(int(row.tag))}
    with pytest.raises(MessageError) as refused:
        check_final("COMPLETED", attributes)
    expected = statuses.MISSING_ATTRIBUTE if told == "never" else statuses.MISSING_VALUE
    assert (refused.value.status, refused.value.keyword) == (expected, row.keyword)


@pytest.mark.parametrize("state", ["COMPLETED", "DISCONTINUED", "IN PROGRESS"])
def test_each_state_that_the_table_knows_is_accepted(state: str) -> None:
    assert updated(UID, completed(PerformedProcedureStepStatus=state)).state == state


def test_the_table_has_the_dose_and_billing_attributes_as_optional() -> None:
    for keyword in ("ExposureDoseSequence", "EntranceDoseInmGy", "FilmConsumptionSequence"):
        assert (BY_KEYWORD[keyword].create, BY_KEYWORD[keyword].settable) == ("3", True)


def test_no_attribute_stands_twice_in_the_table() -> None:
    tags = [Tag(row.tag) for row in ROWS]
    assert len(tags) == len(set(tags))


def test_each_status_is_of_a_class_and_every_one_that_is_sent_says_when() -> None:
    assert {status.kind for status in statuses.STATUSES} == {"success", "warning", "failure"}
    codes = {status.code for status in statuses.STATUSES}
    listed = {0x0105, 0x0106, 0x0107, 0x0110, 0x0111, 0x0112, 0x0115, 0x0116, 0x0117, 0x0118, 0x0119, 0x0120, 0x0121}
    assert listed | {0x0000, 0x0001, 0x0122, 0x0124, 0x0210, 0x0211, 0x0212, 0x0213} == codes
    assert all(status.operations for status in statuses.SENT)
