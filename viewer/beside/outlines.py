"""What was measured, as lines over its image: one picture tells which lesion is meant. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

CLOSED = frozenset({"POLYGON"})


@dataclass(frozen=True, slots=True)
class Circle:
    """Centre and radius in pixels."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Outline:
    """The drawings on one image: lines as SVG point lists, circles."""

    series: str
    image: str
    lines: tuple[str, ...]
    circles: tuple[Circle, ...]


def outline(drawings: Iterable[Mapping[str, Any]]) -> Outline | None:
    """Those in the pixels of the image that the first one is drawn on (PS3.3 C.18.6); None when there are none."""
    known = (one for one in drawings if one.get("points") and one.get("sop_instance_uid"))
    flat = [one for one in known if one.get("space") == "image"]
    if not flat:
        return None
    image = flat[0]["sop_instance_uid"]
    here = [one for one in flat if one["sop_instance_uid"] == image]
    lines = tuple(_points(one) for one in here if one["type"] != "CIRCLE")
    circles = tuple(_circle(one["points"]) for one in here if one["type"] == "CIRCLE" and len(one["points"]) > 1)
    return Outline(flat[0].get("series_instance_uid", ""), image, lines, circles)


def _points(drawing: Mapping[str, Any]) -> str:
    points = drawing["points"]
    if drawing["type"] == "ELLIPSE" and len(points) == 4:  # ends of the long axis, then of the short one
        points = [points[0], points[2], points[1], points[3], points[0]]
    elif drawing["type"] in CLOSED:
        points = [*points, points[0]]
    return " ".join(f"{point[0]:.1f},{point[1]:.1f}" for point in points)


def _circle(points: list[list[float]]) -> Circle:
    (x, y), (to_x, to_y) = points[0][:2], points[1][:2]
    return Circle(x, y, ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5)
