from __future__ import annotations

from typing import Any

import pytest
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from tests.worklist.mwl.samples import ENTRY, entry, identifier
from worklist.mwl.query import IdentifierError, match, parse

DATE = "ScheduledProcedureStepStartDate"
TIME = "ScheduledProcedureStepStartTime"


@pytest.fixture(autouse=True)
def _as_the_server_reads(lenient_reading: None) -> None:
    """Values are judged by our parser, as in the server's process, and not by pydicom's warnings."""


def matches(dataset: Dataset, **changes: Any) -> bool:
    return match(entry(**changes), parse(dataset))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("CT", True),
        ("MR", False),
        ("ct", False),
        ("", True),
        ("*", True),
        ("C?", True),
        (["MR", "CT"], True),
        (["MR", "US"], False),
    ],
)
def test_modality_matches_one_value_or_one_of_a_list(asked: Any, expected: bool) -> None:
    assert matches(identifier({"Modality": asked})) is expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("20270312", True),
        ("20270311", False),
        ("20270301-20270331", True),
        ("20270312-20270312", True),
        ("20270313-", False),
        ("20270312-", True),
        ("-20270312", True),
        ("-20270311", False),
        ("2027.03.12", True),
        (" 20270312 ", True),
    ],
)
def test_a_date_matches_as_single_value_or_range(asked: str, expected: bool) -> None:
    assert matches(identifier({DATE: asked})) is expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("103000", True),
        ("1030", True),
        ("10", True),
        ("11", False),
        ("10:30", True),
        ("1000-1100", True),
        ("1031-1100", False),
        ("1000-1030", True),
        ("-1029", False),
        ("1030-", True),
    ],
)
def test_a_time_matches_by_its_precision_or_as_range(asked: str, expected: bool) -> None:
    assert matches(identifier({TIME: asked})) is expected


@pytest.mark.parametrize(
    ("days", "times", "date", "time", "expected"),
    [
        ("20270311-20270313", "1600-0800", "20270312", "103000", True),
        ("20270311-20270313", "1600-0800", "20270311", "155959", False),
        ("20270311-20270313", "1600-0800", "20270313", "080059", True),
        ("20270311-20270313", "1600-0800", "20270313", "080100", False),
        ("20270311-", "1600-", "20270311", "150000", False),
        ("20270311-", "1600-", "20270312", "080000", True),
        ("-20270312", "-0900", "20270312", "091000", False),
        ("-20270312", "-0900", "20270311", "230000", True),
        ("20270312", "1000-1100", "20270312", "103000", True),
        ("20270312", "1000-1100", "20270312", "120000", False),
    ],
)
def test_two_ranges_are_one_period(days: str, times: str, date: str, time: str, expected: bool) -> None:
    asked = identifier({DATE: days, TIME: times})
    assert matches(asked, step_start_date=date, step_start_time=time) is expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("Müller^Änne^^Dr.", True),
        ("MÜLLER*", True),
        ("muller^anne*", True),
        ("Müller", False),
        ("*anne*", True),
        ("M?ller*", True),
        ("Smith*", False),
        ("*", True),
        ("", True),
    ],
)
def test_a_name_matches_without_case_and_accents(asked: str, expected: bool) -> None:
    assert matches(identifier(PatientName=asked)) is expected


def test_an_ideographic_name_is_found_by_either_script() -> None:
    name = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    for asked in ("yamada*", "山田*", "やまだ^たろう", "=山田^*", "Yamada^Tarou=山田^太郎"):
        assert matches(identifier(PatientName=asked), patient_name=name), asked
    assert not matches(identifier(PatientName="=佐藤*"), patient_name=name)


def test_an_unknown_value_fails_every_value_but_not_universal_matching() -> None:
    assert not matches(identifier({"ScheduledPerformingPhysicianName": "Berg^Ida"}))
    assert not matches(identifier({"ScheduledPerformingPhysicianName": "B*"}))
    assert matches(identifier({"ScheduledPerformingPhysicianName": "*"}))
    assert matches(identifier({"ScheduledPerformingPhysicianName": ""}))


def test_a_list_of_uids_matches_any_of_them_and_no_wildcard_in_it() -> None:
    assert matches(identifier(StudyInstanceUID=["2.25.7", "2.25.1001"]))
    assert not matches(identifier(StudyInstanceUID=["2.25.7", "2.25.8"]))
    assert not matches(identifier(StudyInstanceUID="2.25.*"))


def test_a_step_for_two_stations_is_found_by_either() -> None:
    titles = ("CT1", "CT2")
    assert matches(identifier({"ScheduledStationAETitle": "CT2"}), step_station_ae_titles=titles)
    assert not matches(identifier({"ScheduledStationAETitle": "MR1"}), step_station_ae_titles=titles)


def test_a_code_sequence_matches_when_one_item_does() -> None:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = "CTCH", "99ISO"
    assert matches(identifier(RequestedProcedureCodeSequence=[code]))
    code.CodeValue = "CTAB"
    assert not matches(identifier(RequestedProcedureCodeSequence=[code]))


def test_a_number_is_the_same_however_it_is_written() -> None:
    assert matches(identifier(PatientWeight="70.50"), weight="70.5")
    assert not matches(identifier(PatientWeight="70"), weight="70.5")


def test_every_key_must_hold() -> None:
    assert matches(identifier({"Modality": "CT", DATE: "20270312"}, PatientID="N-0001"))
    assert not matches(identifier({"Modality": "CT", DATE: "20270312"}, PatientID="N-0002"))


def test_no_step_sequence_an_empty_one_and_an_empty_item_all_match_everything() -> None:
    empty = identifier(PatientName="")
    empty.ScheduledProcedureStepSequence = []
    for dataset in (identifier(PatientName=""), empty, identifier({}, PatientName="")):
        assert match(ENTRY, parse(dataset))


def test_days_are_taken_out_for_the_index_with_and_without_times() -> None:
    both = parse(identifier({DATE: "20270311-20270313", TIME: "1600-0800"}))
    assert both.days is not None
    assert (both.days.low, both.days.high) == ("20270311", "20270313")
    single = parse(identifier({DATE: "20270312"}))
    assert single.days is not None
    assert (single.days.low, single.days.high) == ("20270312", "20270312")
    assert parse(identifier({"Modality": "CT"})).days is None


def test_the_audit_learns_which_keys_selected_and_never_their_values() -> None:
    query = parse(identifier({DATE: "20270311-20270313", TIME: "08-12", "Modality": ""}, PatientName="Müller*"))
    assert query.asked == ("PatientName", DATE, TIME)


def test_an_unsupported_optional_key_is_noticed_and_does_not_filter() -> None:
    query = parse(identifier({"Modality": "CT", "ScheduledSpecimenSequence": []}, EthnicGroup="x"))
    assert not query.fully_supported
    assert match(ENTRY, query)


@pytest.mark.parametrize("keyword", ["SpecificCharacterSet", "TimezoneOffsetFromUTC"])
def test_what_describes_the_dataset_is_no_key(keyword: str) -> None:
    value = {"SpecificCharacterSet": "ISO_IR 100", "TimezoneOffsetFromUTC": "+0100"}[keyword]
    assert parse(identifier({"Modality": "CT"}, **{keyword: value})).fully_supported


@pytest.mark.parametrize(
    ("step", "keys"),
    [
        ({DATE: "12.03.2027"}, {}),
        ({DATE: "20270230"}, {}),
        ({DATE: "-"}, {}),
        ({DATE: "20270101-20270102-20270103"}, {}),
        ({DATE: ["20270312", "20270313"]}, {}),
        ({TIME: "2561"}, {}),
        ({TIME: "noon"}, {}),
        ({}, {"PatientBirthDate": "1964"}),
        ({}, {"PatientName": ["A^B", "C^D"]}),
        ({}, {"PatientID": "9" * 2000}),
        (None, {}),
    ],
)
def test_what_is_no_query_is_refused(step: dict[str, Any] | None, keys: dict[str, Any]) -> None:
    with pytest.raises(IdentifierError):
        parse(identifier(step, **keys))


def test_a_sequence_key_with_two_items_is_refused() -> None:
    dataset = identifier({"Modality": "CT"})
    dataset.ScheduledProcedureStepSequence.append(Dataset())
    with pytest.raises(IdentifierError) as refused:
        parse(dataset)
    assert refused.value.tag == Tag("ScheduledProcedureStepSequence")


def test_a_sequence_in_the_wrong_tag_and_text_in_place_of_a_sequence_are_refused() -> None:
    misplaced = Dataset()
    misplaced[Tag("PatientName")] = DataElement(Tag("PatientName"), "SQ", [identifier({"Modality": "CT"})])
    flat = Dataset()
    flat[Tag("ScheduledProcedureStepSequence")] = DataElement(Tag("ScheduledProcedureStepSequence"), "LO", "CT")
    for dataset in (misplaced, flat):
        with pytest.raises(IdentifierError, match="value representation"):
            parse(dataset)


def test_a_refusal_never_quotes_the_value() -> None:
    with pytest.raises(IdentifierError) as refused:
        parse(identifier(PatientBirthDate="Müller^Änne"))
    assert "ller" not in str(refused.value)


def test_a_deep_nest_of_items_is_refused_or_ignored_but_never_followed() -> None:
    inner = Dataset()
    for _ in range(200):
        outer = Dataset()
        outer.RequestedProcedureCodeSequence = [inner]
        inner = outer
    assert not parse(inner).fully_supported


def test_a_wildcard_bomb_is_answered_at_once(time_limit: None) -> None:
    assert not matches(identifier(PatientName="*a" * 400 + "b"), patient_name="a" * 64)
