"""Which measurement stands in a field, in which unit, and what is said of those that do not."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from django.utils import timezone

from reporting.candidates import OF_EACH, rank
from reporting.measured import measurements
from reporting.models import Measurement, StoredObject
from tests.exam import LENGTH

SPEC = {"key": "length", "scheme": "SCT", "code": "410668003", "units": ["mm"], "pick": "largest"}
KIDNEY = {"scheme": "SCT", "code": "410668003", "units": ["mm"], "site": ["SCT:64033007"]}
LEFT, RIGHT = "SCT:7771000", "SCT:24028007"


def measured(value: float, source: int = 1, reader: str = "measurement-report", **changes: Any) -> Measurement:
    row = Measurement(value=value, **(LENGTH | {"flags": []} | changes))
    row.source = StoredObject(
        pk=source, stored_at=timezone.now(), sop_instance_uid=f"2.25.{source}", reading={"reader": reader}
    )
    return row


def test_centimetres_fill_a_field_in_millimetres_exactly_and_it_is_said() -> None:
    (one,) = rank(SPEC, [measured(3.36, unit="cm")])
    held = one.as_field()
    assert (one.fills, held["value"], held["unit"]) == (True, 33.6, "mm")
    assert held["converted_from"] == {"value": 3.36, "unit": "cm"}
    assert held["note"] == "written as 3.36 cm, which is exactly 33.6 mm"


@pytest.mark.parametrize("unit", ["px", "1", "", "mm2", "[arb'U]{cm US Region}", "deg", "mGy"])
def test_a_unit_that_the_field_does_not_take_is_refused_in_words(unit: str) -> None:
    (one,) = rank(SPEC, [measured(3.36, unit=unit)])
    assert (one.fills, one.choosable) == (False, False)
    assert "is not one that this field takes (mm)" in one.why


def test_radians_are_never_converted() -> None:
    angle = {"scheme": "SCT", "code": "285285000", "units": ["deg"]}
    (one,) = rank(angle, [measured(0.5, scheme="SCT", code="285285000", unit="rad")])
    assert not one.fills


def test_a_length_in_the_detectors_plane_fills_only_fields_that_allow_it_and_says_so() -> None:
    row = measured(80.0, flags=["detector-plane"])
    (shut,), (open_,) = rank(SPEC, [row]), rank(SPEC | {"detector_plane": True}, [row])
    assert (shut.fills, shut.choosable, open_.fills) == (False, True, True)
    assert open_.as_field()["note"] == "detector plane, not corrected for magnification"


@pytest.mark.parametrize(
    "flag", ["unit-unknown", "unit-conflict", "negative", "deviates", "implausible", "of tomorrow"]
)
def test_nobody_can_choose_a_number_that_is_wrong(flag: str) -> None:
    (one,) = rank(SPEC, [measured(31.0, flags=[flag], words=["Length 31 mm, but the drawing measures 3.1 mm."])])
    assert (one.fills, one.choosable) == (False, False)
    assert one.why == "Length 31 mm, but the drawing measures 3.1 mm."


@pytest.mark.parametrize(("value", "unit", "said"), [
    (-5.0, "mm", "-5 mm is not what this field takes: between 0 and 300 mm."),
    (31.0, "cm", "310 mm is not what this field takes: between 0 and 300 mm."),
    (1e300, "mm", "1e+300 mm is not what this field takes: a number of at most twelve digits."),
])  # fmt: skip
def test_the_bounds_of_a_field_hold_for_measurements_as_for_what_is_typed(value: float, unit: str, said: str) -> None:
    spec = SPEC | {"minimum": 0, "maximum": 300}
    (one,) = rank(spec, [measured(value, unit=unit, reader="ultrasound", flags=["not-recomputed"])])
    assert (one.fills, one.choosable, one.why) == (False, False, said)
    assert rank(spec, [measured(30.0, unit="cm")])[0].fills


def test_a_number_that_could_not_be_checked_waits_for_a_hand() -> None:
    (one,) = rank(SPEC, [measured(31.0, flags=["not-recomputed"])])
    assert (one.fills, one.choosable, one.as_field("by hand")["flags"]) == (False, True, [])


def test_a_device_that_draws_nothing_is_believed_and_it_is_said() -> None:
    (one,) = rank(SPEC, [measured(31.0, reader="ultrasound", flags=["not-recomputed"])])
    assert (one.fills, one.why) == (True, "as the device wrote it, without a drawing to check")
    drawn = measured(31.0, reader="ultrasound", flags=["not-recomputed"], geometry=[{"points": [[1, 2], [3, 4]]}])
    assert not rank(SPEC, [drawn])[0].fills


def test_a_drawn_length_that_could_not_be_checked_waits_for_a_hand_under_any_code() -> None:
    spec = {"key": "head", "scheme": "LN", "code": "11820-8", "units": ["mm"]}
    about: dict[str, Any] = {"scheme": "LN", "code": "11820-8", "flags": ["not-recomputed"]}
    assert rank(spec, [measured(94.0, **about)])[0].fills
    (drawn,) = rank(spec, [measured(94.0, **about, geometry=[{"points": [[1, 2], [3, 4]]}])])
    assert (drawn.fills, drawn.choosable, drawn.why) == (False, True, "not checked against the drawing")


def test_an_angle_is_the_same_in_the_detectors_plane_and_a_long_outline_stays_a_drawing() -> None:
    value = {"scheme": "SCT", "code": "1", "name": "", "value": 30.0, "flags": [], "calibration": "detector"}
    outline = {"space": "image", "points": [[number, 1] for number in range(1000)]}
    group = {"values": [value | {"unit": "deg"}, value | {"unit": "mm"}], "geometry": [outline]}
    angle, length = measurements(StoredObject(pk=1), {"groups": [group]}, UTC)
    assert (angle.flags, length.flags) == ([], ["detector-plane"])
    assert 0 < len(length.geometry[0]["points"]) <= 400


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001-01-01", "soon"])
def test_a_time_that_no_clock_shows_is_none(written: str) -> None:
    value = {"scheme": "SCT", "code": "1", "name": "", "value": 30.0, "unit": "mm", "flags": []}
    (row,) = measurements(StoredObject(pk=1), {"content_datetime": written, "groups": [{"values": [value]}]}, UTC)
    assert row.measured_at is None


def test_of_twins_none_fills_by_itself_unless_the_mapping_names_one() -> None:
    rows = [measured(94.0, label="A", reader="ultrasound"), measured(91.0, label="B", reader="ultrasound")]
    for row in rows:
        row.source.reading["groups"] = [{"label": "A"}, {"label": "B"}]
    assert [(one.fills, one.choosable, one.why) for one in rank(SPEC, rows)] == [(False, True, OF_EACH)] * 2
    assert rank(SPEC | {"labels": ["B"]}, rows)[0].fills
    assert rank(SPEC, rows[:1])[0].fills
    lesions = [measured(94.0, label="A"), measured(91.0, label="B")]
    assert rank(SPEC, lesions)[0].fills


def test_the_repetition_that_was_chosen_at_the_device_goes_first() -> None:
    chosen = {"scheme": "DCM", "code": "121410", "name": "User chosen value"}
    number = {"scheme": "SCT", "code": "410668003", "name": "Length", "unit": "mm", "flags": []}
    values = [number | {"value": 90.0}, number | {"value": 92.0, "selection": chosen}, number | {"value": 94.0}]
    rows = measurements(StoredObject(pk=1), {"groups": [{"values": values}]}, UTC)
    for row in rows:
        row.source = StoredObject(pk=1, stored_at=timezone.now(), sop_instance_uid="2.25.1", reading={})
    assert [one.value for one in rank(SPEC | {"pick": "latest"}, rows)] == [92.0, 90.0, 94.0]


def test_the_first_mapping_that_fits_goes_before_a_newer_object() -> None:
    spec = {"key": "kidney", "units": ["mm"], "sources": [KIDNEY, {"scheme": "SCT", "code": "410668003"}]}
    newer, older = measured(90.0, 2), measured(110.0, 1, site_code="SCT:64033007")
    assert [one.value for one in rank(spec, [newer, older])] == [110.0, 90.0]


@pytest.mark.parametrize(("name", "column"), [
    ("laterality", "laterality_code"), ("method", "method_code"), ("derivation", "derivation_code"),
    ("finding", "finding_code"), ("site", "site_code"),
])  # fmt: skip
def test_a_mapping_narrows_by_what_the_object_says(name: str, column: str) -> None:
    spec = SPEC | {name: [LEFT]}
    assert rank(spec, [measured(31.0)]) == []
    right, left = measured(31.0), measured(31.0)
    setattr(right, column, RIGHT)
    setattr(left, column, LEFT)
    assert rank(spec, [right]) == []
    assert rank(spec, [left])[0].fills


def test_labels_are_compared_without_case() -> None:
    assert rank(SPEC | {"labels": ["Target 1"]}, [measured(31.0, label="target 1")])[0].fills
    assert rank(SPEC | {"labels": ["Target 1"]}, [measured(31.0, label="target 2")]) == []


def test_what_fills_goes_before_what_may_be_chosen_and_that_before_what_is_wrong() -> None:
    found = rank(SPEC, [measured(99.0, flags=["deviates"]), measured(50.0, flags=["not-recomputed"]), measured(31.0)])
    assert [one.value for one in found] == [31.0, 50.0, 99.0]
