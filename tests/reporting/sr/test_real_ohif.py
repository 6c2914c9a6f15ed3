"""What a real OHIF 3.13 stored (made by test_writing_with_ohif.py), with each of its known faults (formats.md §3.4)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reporting.sr import read_json
from tests.reporting.sr.test_oracle import printed, understood

OBJECTS = Path(__file__).with_name("ohif")
NAMES = ["ct", "fiducial", "magnified", "oblong", "projection", "ultrasound", "uncalibrated", "user"]


def said(name: str, *, with_image: bool = True) -> dict[str, Any]:
    images = [json.loads((OBJECTS / f"{name}.json").read_text("utf-8"))["image"]] if with_image else []
    return read_json((OBJECTS / f"{name}.dcm").read_bytes(), images)


def seen(name: str) -> dict[str, list[str]]:
    """What the screen showed, by tool."""
    found = json.loads((OBJECTS / f"{name}.json").read_text("utf-8"))["seen"]
    return {tool: words["primary"] for tool, words in found}


def values(document: dict[str, Any], tool: str) -> dict[str, dict[str, Any]]:
    (group,) = [one for one in document["groups"] if one["tool"] == tool]
    return {value["name"]: value for value in group["values"]}


@pytest.mark.parametrize("name", NAMES)
def test_dsrdump_prints_no_number_that_we_do_not_have(name: str, tmp_path: Path) -> None:
    part10 = (OBJECTS / f"{name}.dcm").read_bytes()
    assert printed(part10, tmp_path) == understood(part10)


def test_on_square_pixels_every_length_area_perimeter_radius_and_angle_is_confirmed() -> None:
    document = said("ct")
    checked = [value for group in document["groups"] for value in group["values"] if value["recomputed"] is not None]
    assert len(checked) == 9
    assert all(value["flags"] == [] for value in checked)
    assert document["problems"] == []


def test_the_image_is_named_by_series_and_number() -> None:
    places = [group["place"] for group in said("ct")["groups"]]
    assert {(place["series_number"], place["image_number"], place["frame"]) for place in places} == {(1, 1, None)}


def test_an_ultrasound_length_in_centimetres_is_stored_as_millimetres_and_found() -> None:
    """OHIF #2831: the adapter passes no unit, dcmjs writes mm."""
    assert seen("ultrasound")["Length"] == ["1.50 cm US Region"]
    length = values(said("ultrasound"), "Length")["Length"]
    assert (length["unit"], round(length["value"], 2), round(length["recomputed"], 2)) == ("mm", 1.5, 15.01)
    assert "unit-conflict" in length["flags"]
    assert "a unit is mistaken" in length["words"][0]


def test_the_perimeter_of_a_circle_has_the_same_fault() -> None:
    assert "unit-conflict" in values(said("ultrasound"), "CircleROI")["Perimeter"]["flags"]


def test_the_wrapped_centimetres_are_believed_because_the_drawing_confirms_them() -> None:
    axes = values(said("ultrasound"), "Bidirectional")
    assert [(value["unit"], value["flags"]) for value in axes.values()] == [("cm", []), ("cm", [])]
    assert axes["Long Axis"]["written"]["unit"] == "[arb'U]{cm US Region}"
    area = values(said("ultrasound"), "CircleROI")["Area"]
    assert (area["unit"], area["flags"]) == ("cm2", [])


def test_without_the_image_nothing_of_it_is_believed() -> None:
    axes = values(said("ultrasound", with_image=False), "Bidirectional")
    assert all("unit-unknown" in value["flags"] for value in axes.values())


def test_a_count_of_pixels_is_stored_as_millimetres_and_found() -> None:
    assert seen("uncalibrated")["Length"] == ["30.0 px"]
    length = values(said("uncalibrated"), "Length")["Length"]
    assert (length["unit"], round(length["value"])) == ("mm", 30)
    assert "unit-conflict" in length["flags"]
    assert length["words"] == [f"Length {length['written']['value']} mm equals the count of pixels; "
                               "it is no physical length."]  # fmt: skip


def test_lengths_in_pixels_are_no_lengths() -> None:
    axes = values(said("uncalibrated"), "Bidirectional")
    assert all("unit-unknown" in value["flags"] for value in axes.values())


def test_a_projection_loses_its_suffix_and_is_told_by_its_image() -> None:
    """The screen says "mm Proj", the object says mm."""
    assert seen("projection")["Length"] == ["15.0 mm Proj"]
    length = values(said("projection"), "Length")["Length"]
    assert (length["unit"], length["flags"], length["calibration"]) == ("mm", [], "detector")


@pytest.mark.parametrize(("name", "suffix"), [("magnified", "ERMF"), ("fiducial", "Calibrated")])
def test_a_calibrated_projection_loses_its_suffix_and_is_confirmed_by_its_image(name: str, suffix: str) -> None:
    """The screen says "mm ERMF" or "mm Calibrated", the object says mm: the image tells that it was calibrated."""
    assert seen(name)["Length"] == [f"12.0 mm {suffix}"]
    lengths = values(said(name), "Length") | values(said(name), "CircleROI")
    checked = [lengths[one] for one in ("Length", "Perimeter", "Area", "Radius")]
    assert [(one["flags"], one["calibration"]) for one in checked] == [([], "image")] * 4
    assert [one["unit"] for one in checked] == ["mm", "mm", "mm2", "mm"]


def test_what_somebody_calibrated_in_the_viewer_is_not_what_the_image_says() -> None:
    """The screen says "mm User", the object says mm: the drawing alone tells that it is not the device's length."""
    assert seen("user")["Length"] == ["15.0 mm User"]
    for tool in ("Length", "Bidirectional", "CircleROI", "RectangleROI", "EllipticalROI"):
        found = [one for one in values(said("user"), tool).values() if one["recomputed"] is not None]
        assert found
        assert all("deviates" in one["flags"] for one in found)


def test_on_oblong_pixels_the_stored_drawing_is_not_the_measured_one_and_nothing_passes() -> None:
    """Not in the list of known faults: coordinates are written with the two spacings exchanged."""
    document = said("oblong")
    assert seen("oblong")["Length"] == ["90.1 mm"]
    for tool in ("Length", "Bidirectional", "CircleROI"):
        assert all("deviates" in value["flags"] for value in values(document, tool).values()
                   if value["recomputed"] is not None)  # fmt: skip


def test_circles_have_their_perimeter_before_their_area() -> None:
    names = list(values(said("ct"), "CircleROI"))
    assert names.index("Perimeter") < names.index("Area")


def test_an_arrow_is_a_label_and_its_words_stay_words() -> None:
    (arrow,) = [group for group in said("ct")["groups"] if group["tool"] == "ArrowAnnotate"]
    assert (arrow["values"], arrow["label"]) == ([], "Nodule <b>RUL</b>")


def test_tracking_identifiers_do_not_outlive_a_save() -> None:
    uids = [group["tracking_uid"] for name in NAMES for group in said(name)["groups"]]
    assert len(set(uids)) == len(uids)
