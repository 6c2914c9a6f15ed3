"""Numbers that are not to be believed."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from reporting.sr import read_json
from tests.reporting.sr import builders as b
from tests.reporting.sr.builders import Annotation, Drawn, Num, image_json, length, ohif_sr, spaced

LINE = [10, 20, 16, 25]  # 5 mm at 0.8 mm by 0.5 mm, sqrt(61) pixels
IMAGES = [spaced(0.8, 0.5)]
US_IMAGE = image_json(
    t00186011=[
        {
            "00186018": {"vr": "UL", "Value": [0]},
            "0018601A": {"vr": "UL", "Value": [0]},
            "0018601C": {"vr": "UL", "Value": [400]},
            "0018601E": {"vr": "UL", "Value": [400]},
            "00186024": {"vr": "US", "Value": [3]},
            "00186026": {"vr": "US", "Value": [3]},
            "0018602C": {"vr": "FD", "Value": [0.05]},
            "0018602E": {"vr": "FD", "Value": [0.08]},
        }
    ]
)


def only(annotation: Annotation, images: list[dict[str, Any]]) -> tuple[dict[str, Any], list[str]]:
    """The one value of the document, and its problems."""
    document = read_json(ohif_sr(annotation), images)
    (group,) = document["groups"]
    (value,) = group["values"]
    return value, document["problems"]


def test_without_its_image_a_2d_length_is_read_but_not_recomputed() -> None:
    value, problems = only(length(5.0, LINE), [])

    assert (value["value"], value["recomputed"], value["flags"], problems) == (5.0, None, ["not-recomputed"], [])


def test_without_a_drawing_nothing_is_recomputed() -> None:
    value, _ = only(Annotation("Length", [Num(b.LENGTH, 5.0)]), IMAGES)

    assert value["flags"] == ["not-recomputed"]


@pytest.mark.parametrize(("written", "flags"), [(5.09, []), (4.91, []), (5.11, ["deviates"]), (4.89, ["deviates"])])
def test_two_per_cent_is_the_border_of_a_deviation(written: float, flags: list[str]) -> None:
    value, problems = only(length(written, LINE), IMAGES)

    assert (value["value"], value["flags"], bool(problems)) == (written, flags, bool(flags))


def test_centimetres_stored_as_millimetres_are_a_unit_conflict() -> None:
    """OHIF writes an ultrasound length of 0.5 cm as 0.5 mm (cornerstone3D 2831)."""
    value, problems = only(length(0.5, LINE), [US_IMAGE])

    assert (value["value"], value["unit"], value["recomputed"]) == (0.5, "mm", 5.0)
    assert (value["flags"], value["calibration"]) == (["unit-conflict", "deviates"], "ultrasound-region")
    assert problems == ["Length 0.5 mm, but the drawing measures 5 mm: a unit is mistaken."]


def test_ten_times_too_much_is_a_unit_conflict_as_well() -> None:
    value, _ = only(length(50.0, LINE), IMAGES)

    assert value["flags"] == ["unit-conflict", "deviates"]


def test_the_wrapped_centimetres_of_dcmjs_are_believed_when_the_drawing_agrees() -> None:
    value, problems = only(length(0.5, LINE, b.US_CENTIMETRES), [US_IMAGE])

    assert (value["value"], value["unit"], value["recomputed"], value["recomputed_unit"]) == (0.5, "cm", 0.5, "cm")
    assert (value["flags"], value["written"]["unit"]) == ([], "[arb'U]{cm US Region}")
    assert problems == ['Length: the unit "[arb\'U]{cm US Region}" is read as cm, as the drawing confirms.']


def test_wrapped_square_centimetres_are_believed_when_the_drawing_agrees() -> None:
    drawn = Drawn("POLYLINE", [0, 0, 100, 0, 100, 100, 0, 100, 0, 0])
    value, _ = only(Annotation("RectangleROI", [Num(b.AREA, 40.0, b.US_SQUARE_CENTIMETRES, drawn)]), [US_IMAGE])

    assert (value["unit"], value["recomputed"], value["flags"]) == ("cm2", 40.0, [])


@pytest.mark.parametrize("images", [[], IMAGES])
def test_wrapped_centimetres_stay_unknown_when_nothing_confirms_them(images: list[dict[str, Any]]) -> None:
    value, problems = only(length(33.0, LINE, b.US_CENTIMETRES), images)

    assert (value["value"], value["unit"]) == (33.0, "[arb'U]{cm US Region}")
    assert "unit-unknown" in value["flags"]
    assert problems == ['Length: the unit "[arb\'U]{cm US Region}" is not known.']


def test_pixels_are_never_shown_as_millimetres() -> None:
    value, problems = only(length(round(math.sqrt(61), 6), LINE, b.PIXELS), IMAGES)

    assert (value["unit"], value["unit_name"], value["recomputed_unit"]) == ("1", "px", "1")
    assert value["value"] == value["recomputed"] == pytest.approx(math.sqrt(61), abs=1e-5)
    assert (value["flags"], problems) == (["unit-unknown"], ["Length is a count of pixels, not a physical length."])


def test_a_pixel_count_stored_as_millimetres_is_found_when_the_image_has_no_spacing() -> None:
    value, problems = only(length(round(math.sqrt(61), 6), LINE), [image_json()])

    assert (value["recomputed"], value["flags"]) == (None, ["not-recomputed", "unit-conflict"])
    assert problems[0].endswith("equals the count of pixels; it is no physical length.")


def test_a_pixel_count_stored_as_millimetres_is_found_when_the_image_has_spacing() -> None:
    value, problems = only(length(round(math.sqrt(61), 6), LINE), IMAGES)

    assert (value["recomputed"], set(value["flags"])) == (5.0, {"deviates", "unit-conflict"})
    assert len(problems) == 2


def test_a_missing_unit_is_not_taken_for_millimetres() -> None:
    value, problems = only(length(5.0, LINE, None), IMAGES)

    assert (value["unit"], value["flags"], problems) == ("", ["unit-unknown"], ["Length: there is no unit."])


def test_a_private_unit_scheme_is_unknown_even_when_it_says_mm() -> None:
    value, _ = only(length(9.0, LINE, ("mm", "99LOCAL", "mm")), IMAGES)

    assert (value["unit"], value["recomputed"], value["recomputed_unit"]) == ("mm", 5.0, "mm")
    assert value["flags"] == ["unit-unknown"]


def test_centimetres_in_ucum_are_compared_but_never_converted() -> None:
    value, _ = only(length(0.5, LINE, ("cm", "UCUM", "centimeter")), IMAGES)

    assert (value["value"], value["unit"], value["recomputed"], value["recomputed_unit"]) == (0.5, "cm", 0.5, "cm")
    assert value["flags"] == []


def test_a_length_in_square_millimetres_is_a_unit_conflict() -> None:
    value, _ = only(length(5.0, LINE, b.MM2), IMAGES)

    assert value["flags"] == ["unit-conflict"]


@pytest.mark.parametrize("written", ["nan", "inf", "-inf", "1e400", "NaN", "five", "1,5", "1\\2", "0x10", "1_0"])
def test_what_is_no_finite_number_is_dropped_and_told(written: str) -> None:
    value, problems = only(length(written, LINE), IMAGES)

    assert (value["value"], value["recomputed"], value["flags"]) == (None, None, ["not-finite"])
    assert (value["written"]["value"], len(problems)) == (written, 1)
    assert "is not a finite number" in problems[0]


def test_no_answer_ever_contains_nan_or_infinity() -> None:
    annotations = [length("nan", LINE), length("1e400", [math.inf, 1, 2, math.nan])]

    text = json.dumps(read_json(ohif_sr(*annotations), [spaced(math.nan, 0.5)]), allow_nan=False)

    assert "1e400" in text


def test_a_negative_area_is_flagged_and_kept() -> None:
    drawn = Drawn("POLYLINE", [10, 10, 30, 10, 30, 40, 10, 40, 10, 10])

    value, problems = only(Annotation("RectangleROI", [Num(b.AREA, -240.0, b.MM2, drawn)]), IMAGES)

    assert (value["value"], value["flags"]) == (-240.0, ["negative", "deviates"])
    assert problems[0] == "Area -240.0 mm2 is negative."


def test_a_negative_mean_density_is_normal() -> None:
    value, _ = only(Annotation("CircleROI", [Num(b.MEAN, -880.0, b.HOUNSFIELD)]), IMAGES)

    assert value["flags"] == ["not-recomputed"]


@pytest.mark.parametrize(("written", "flags"), [("0", ["implausible"]), ("3", ["deviates"])])
def test_a_line_without_length_measures_nothing(written: str, flags: list[str]) -> None:
    value, _ = only(length(written, [10, 20, 10, 20]), IMAGES)

    assert (value["recomputed"], value["flags"]) == (0.0, flags)


def test_a_number_that_was_never_measured_is_told_with_its_reason() -> None:
    dataset = b.ohif_dataset(Annotation("Length", [Num(b.LENGTH, None)]))
    number = dataset.ContentSequence[4].ContentSequence[0].ContentSequence[2]
    number.NumericValueQualifierCodeSequence = [b.concept(("114007", "DCM", "Measurement not attempted"))]

    document = read_json(b.part10(dataset))

    assert document["groups"][0]["values"] == []
    assert document["problems"] == ["Length: no value was given (Measurement not attempted)."]


VENTRICLE = ("29436-3", "LN", "Left ventricular internal dimension")
CALIPER, CIRCLE = Drawn("POLYLINE", LINE), Drawn("CIRCLE", LINE)
CM, SPEED = ("cm", "UCUM", "cm"), ("cm/s", "UCUM", "cm/s")


@pytest.mark.parametrize(("shape", "written", "unit", "flags"), [
    (CALIPER, "5", b.MM, []),
    (CALIPER, "0.5", CM, []),
    (CALIPER, "5", CM, ["unit-conflict", "deviates"]),
    (CALIPER, "7", b.MM, ["deviates"]),
    (CIRCLE, "10", b.MM, []),
    (CIRCLE, "12", b.MM, ["deviates"]),
    (Drawn("ELLIPSE", [10, 20, 30, 20, 20, 15, 20, 25]), "8", b.MM, []),
    (Drawn("POLYLINE", [*LINE, 18, 30]), "7", b.MM, ["not-recomputed"]),
    (CALIPER, "60", SPEED, ["not-recomputed"]),
])  # fmt: skip
def test_a_device_s_own_name_of_a_length_is_checked_against_its_own_drawing(
    shape: Drawn, written: str, unit: b.Triple, flags: list[str]
) -> None:
    value, _ = only(Annotation("Caliper", [Num(VENTRICLE, written, unit, shape)]), IMAGES)
    assert value["flags"] == flags


@pytest.mark.parametrize(("concept", "shape", "written", "flags"), [
    (("121206", "DCM", "Distance"), CALIPER, "5", []),
    (("121206", "DCM", "Distance"), CALIPER, "50", ["unit-conflict", "deviates"]),
    (("121211", "DCM", "Path length"), Drawn("POLYLINE", [*LINE, 16, 30]), "9", []),
    (("121211", "DCM", "Path length"), Drawn("POLYLINE", [*LINE, 16, 30]), "5", ["deviates"]),
    (("131189007", "SCT", "Perpendicular axis"), CALIPER, "6", ["deviates"]),
])  # fmt: skip
def test_every_linear_measurement_of_the_standard_is_checked(
    concept: b.Triple, shape: Drawn, written: str, flags: list[str]
) -> None:
    """PS3.16 CID 7470."""
    value, _ = only(Annotation("Line", [Num(concept, written, b.MM, shape)]), IMAGES)
    assert value["flags"] == flags


def pointing(path: list[int], *numbers: Num, at: Drawn = CALIPER) -> list[dict[str, Any]]:
    """Numbers whose drawing stands elsewhere: last in the document, and named by its place (PS3.3 §C.17.3.2.5)."""
    dataset = b.ohif_dataset(Annotation("Caliper", numbers))
    dataset.ContentSequence.append(at.item())
    for number in dataset.ContentSequence[4].ContentSequence[0].ContentSequence[2:]:
        number.ContentSequence = [b.content("INFERRED FROM", "", ReferencedContentItemIdentifier=path)]
        del number.ContentSequence[0].ValueType
    groups: list[dict[str, Any]] = read_json(b.part10(dataset), IMAGES)["groups"]
    return groups


def test_a_drawing_that_is_only_pointed_at_is_the_numbers_drawing() -> None:
    (group,) = pointing([1, 6], Num(VENTRICLE, "7"), Num(VENTRICLE, "5"))
    assert [value["flags"] for value in group["values"]] == [["deviates"], []]


def test_a_long_drawing_is_not_repeated_for_everybody_who_points_at_it() -> None:
    (group,) = pointing([1, 6], *[Num(VENTRICLE, "7")] * 40, at=Drawn("POLYLINE", [1.0, 2.0] * 9_000))
    assert (len(group["values"]), len(group["geometry"])) == (40, 3)


@pytest.mark.parametrize("path", [[1], [1, 99], [1, 0], [1, 5, 1], [1, 5, 1, 3, 1], [4_000_000_000]])
def test_a_pointer_to_nothing_or_to_itself_is_no_drawing(path: list[int]) -> None:
    (group,) = pointing(path, Num(VENTRICLE, "7"))
    assert ([value["flags"] for value in group["values"]], group["geometry"]) == ([["not-recomputed"]], [])
