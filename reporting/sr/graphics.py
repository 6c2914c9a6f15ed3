"""Spatial coordinates of a content item (PS3.3 §C.18.6 and §C.18.9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reporting.sr import elements
from reporting.sr.item import Item
from reporting.sr.limits import MAX_POINTS

Point = tuple[float, ...]
FARTHEST = 1e7  # pixels or millimetres; also keeps every product finite


@dataclass(frozen=True, slots=True)
class Graphic:
    """A drawn shape.

    `points`: (column, row) in pixels of the referenced image, or (x, y, z) in mm of the frame of reference when
    `in_patient`.
    """

    type: str
    points: tuple[Point, ...]
    in_patient: bool = False
    frame_of_reference_uid: str = ""


def graphic(item: Item, value_type: str, note: Callable[[str], None]) -> Graphic | None:
    """The shape, or None when its coordinates are not finite numbers in complete points; `note` is told why."""
    in_patient = value_type == "SCOORD3D"
    kind, points = _drawn(item, dimensions=3 if in_patient else 2)
    if len(points) > MAX_POINTS:
        note(f"A drawn shape has more than {MAX_POINTS} points; it was left out.")
        return None
    if not points or not all(abs(number) < FARTHEST for point in points for number in point):
        note("A drawn shape has missing or broken coordinates; what was measured on it cannot be checked.")
        return None
    return Graphic(kind, points, in_patient, elements.short(item, "ReferencedFrameOfReferenceUID"))


def _drawn(item: Item, *, dimensions: int) -> tuple[str, tuple[Point, ...]]:
    """As viewers write it: a CIRCLE among 3D coordinates too, a shape type in lower case."""
    flat = elements.numbers(item, "GraphicData")
    if len(flat) % dimensions:
        return "", ()
    points = tuple(tuple(flat[start : start + dimensions]) for start in range(0, len(flat), dimensions))
    return elements.short(item, "GraphicType").upper(), points
