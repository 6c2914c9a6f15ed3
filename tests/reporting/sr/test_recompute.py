"""Whatever is drawn, on whatever pixels: what an honest viewer wrote is what comes out again."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.sr import read_json
from reporting.sr.plausible import LONGEST
from tests.reporting.sr import builders as b
from tests.reporting.sr.builders import Annotation, Drawn, Num, length, ohif_sr, spaced

coordinates = st.floats(-2000, 2000, width=32)
points = st.tuples(coordinates, coordinates)
spacings = st.floats(0.01, 10)
radii = st.floats(1, 500, width=32)


@settings(deadline=None, max_examples=150)
@given(start=points, end=points, row=spacings, column=spacings)
def test_a_written_length_equals_the_recomputed_one(
    start: tuple[float, float], end: tuple[float, float], row: float, column: float
) -> None:
    row, column = float(f"{row:.6g}"), float(f"{column:.6g}")
    true = math.hypot((end[0] - start[0]) * column, (end[1] - start[1]) * row)

    document = read_json(ohif_sr(length(f"{true:.9g}", [*start, *end])), [spaced(row, column)])

    (value,) = document["groups"][0]["values"]
    assert math.isclose(value["recomputed"], true, rel_tol=1e-5, abs_tol=1e-5)
    assert value["flags"] == (["implausible"] if true > LONGEST or not value["value"] else [])


@settings(deadline=None, max_examples=60)
@given(start=points, end=points, row=spacings, column=spacings, fault=st.sampled_from([0.5, 0.9, 1.1, 1.5, 3.0]))
def test_a_wrong_length_never_passes(
    start: tuple[float, float], end: tuple[float, float], row: float, column: float, fault: float
) -> None:
    true = math.hypot((end[0] - start[0]) * column, (end[1] - start[1]) * row)
    if true < 0.1:
        return

    document = read_json(ohif_sr(length(f"{true * fault:.9g}", [*start, *end])), [spaced(row, column)])

    assert "deviates" in document["groups"][0]["values"][0]["flags"]


@settings(deadline=None, max_examples=60)
@given(centre=points, radius=radii, spacing=spacings)
def test_circles_and_their_ellipses_have_the_same_area(
    centre: tuple[float, float], radius: float, spacing: float
) -> None:
    x, y = centre
    circle = Drawn("CIRCLE", [x, y, x + radius, y])
    ellipse = Drawn("ELLIPSE", [x, y - radius, x, y + radius, x - radius, y, x + radius, y])
    area = f"{math.pi * (radius * spacing) ** 2:.9g}"
    annotations = [Annotation("ROI", [Num(b.AREA, area, b.MM2, drawn)]) for drawn in (circle, ellipse)]

    document = read_json(ohif_sr(*annotations), [spaced(spacing, spacing)])

    flags = {flag for group in document["groups"] for value in group["values"] for flag in value["flags"]}
    assert flags <= {"implausible"}


@settings(deadline=None, max_examples=60)
@given(
    corner=st.tuples(*[st.floats(-300, 300, width=32)] * 3),
    width=st.floats(1, 200, width=32),
    height=st.floats(1, 200, width=32),
    tilt=st.floats(0, math.pi),
)
def test_a_tilted_rectangle_in_the_patient_keeps_its_area(
    corner: tuple[float, float, float], width: float, height: float, tilt: float
) -> None:
    x, y, z = corner
    rise, run = height * math.sin(tilt), height * math.cos(tilt)
    outline = [x, y, z, x + width, y, z, x + width, y + run, z + rise, x, y + run, z + rise, x, y, z]
    drawn = Drawn("POLYGON", outline, in_patient=True)

    document = read_json(ohif_sr(Annotation("ROI", [Num(b.AREA, f"{width * height:.9g}", b.MM2, drawn)])))

    assert document["groups"][0]["values"][0]["flags"] == []
