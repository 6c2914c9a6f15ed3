from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ris.core.errors import InvalidInput
from ris.dicom.archive import InvalidKey, StudyQuery, StudyRow


@pytest.mark.parametrize(
    "value", ["A*", "A?", "A\\B", "A,B", "A%2A", 'A"', " A", "A ", "A\nB", "A\0", "A\u202e", "A" * 65]
)
@pytest.mark.parametrize("key", ["accession_number", "patient_id"])
def test_a_value_that_could_widen_a_search_is_refused(key: str, value: str) -> None:
    with pytest.raises(InvalidKey):
        replace(StudyQuery(), **{key: value}).filters()  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["1.2.*", "1.02", "1..2", "1.2.", "1.2.٣", "1.2/3", "1." * 32 + "1", "abc"])
def test_what_is_no_uid_is_refused(value: str) -> None:
    with pytest.raises(InvalidKey):
        StudyQuery(study_instance_uid=value).filters()


def test_a_search_without_any_key_is_refused() -> None:
    with pytest.raises(InvalidKey):
        StudyQuery().filters()


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_a_search_without_a_sane_limit_is_refused(limit: int) -> None:
    with pytest.raises(InvalidKey):
        StudyQuery(accession_number="A1", limit=limit).filters()


def test_a_refused_key_is_an_input_error_with_words() -> None:
    with pytest.raises(InvalidInput, match="must not contain"):
        StudyQuery(accession_number="A*").filters()


def test_keys_become_dicom_keywords() -> None:
    query = StudyQuery("A-1/2", "1.2.3", "Müller 7", (date(2026, 1, 2), date(2026, 1, 3)))
    assert query.filters() == {
        "AccessionNumber": "A-1/2",
        "StudyInstanceUID": "1.2.3",
        "PatientID": "Müller 7",
        "StudyDate": "20260102-20260103",
    }


def test_one_day_is_asked_for_as_one_day_and_a_range_must_not_end_before_it_begins() -> None:
    day, before = date(2026, 1, 2), date(2026, 1, 1)
    assert StudyQuery(study_date=(day, day)).filters() == {"StudyDate": "20260102"}
    with pytest.raises(InvalidKey):
        StudyQuery(study_date=(day, before)).filters()


@pytest.mark.parametrize(
    ("query", "is_match"),
    [
        (StudyQuery(accession_number="A1"), True),
        (StudyQuery(accession_number="a1"), False),
        (StudyQuery(accession_number="A1", patient_id="P1"), True),
        (StudyQuery(accession_number="A1", patient_id="P2"), False),
        (StudyQuery(study_instance_uid="1.2"), True),
        (StudyQuery(study_instance_uid="1.2.3"), False),
        (StudyQuery(study_date=(date(2026, 1, 1), date(2026, 1, 2))), True),
        (StudyQuery(study_date=(date(2026, 1, 3), date(2026, 1, 4))), False),
    ],
)
def test_rows_are_matched_again_exactly(query: StudyQuery, is_match: bool) -> None:
    row = StudyRow("1.2", accession_number="A1", patient_id="P1", study_date=date(2026, 1, 2))
    assert query.matches(row) is is_match


def test_a_row_without_a_date_is_in_no_range() -> None:
    assert not StudyQuery(study_date=(date(2026, 1, 1), date(2026, 1, 2))).matches(StudyRow("1.2"))
