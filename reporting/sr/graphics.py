"""Spatial coordinates of a content item (PS3.3 §C.18.6 and §C.18.9)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from highdicom.sr import Scoord3DContentItem, ScoordContentItem
from pydicom.dataset import Dataset

from reporting.sr import elements
from reporting.sr.errors import MALFORMED
from reporting.sr.limits import MAX_POINTS

Point = tuple[float, ...]


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


def graphic(item: Dataset, value_type: str, note: Callable[[str], None]) -> Graphic | None:
    """The shape, or None when its coordinates are not finite numbers in complete points; `note` is told why."""
    in_patient = value_type == "SCOORD3D"
    try:
        kind, points = _by_highdicom(item, in_patient=in_patient)
    except MALFORMED:
        kind, points = _by_hand(item, dimensions=3 if in_patient else 2)
    if len(points) > MAX_POINTS:
        note(f"A drawn shape has more than {MAX_POINTS} points; it was left out.")
        return None
    if not points or not all(math.isfinite(number) for point in points for number in point):
        note("A drawn shape has missing or broken coordinates; what was measured on it cannot be checked.")
        return None
    return Graphic(kind, points, in_patient, elements.short(item, "ReferencedFrameOfReferenceUID"))


def _by_highdicom(item: Dataset, *, in_patient: bool) -> tuple[str, tuple[Point, ...]]:
    """As the standard has it. The item is copied without its children, which highdicom would convert too."""
    alone = Dataset()
    for keyword in ("ValueType", "RelationshipType", "ConceptNameCodeSequence", "GraphicType", "GraphicData"):
        if keyword in item:
            alone[keyword] = item[keyword]
    read = (Scoord3DContentItem if in_patient else ScoordContentItem).from_dataset(alone, copy=False)
    return str(read.graphic_type.value), tuple(tuple(float(part) for part in point) for point in read.value)


def _by_hand(item: Dataset, *, dimensions: int) -> tuple[str, tuple[Point, ...]]:
    """As viewers write it: a CIRCLE among 3D coordinates, a shape type in lower case, a missing concept."""
    flat = elements.numbers(item, "GraphicData")
    if len(flat) % dimensions:
        return "", ()
    points = tuple(tuple(flat[start : start + dimensions]) for start in range(0, len(flat), dimensions))
    return elements.short(item, "GraphicType").upper(), points
