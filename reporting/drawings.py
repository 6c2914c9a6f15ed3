"""What stands on a key image: the shapes that were measured there, in its pixels, each with its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reporting.lifecycle import OBJECT
from reporting.models import KeyImage, Report
from reporting.publish.grid import in_pixels, is_square
from reporting.templates.fields import written
from reporting.templates.units import printed

MOST_POINTS = 200
MOST_SHAPES = 40
LONGEST = 80


def readings_of(report: Report) -> list[dict[str, Any]]:
    """What the case's objects say that are in force, as `read_sr` has it; the oldest first."""
    rows = report.task.stored_objects.filter(state__in=OBJECT.groups["usable"])
    rows = rows.filter(study_instance_uid__in=report.task.studies().values("study_instance_uid"))
    return list(rows.order_by("stored_at", "pk").values_list("reading", flat=True))


def drawn_on(image: KeyImage, readings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """[{"type", "points": [[column, row], …], "words"}]; one that was stored twice is there once."""
    found: dict[str, dict[str, Any]] = {}
    for reading in readings:
        for group in reading.get("groups", []):
            for shape in _shapes(group, image):
                found.setdefault(repr(shape), shape)
    return list(found.values())[:MOST_SHAPES]


def _shapes(group: dict[str, Any], image: KeyImage) -> Iterator[dict[str, Any]]:
    if group.get("tool") == "KeyImage":
        return
    words = _words(group)
    for drawing in group.get("geometry") or []:
        points = _points(drawing, group, image)
        if points:
            yield {"type": drawing["type"], "points": points, "words": words}
            words = ""


def _points(drawing: dict[str, Any], group: dict[str, Any], image: KeyImage) -> list[list[float]]:
    """In pixels of this image; [] when it was drawn on another.

    OHIF 3.13 exchanges the sides of pixels that are not square (formats.md §3.4): what it says there is nowhere.
    """
    points = drawing["points"][:: max(1, -(-len(drawing["points"]) // MOST_POINTS))]
    if drawing["space"] == "image":
        same = drawing["sop_instance_uid"] == image.sop_instance_uid and is_square(image.grid)
        here = same and (drawing.get("frame") or 1) == (image.frame or 1)
        found = [list(point) for point in points] if here else None
    else:
        where = (group.get("place") or {}).get("sop_instance_uid")
        same = image.grid.get("frame") == drawing["frame_of_reference_uid"] != ""
        found = in_pixels(points, image.grid) if same and where == image.sop_instance_uid else None
    return [[round(part, 2) for part in point] for point in found or []]


def _words(group: dict[str, Any]) -> str:
    """The label, then what nothing speaks against: the area, or both axes, or the number that there is."""
    sound = [one for one in group.get("values", []) if one["value"] is not None and not one["flags"]]
    area = [one for one in sound if one["name"] == "Area"]
    axes = [one for one in sound if one["name"].endswith("Axis")]
    shown = area[:1] or axes[:2] or sound[:1]
    numbers = " × ".join(f"{written(one['value'])} {printed(one['unit'])}".strip() for one in shown)
    return ": ".join(part for part in (group.get("label") or "", numbers) if part)[:LONGEST]
