"""Which image a group was measured on, in the numbers that people know images by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from reporting.sr.document import Group
from reporting.sr.images import ImageGeometry, Plane
from reporting.sr.recompute import Drawing


@dataclass(frozen=True, slots=True)
class Place:
    """One image. The numbers are those of series and instance, (0020,0011) and (0020,0013); None when unknown."""

    sop_instance_uid: str
    series_instance_uid: str = ""
    series_number: int | None = None
    image_number: int | None = None
    frame: int | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def place_of(group: Group, images: Mapping[str, ImageGeometry], series: Mapping[str, str]) -> Place | None:
    """The image that the group names, or else the slice that its points in the patient lie on."""
    where = group.reference
    if where is None:
        image = _slice(group.drawings, images)
        return _placed(image) if image else None
    known = images.get(where.sop_instance_uid)
    if known is not None:
        return _placed(known, where.frame if known.frames > 1 else None)
    return Place(where.sop_instance_uid, series.get(where.sop_instance_uid, ""), frame=where.frame)


def _placed(image: ImageGeometry, frame: int | None = None) -> Place:
    return Place(image.sop_instance_uid, image.series_instance_uid, image.series_number, image.image_number, frame)


def _slice(drawings: tuple[Drawing, ...], images: Mapping[str, ImageGeometry]) -> ImageGeometry | None:
    """The nearest slice that holds every point within half its thickness; none for a drawing across slices."""
    drawn = next((drawing.graphic for drawing in drawings if drawing.graphic.in_patient), None)
    if drawn is None:
        return None
    near = [
        (distance, uid)
        for uid, image in images.items()
        if image.plane is not None
        and image.plane.frame_of_reference_uid == drawn.frame_of_reference_uid
        and (distance := _farthest(image.plane, drawn.points)) <= image.plane.half
    ]
    return images[min(near)[1]] if near else None


def _farthest(plane: Plane, points: tuple[tuple[float, ...], ...]) -> float:
    return max(plane.distance(point) for point in points)
