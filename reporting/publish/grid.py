"""Where the pixels of an image lie, so that what was drawn on it can be drawn on its picture. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reporting.sr.dicomjson import Attributes

ROWS, COLUMNS, POSITION, ORIENTATION, FRAME_OF_REFERENCE = "00280010", "00280011", "00200032", "00200037", "00200052"
SPACING, THICKNESS = "00280030", "00180050"
LEAST_HALF = 0.5
CORNER = 0.5
"""Image Position is the centre of the first pixel; points are counted from its outer corner (PS3.3 §C.18.6)."""


def grid_of(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Size in pixels, and the place of a single slice in the patient; {} for what is no image."""
    image = Attributes(metadata)
    columns, rows = image.integer(COLUMNS), image.integer(ROWS)
    if columns <= 0 or rows <= 0:
        return {}
    origin, axes, spacing = image.numbers(POSITION), image.numbers(ORIENTATION), image.numbers(SPACING)
    size: dict[str, Any] = {"columns": columns, "rows": rows}
    if len(spacing) != 2 or min(spacing) <= 0:
        return size
    size["spacing"] = spacing
    if (len(origin), len(axes)) != (3, 6):
        return size
    half = max(image.number(THICKNESS, 1.0) / 2, LEAST_HALF)
    frame = image.text(FRAME_OF_REFERENCE)
    return size | {"frame": frame, "origin": origin, "along": axes[:3], "down": axes[3:], "half": half}


def is_square(grid: Mapping[str, Any]) -> bool:
    """Whether its pixels are as high as they are wide, as far as anybody knows."""
    high, wide = grid.get("spacing", (1.0, 1.0))
    return abs(high - wide) <= 1e-3 * high


def in_pixels(points: Sequence[Sequence[float]], grid: Mapping[str, Any]) -> list[list[float]] | None:
    """Points of the patient (mm) as (column, row) of the image; None when one does not lie in its slice."""
    if "origin" not in grid:
        return None
    found = [_pixel(point, grid) for point in points]
    inside = all(abs(off) <= grid["half"] + 1e-3 for _column, _row, off in found)
    return [[column, row] for column, row, _off in found] if inside else None


def _pixel(point: Sequence[float], grid: Mapping[str, Any]) -> tuple[float, float, float]:
    """(column, row, mm off the plane) of one point."""
    away = [at - start for at, start in zip(point, grid["origin"], strict=True)]
    along, down = grid["along"], grid["down"]
    normal = (
        along[1] * down[2] - along[2] * down[1],
        along[2] * down[0] - along[0] * down[2],
        along[0] * down[1] - along[1] * down[0],
    )
    between_rows, between_columns = grid["spacing"]
    column = _dot(away, along) / between_columns
    return column + CORNER, _dot(away, down) / between_rows + CORNER, _dot(away, normal)


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
