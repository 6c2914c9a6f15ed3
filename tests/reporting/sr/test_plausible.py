"""A size that no such part of a body has is doubted, even when the drawing agrees with it."""

from __future__ import annotations

from typing import Any

import pytest

from reporting.sr import read_json
from tests.reporting.sr import builders as b
from tests.reporting.sr.builders import Annotation, Drawn, Num, Triple, ohif_sr

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
