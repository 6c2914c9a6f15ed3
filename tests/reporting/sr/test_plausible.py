"""A size that no such part of a body has is doubted, even when the drawing agrees with it."""

from __future__ import annotations

from typing import Any

import pytest

from reporting.sr import read_json
from tests.reporting.sr import builders as b
from tests.reporting.sr.builders import Annotation, Drawn, Num, Triple, ohif_sr
from tests.reporting.sr.test_machines import (
    CM,
    DOSE_SR,
    ECHO_REPORT,
    OB_REPORT,
    SITE,
    SPEED,
    coded,
    holding,
    num,
    report,
)

THYROID, LIVER = ("69748006", "SCT", "Thyroid"), ("10200004", "SCT", "Liver")


def line(millimetres: float, site: Triple | None = None, body_part: str = "") -> dict[str, Any]:
    """One length that the drawing confirms."""
    drawn = Drawn("POLYLINE", [0, 0, millimetres, 0])
    sr = ohif_sr(Annotation("Length", [Num(b.LENGTH, f"{millimetres:g}", b.MM, drawn)], site=site))
    image = b.spaced(1, 1) | ({"00180015": {"Value": [body_part]}} if body_part else {})
    (value,) = read_json(sr, [image])["groups"][0]["values"]
    return value


@pytest.mark.parametrize(("millimetres", "site", "body_part", "flags"), [
    (60, THYROID, "", []),
    (250, THYROID, "", ["implausible"]),
    (250, LIVER, "", []),
    (250, None, "THYROID", ["implausible"]),
    (250, LIVER, "THYROID", []),
    (250, None, "", []),
    (2600, None, "", ["implausible"]),
])  # fmt: skip
def test_the_site_decides_else_the_images_body_part_else_any_body(
    millimetres: float, site: Triple | None, body_part: str, flags: list[str]
) -> None:
    assert line(millimetres, site, body_part)["flags"] == flags


def test_it_is_said_in_words() -> None:
    assert line(250, THYROID)["words"] == ["Length 250 mm is more than a thyroid can measure (200 mm)."]


@pytest.mark.parametrize(("name", "value", "unit", "flags"), [
    (b.AREA, "30000", b.MM2, []),
    (b.AREA, "50000", b.MM2, ["implausible"]),
    (b.COBB_ANGLE, "359", b.DEGREES, []),
    (b.COBB_ANGLE, "361", b.DEGREES, ["implausible"]),
    (b.MEAN, "3071", b.HOUNSFIELD, []),
    (b.MEAN, "-9000", b.HOUNSFIELD, ["implausible"]),
    (b.LENGTH, "25", ("cm", "UCUM", "cm"), ["implausible"]),
])  # fmt: skip
def test_areas_angles_and_densities_have_limits_too(name: Triple, value: str, unit: Triple, flags: list[str]) -> None:
    sr = ohif_sr(Annotation("ROI", [Num(name, value, unit)], site=THYROID))
    (found,) = read_json(sr)["groups"][0]["values"]
    assert [flag for flag in found["flags"] if flag != "not-recomputed"] == flags


HEART = coded(SITE, ("80891009", "SCT", "Heart"))
HEAD, INTEGRAL, SLOPE = (
    ("11820-8", "LN", "Biparietal Diameter"), ("20354-7", "LN", "Velocity Time Integral"), ("59085-1", "LN", "Velocity")
)  # fmt: skip


@pytest.mark.parametrize(("title", "name", "value", "unit", "flags"), [
    (OB_REPORT, HEAD, "9.4", CM, []),
    (OB_REPORT, HEAD, "-9.4", CM, ["negative"]),
    (OB_REPORT, HEAD, "94", CM, ["implausible"]),
    (ECHO_REPORT, INTEGRAL, "110", CM, []),
    (ECHO_REPORT, SLOPE, "-80", SPEED, []),
])  # fmt: skip
def test_a_device_s_own_codes_are_doubted_by_their_unit(
    title: Triple, name: Triple, value: str, unit: Triple, flags: list[str]
) -> None:
    sr = report(title, holding(("121070", "DCM", "Findings"), HEART, num(name, value, unit)))
    (found,) = read_json(sr)["groups"][0]["values"]
    assert [flag for flag in found["flags"] if flag != "not-recomputed"] == flags


def test_where_a_table_stands_in_a_dose_report_is_no_length_of_a_body() -> None:
    place = num(("113751", "DCM", "Table Longitudinal Position"), "-2700", b.MM)
    sr = report(("113701", "DCM", "X-Ray Radiation Dose Report"),
                holding(("113706", "DCM", "Irradiation Event X-Ray Data"), place), sop_class=DOSE_SR)  # fmt: skip
    assert read_json(sr)["problems"] == []


def test_a_line_of_no_length_measures_nothing() -> None:
    assert line(0)["words"] == ["Length 0 mm measures nothing."]
