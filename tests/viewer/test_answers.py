"""The archive's rows, checked and made ours."""

from __future__ import annotations

from typing import Any

import pytest

from viewer.answers import (
    Granted,
    MalformedAnswerError,
    check,
    described,
    localised,
    read_rows,
    value,
    without_key_objects,
)

MINE = {"1.2": Granted("P1", "CT chest")}


def row(study: str, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"0020000D": {"vr": "UI", "Value": [study]}}
    for tag, text in more.items():
        found[tag.lstrip("t")] = {"vr": "LO", "Value": [text]}
    return found


def test_foreign_studies_nameless_rows_and_other_patients_are_counted_out() -> None:
    rows = [row("1.2"), row("9.9"), {}, row("1.2", t00100020="P2"), row("1.2", t00100020="P1 ")]
    checked = check(rows, MINE)
    assert (checked.rows, checked.foreign) == ([rows[0], rows[4]], 3)


def test_a_missing_description_is_added_and_one_that_is_there_stays() -> None:
    rows = described([row("1.2"), row("1.2", t00081030="Other")], MINE)
    assert [value(one, "00081030") for one in rows] == ["CT chest", "Other"]


def test_key_objects_are_left_out() -> None:
    rows = [row("1.2", t00080060="KO"), row("1.2", t00080060="CT")]
    assert without_key_objects(rows) == rows[1:]


def test_deeply_nested_rows_are_walked_without_recursion() -> None:
    inner: dict[str, Any] = {
        "7FE00010": {"vr": "OW", "BulkDataURI": "http://x/studies/1.2/series/3/instances/4/bulk/7fe00010"}
    }
    for _ in range(5000):
        inner = {"0040A730": {"vr": "SQ", "Value": [inner]}}
    localised([row("1.2") | inner], "/r")
    for _ in range(5000):
        inner = inner["0040A730"]["Value"][0]
    assert inner["7FE00010"]["BulkDataURI"] == "/r/studies/1.2/series/3/instances/4/bulk/7fe00010"


@pytest.mark.parametrize(
    "address",
    ["http://x/studies/1.2/../9.9/bulk/1", "http://x/studies/9.9/bulk/1", "ftp:", "/studies/1.2/%2e%2e", 5, None],
)
def test_an_address_that_is_not_of_the_study_is_dropped(address: object) -> None:
    found = localised([row("1.2") | {"00420011": {"vr": "OB", "BulkDataURI": address}}], "/r")
    assert found[0]["00420011"] == {"vr": "OB"}


PLACE = "/studies/1.2/series/3/instances/4"


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        (f"http://x{PLACE}", f"/r{PLACE}"),
        (f"http://x{PLACE}/frames/1", f"/r{PLACE}/frames/1"),
        ("http://x/studies/1.2/series/3", None),
        ("http://x/studies/1.2", None),
        ("http://x/studies/9.9/series/3/instances/4", None),
        (f"http://x{PLACE}/attachments/1", None),
    ],
)
def test_only_addresses_that_are_answered_are_handed_out(address: str, ours: str | None) -> None:
    (found,) = localised([row("1.2") | {"00081190": {"vr": "UR", "Value": [address]}}], "/r")
    assert value(found, "00081190") == (ours or "")
    assert ("00081190" in found) == (ours is not None)


def test_an_empty_body_is_no_rows_and_nonsense_is_an_error() -> None:
    assert read_rows(b"") == []
    for body in (b"{", b"{}", b"[1]", b"null", b"\xff"):
        with pytest.raises(MalformedAnswerError):
            read_rows(body)
