from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from ris.dicom import datasets


def element(vr: str, *values: object) -> dict[str, Any]:
    return {"vr": vr, "Value": list(values)}


def test_a_study_answer_becomes_a_row_with_typed_values() -> None:
    row = datasets.study_row(
        {
            "0020000D": element("UI", "1.2.3"),
            "00080020": element("DA", "20260102"),
            "00080030": element("TM", "101112.25"),
            "00080050": element("SH", "A1 "),
            "00080061": element("CS", "CT", "SR"),
            "00100010": element("PN", {"Alphabetic": "YAMADA^TAROU", "Ideographic": "山田^太郎"}),
            "00201206": element("IS", "2"),
            "00201208": element("IS", 12),
        }
    )
    assert row == datasets.StudyRow(
        study_instance_uid="1.2.3",
        patient_name="YAMADA^TAROU=山田^太郎",
        accession_number="A1",
        study_date=date(2026, 1, 2),
        study_time=time(10, 11, 12, 250000),
        modalities=("CT", "SR"),
        series_count=2,
        instance_count=12,
    )


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"vr": "SH"},
        {"Value": []},
        {"Value": [None]},
        {"Value": "A1"},
        {"Value": [{"Alphabetic": None}]},
        [],
        None,
        7,
    ],
)
def test_an_archive_that_leaves_out_or_garbles_values_yields_an_empty_row(broken: object) -> None:
    tags = ("0020000D", "00080020", "00080030", "00080050", "00080061", "00100010", "00100020", "00201206")
    row = datasets.study_row(dict.fromkeys(tags, broken) | {"0020000D": element("UI", "1.2")})
    assert row.accession_number == ""
    assert row.patient_name == ""
    assert row.study_date is None
    assert row.study_time is None
    assert row.series_count == 0


@pytest.mark.parametrize(
    ("told", "read"),
    [("2026.01.02", date(2026, 1, 2)), ("20260230", None), ("2026", None), ("YYYYMMDD", None), ("", None)],
)
def test_a_date_is_a_date_or_nothing(told: str, read: date | None) -> None:
    assert datasets.day({"00080020": element("DA", told)}, "00080020") == read


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("10", time(10)),
        ("1011", time(10, 11)),
        ("10:11:12", time(10, 11, 12)),
        ("101112.5", time(10, 11, 12, 500000)),
        ("101112.1234567", time(10, 11, 12, 123456)),
        ("1", None),
        ("251112", None),
        ("10111x", None),
        ("101112.x", None),
    ],
)
def test_a_time_is_a_time_or_nothing(told: str, read: time | None) -> None:
    assert datasets.time_of_day({"00080030": element("TM", told)}, "00080030") == read


def test_a_sequence_of_one_may_come_without_its_list() -> None:
    assert datasets.items({"00081199": {"vr": "SQ", "Value": {"a": 1}}}, "00081199") == [{"a": 1}]
    assert datasets.items({"00081199": {"vr": "SQ"}}, "00081199") == []


@pytest.mark.parametrize("written", ["5000000000", "-2147483649", "9" * 30])
def test_a_series_number_that_no_database_holds_is_none(written: str) -> None:
    assert datasets.series_row({"00200011": element("IS", written)}).number is None
    assert datasets.series_row({"00200011": element("IS", "-2147483648")}).number == -(2**31)
