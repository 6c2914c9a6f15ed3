"""Every tool of OHIF 3, as it writes its annotations."""

from __future__ import annotations

import math
from typing import Any

import pytest

from reporting.sr import read_json
from tests.reporting.sr import builders as b
from tests.reporting.sr.builders import Annotation, Drawn, Num, length, ohif_sr, spaced

IMAGES = [spaced(0.8, 0.5)]  # rows 0.8 mm apart, columns 0.5 mm
CIRCLE = Drawn("CIRCLE", [100, 100, 120, 100])
ELLIPSE = Drawn("ELLIPSE", [100, 50, 100, 150, 80, 100, 120, 100])
RECTANGLE = Drawn("POLYLINE", [10, 10, 30, 10, 30, 40, 10, 40, 10, 10])


def values(part10: bytes, images: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    document = read_json(part10, IMAGES if images is None else images)
    return [value for group in document["groups"] for value in group["values"]]


def test_a_length_has_value_unit_and_the_same_length_recomputed() -> None:
    (value,) = values(ohif_sr(length(5.0, [10, 20, 16, 25])))  # 6 columns and 5 rows: 3 mm and 4 mm

    assert (value["scheme"], value["code"], value["name"]) == ("SCT", "410668003", "Length")
    assert (value["value"], value["unit"], value["recomputed"], value["recomputed_unit"]) == (5.0, "mm", 5.0, "mm")
    assert (value["flags"], value["calibration"]) == ([], "image")


def test_row_and_column_spacing_are_not_swapped() -> None:
    across, down = length(5.0, [10, 20, 20, 20]), length(8.0, [10, 20, 10, 30])

    assert [value["flags"] for value in values(ohif_sr(across, down))] == [[], []]
    assert all("deviates" in value["flags"] for value in values(ohif_sr(across, down), [spaced(0.5, 0.8)]))


def test_the_document_says_who_what_and_when() -> None:
    document = read_json(ohif_sr(length(5.0, [10, 20, 16, 25])), IMAGES)

    told = {key: document[key] for key in ("observer", "completion", "verification", "patient_id", "accession_number")}
    assert told == {
        "observer": "unknown^unknown",
        "completion": "COMPLETE",
        "verification": "UNVERIFIED",
        "patient_id": "P-1",
        "accession_number": "ACC0001",
    }
    assert (document["sop_instance_uid"], document["study_instance_uid"]) == ("2.25.4001", b.STUDY)
    assert (document["series_instance_uid"], document["sop_class"]) == (b.SERIES, b.ENHANCED_SR)
    assert (document["series_description"], document["content_datetime"]) == ("Größen", "2026-03-02T09:15:30")
    assert (document["template"], document["reader"], document["problems"]) == ("1500", "measurement-report", [])


def test_a_group_says_tool_tracking_image_and_drawing() -> None:
    (group,) = read_json(ohif_sr(length(5.0, [10, 20, 16, 25], frame=3)), IMAGES)["groups"]

    assert group["tracking_identifier"] == "Cornerstone3DTools@^0.1.0:Length"
    assert (group["tool"], group["tracking_uid"]) == ("Length", "2.25.5000")
    assert (group["referenced_sop_instance_uid"], group["referenced_frame"]) == (b.IMAGE, 3)
    assert group["referenced_series_instance_uid"] == b.IMAGE_SERIES
    (drawing,) = group["geometry"]
    assert (drawing["type"], drawing["space"], drawing["points"]) == ("POLYLINE", "image", [[10, 20], [16, 25]])
    assert (drawing["sop_instance_uid"], drawing["frame"]) == (b.IMAGE, 3)


def test_both_encodings_that_ohif_uses_are_read_alike() -> None:
    annotation = length(5.0, [10, 20, 16, 25])

    assert read_json(ohif_sr(annotation, implicit=True)) == read_json(ohif_sr(annotation, implicit=False))


def test_bidirectional_gives_two_axes_each_with_its_own_line() -> None:
    nums = [
        Num(b.LONG_AXIS, 8.0, drawn=Drawn("POLYLINE", [10, 20, 10, 30])),
        Num(b.SHORT_AXIS, 5.0, drawn=Drawn("POLYLINE", [10, 20, 20, 20])),
    ]

    assert [(value["recomputed"], value["flags"]) for value in values(ohif_sr(Annotation("Bidirectional", nums)))] == [
        (8.0, []),
        (5.0, []),
    ]


def test_a_short_axis_without_a_line_is_not_checked_against_the_long_one() -> None:
    nums = [Num(b.LONG_AXIS, 8.0, drawn=Drawn("POLYLINE", [10, 20, 10, 30])), Num(b.SHORT_AXIS, 5.0)]

    _, short = values(ohif_sr(Annotation("Bidirectional", nums)))

    assert (short["recomputed"], short["flags"]) == (None, ["not-recomputed"])


def test_both_axes_in_one_polyline_are_long_axis_first() -> None:
    both = Drawn("POLYLINE", [10, 20, 10, 30, 10, 20, 20, 20])
    nums = [Num(b.LONG_AXIS, 8.0, drawn=both), Num(b.SHORT_AXIS, 5.0)]

    assert [value["flags"] for value in values(ohif_sr(Annotation("Bidirectional", nums)))] == [[], []]


def test_a_circle_has_its_perimeter_first_and_all_three_recomputed() -> None:
    nums = [
        Num(b.PERIMETER, 2 * math.pi * 10, drawn=CIRCLE),
        Num(b.AREA, math.pi * 100, b.MM2),
        Num(b.RADIUS, 10.0),
        Num(b.MEAN, 41.5, b.HOUNSFIELD),
    ]

    perimeter, area, radius, mean = values(ohif_sr(Annotation("CircleROI", nums)))

    assert [value["flags"] for value in (perimeter, area, radius)] == [[], [], []]
    assert area["recomputed"] == pytest.approx(math.pi * 100)
    assert (mean["value"], mean["unit"], mean["flags"]) == (41.5, "[hnsf'U]", ["not-recomputed"])


def test_an_ellipse_is_four_points_major_axis_first() -> None:
    (area,) = values(ohif_sr(Annotation("EllipticalROI", [Num(b.AREA, math.pi * 40 * 10, b.MM2, ELLIPSE)])))

    assert (area["recomputed"], area["flags"]) == (pytest.approx(math.pi * 40 * 10), [])


def test_the_ellipse_area_of_ohif_3_12_deviates() -> None:
    """Spacing applied twice: the stored area is a pixel area of the wrong kind."""
    wrong = math.pi * 40 * 10 * 0.8 * 0.5

    (area,) = values(ohif_sr(Annotation("EllipticalROI", [Num(b.AREA, wrong, b.MM2, ELLIPSE)])))

    assert (area["value"], area["flags"]) == (pytest.approx(wrong), ["deviates"])


def test_a_rectangle_is_a_closed_polyline() -> None:
    nums = [Num(b.PERIMETER, 68.0, drawn=RECTANGLE), Num(b.AREA, 240.0, b.MM2)]

    assert [value["flags"] for value in values(ohif_sr(Annotation("RectangleROI", nums)))] == [[], []]


def test_the_rectangle_area_of_ohif_3_12_deviates() -> None:
    nums = [Num(b.PERIMETER, 68.0, drawn=RECTANGLE), Num(b.AREA, 100.0, b.MM2)]  # width times width

    perimeter, area = values(ohif_sr(Annotation("RectangleROI", nums)))

    assert (perimeter["flags"], area["flags"], area["recomputed"]) == ([], ["deviates"], 240.0)


def test_a_freehand_outline_is_closed_when_it_has_an_area_and_open_when_not() -> None:
    outline = Drawn("POLYLINE", [0, 0, 60, 0, 60, 50])  # 30 mm, 40 mm, and 50 mm back
    closed = Annotation("PlanarFreehandROI", [Num(b.PERIMETER, 120.0, drawn=outline), Num(b.AREA, 600.0, b.MM2)])
    opened = Annotation("PlanarFreehandROI", [Num(b.PERIMETER, 70.0, drawn=outline)])

    assert [value["flags"] for value in values(ohif_sr(closed, opened))] == [[], [], []]


def test_control_points_of_a_spline_are_no_outline() -> None:
    outline = Drawn("POLYLINE", [0, 0, 60, 0, 60, 50, 0, 0])
    bends = Drawn("MULTIPOINT", [0, 0, 60, 0]).item()
    bends.ConceptNameCodeSequence = [b.concept(("ControlPoints", "99CS3D", "Control Points"))]
    dataset = b.ohif_dataset(Annotation("SplineROI", [Num(b.AREA, 600.0, b.MM2, outline)]))
    dataset.ContentSequence[4].ContentSequence[0].ContentSequence[2].ContentSequence.append(bends)

    (area,) = values(b.part10(dataset))

    assert (area["recomputed"], area["flags"]) == (600.0, [])


def test_an_angle_repeats_its_corner_and_a_cobb_angle_has_two_lines() -> None:
    corner = Drawn("POLYLINE", [0, 50, 0, 0, 0, 0, 80, 0])
    lines = Drawn("POLYLINE", [0, 0, 80, 0, 90, 10, 170, 60])  # level, and 40 mm across for 40 mm down
    angle = Annotation("Angle", [Num(b.COBB_ANGLE, 90.0, b.DEGREES, corner)])
    cobb = Annotation("CobbAngle", [Num(b.COBB_ANGLE, 135.0, b.DEGREES, lines)])
    supplement = Annotation("CobbAngle", [Num(b.COBB_ANGLE, 45.0, b.DEGREES, lines)])

    found = values(ohif_sr(angle, cobb, supplement))

    assert [value["recomputed"] for value in found] == pytest.approx([90.0, 135.0, 45.0])
    assert [value["flags"] for value in found] == [[], [], []]


def test_the_supplement_of_a_plain_angle_deviates() -> None:
    corner = Drawn("POLYLINE", [0, 50, 0, 0, 0, 0, 80, 80])

    (angle,) = values(ohif_sr(Annotation("Angle", [Num(b.COBB_ANGLE, 122.0, b.DEGREES, corner)])))

    assert angle["flags"] == ["deviates"]


@pytest.mark.parametrize("tool", ["ArrowAnnotate", "Probe", "Label"])
def test_the_zero_of_an_arrow_or_probe_is_a_label_and_no_measurement(tool: str) -> None:
    zero = Num(b.LABEL, "0", ("1", "UCUM", "no units"), Drawn("POLYLINE", [10, 20, 16, 25]))

    document = read_json(ohif_sr(Annotation(tool, [zero], label="look here")), IMAGES)

    (group,) = document["groups"]
    assert (group["tool"], group["label"], group["values"]) == (tool, "look here", [])
    assert (len(group["geometry"]), group["referenced_sop_instance_uid"]) == (1, b.IMAGE)
    assert document["problems"] == []


def test_a_key_image_is_named_by_the_third_part_of_its_tracking_identifier() -> None:
    zero = Num(b.LABEL, "0", ("1", "UCUM", "no units"), Drawn("POINT", [0, 0]))

    (group,) = read_json(ohif_sr(Annotation("Probe:KeyImage", [zero])), IMAGES)["groups"]

    assert (group["tool"], group["values"]) == ("KeyImage", [])


def test_an_old_arrow_without_measured_value_keeps_its_free_text_as_label() -> None:
    text = ("CORNERSTONEFREETEXT", "CST4", "ExampleText")
    arrow = Annotation("ArrowAnnotate", [Num(b.LABEL, None)], finding=text, prefix="cornerstoneTools@^4.0.0")

    (group,) = read_json(ohif_sr(arrow))["groups"]

    assert (group["tool"], group["label"], group["finding"], group["values"]) == (
        "ArrowAnnotate",
        "ExampleText",
        None,
        [],
    )


def test_finding_and_site_are_found_by_code_whatever_the_relationship() -> None:
    annotation = Annotation(
        "Length",
        [Num(b.LENGTH, 5.0)],
        finding=("27925004", "SCT", "Nodule"),
        site=("T-28000", "SRT", "Lung"),
    )
    dataset = b.ohif_dataset(annotation)
    site = dataset.ContentSequence[4].ContentSequence[0].ContentSequence[3]
    site.ConceptNameCodeSequence = [b.concept(("G-C0E3", "SRT", "Finding Site"))]

    (group,) = read_json(b.part10(dataset))["groups"]

    assert group["finding"] == {"scheme": "SCT", "code": "27925004", "name": "Nodule"}
    assert group["site"] == {"scheme": "SCT", "code": "39607008", "name": "Lung"}


def test_old_snomed_rt_codes_mean_the_same_and_are_still_told() -> None:
    old = ("G-D7FE", "SRT", "Length")
    drawn = Drawn("POLYLINE", [10, 20, 16, 25])

    (value,) = values(ohif_sr(Annotation("Length", [Num(old, 5.0, drawn=drawn)])))

    assert (value["scheme"], value["code"], value["recomputed"]) == ("SCT", "410668003", 5.0)
    assert (value["written"]["scheme"], value["written"]["code"]) == ("SRT", "G-D7FE")


def test_an_area_under_the_code_of_a_length_is_a_unit_conflict() -> None:
    """OHIF 2 wrote the area of an ellipse under (G-D7FE, SRT), which is Length."""
    area = Annotation("EllipticalRoi", [Num(("G-D7FE", "SRT", "AREA"), 1256.6, b.MM2, ELLIPSE)])

    document = read_json(ohif_sr(area), IMAGES)

    assert document["groups"][0]["values"][0]["flags"] == ["unit-conflict", "not-recomputed"]
    assert document["problems"] == ['AREA has the code of a length, but its unit is "mm2".']


def test_measurements_are_found_wherever_their_container_stands() -> None:
    dataset = b.ohif_dataset(length(5.0, [10, 20, 16, 25]))
    dataset.ContentSequence = [dataset.ContentSequence[4], *dataset.ContentSequence[:4]]

    (value,) = values(b.part10(dataset))

    assert value["flags"] == []


def test_three_dimensional_points_are_millimetres_already() -> None:
    annotation = length(13.0, [1, 2, 3, 4, 6, 15], in_patient=True)

    document = read_json(ohif_sr(annotation, sop_class=b.COMPREHENSIVE_3D_SR), [])

    (group,) = document["groups"]
    (value,) = group["values"]
    assert (value["recomputed"], value["calibration"], value["flags"]) == (13.0, "patient", [])
    assert (group["geometry"][0]["space"], group["geometry"][0]["frame_of_reference_uid"]) == ("patient", "2.25.3001")
    assert group["referenced_sop_instance_uid"] == ""


def test_a_circle_among_three_dimensional_coordinates_is_read_although_the_standard_has_none() -> None:
    drawn = Drawn("CIRCLE", [0, 0, 5, 3, 4, 5], in_patient=True)

    (area,) = values(ohif_sr(Annotation("CircleROI", [Num(b.AREA, math.pi * 25, b.MM2, drawn)])))

    assert (area["recomputed"], area["flags"]) == (pytest.approx(math.pi * 25), [])


def test_a_coordinate_that_the_viewer_lost_is_told_and_nothing_is_recomputed() -> None:
    """dcmjs writes `point[0] || point.x`: a coordinate of exactly 0 goes missing."""
    lost = Drawn("POLYLINE", [math.nan, 20, 16, 25])

    document = read_json(ohif_sr(Annotation("Length", [Num(b.LENGTH, 5.0, drawn=lost)])), IMAGES)

    (group,) = document["groups"]
    assert (group["geometry"], group["values"][0]["flags"]) == ([], ["not-recomputed"])
    assert "missing or broken coordinates" in document["problems"][0]


def test_qualitative_evaluations_are_kept_beside_the_numbers() -> None:
    grade = b.content(
        "CONTAINS", "CODE", ("111023", "DCM", "Grade"), ConceptCodeSequence=[b.concept(("88102005", "SCT", "High"))]
    )

    (group,) = read_json(ohif_sr(Annotation("Length", [Num(b.LENGTH, 5.0)], extra=[grade])))["groups"]

    assert [(said["name"]["name"], said["value"]) for said in group["evaluations"]] == [("Grade", "High")]
