"""What a drawn shape says about a measurement: the same quantity, worked out again from the coordinates."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reporting.sr import codes, shapes
from reporting.sr.codes import Code
from reporting.sr.content import Reference
from reporting.sr.graphics import Graphic
from reporting.sr.images import Calibration, ImageGeometry
from reporting.sr.shapes import Point
from reporting.sr.units import Dimension

OPEN_TYPES = frozenset({"POLYLINE", "MULTIPOINT"})
OUTLINES = frozenset({"POLYLINE", "POLYGON"})


@dataclass(frozen=True, slots=True)
class Drawing:
    """A shape and the image it was drawn on; `encloses` when an area was measured on it."""

    graphic: Graphic
    reference: Reference | None = None
    encloses: bool = False


@dataclass(frozen=True, slots=True)
class Recomputed:
    """Acceptable results in mm, mm2 or degrees (none without calibration) and in pixels (none for 3D points).

    There are two where a quantity has no direction of its own: the angle of two lines and its supplement.
    """

    metric: tuple[float, ...] = ()
    pixels: tuple[float, ...] = ()
    calibration: Calibration | None = None
    image_known: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    type: str
    points: tuple[Point, ...]
    encloses: bool


def recompute(
    concept: Code, drawing: Drawing, images: Mapping[str, ImageGeometry], kind: Dimension | None = None
) -> Recomputed | None:
    """The quantity `concept` of the drawing, or None when this shape does not define it.

    `kind`: what the unit says of a concept that we do not know, such as a device's name of a diameter. 2D points need
    the referenced image's pixel size; 3D points are mm of the patient already (PS3.3 §C.18.9).
    """
    formula = FORMULAS.get(concept) or (OF_ANY.get(kind) if kind else None)
    if formula is None:
        return None
    graphic = drawing.graphic
    if graphic.in_patient:
        metric = formula(_shape(drawing, (1.0, 1.0)))
        return Recomputed(metric, calibration="patient", image_known=True) if metric else None
    pixels = formula(_shape(drawing, (1.0, 1.0)))
    if not pixels:
        return None
    image = images.get(drawing.reference.sop_instance_uid) if drawing.reference else None
    found = image.spacing_at(graphic.points) if image else None
    if found is None:
        return Recomputed(pixels=pixels, image_known=image is not None)
    spacing, calibration = found
    return Recomputed(formula(_shape(drawing, spacing)), pixels, calibration, image_known=True)


def _shape(drawing: Drawing, spacing: tuple[float, float]) -> Shape:
    """The shape with every point in 3D; a 2D point is (column, row), a spacing is (row, column)."""
    row_mm, column_mm = spacing
    points = tuple(
        (point[0] * column_mm, point[1] * row_mm, point[2] if len(point) > 2 else 0.0)
        for point in drawing.graphic.points
    )
    return Shape(drawing.graphic.type, points, drawing.encloses)


def _distance(shape: Shape) -> tuple[float, ...]:
    if shape.type in OPEN_TYPES and len(shape.points) == 2:
        return (math.dist(*shape.points),)
    return ()


def _long_axis(shape: Shape) -> tuple[float, ...]:
    if shape.type == "ELLIPSE" and len(shape.points) == 4:
        return (shapes.ellipse_axes(shape.points)[0],)
    if shape.type in OPEN_TYPES and len(shape.points) == 4:
        return (math.dist(shape.points[0], shape.points[1]),)
    return _distance(shape)


def _short_axis(shape: Shape) -> tuple[float, ...]:
    if shape.type == "ELLIPSE" and len(shape.points) == 4:
        return (shapes.ellipse_axes(shape.points)[1],)
    if shape.type in OPEN_TYPES and len(shape.points) == 4:
        return (math.dist(shape.points[2], shape.points[3]),)
    return _distance(shape)


def _radius(shape: Shape) -> tuple[float, ...]:
    """A circle is its centre and a point on it (PS3.3 §C.18.6.1.2)."""
    return (math.dist(*shape.points),) if shape.type == "CIRCLE" and len(shape.points) == 2 else ()


def _diameter(shape: Shape) -> tuple[float, ...]:
    return tuple(2 * radius for radius in _radius(shape)) or _distance(shape)


def _perimeter(shape: Shape) -> tuple[float, ...]:
    if shape.type == "CIRCLE":
        return tuple(2 * math.pi * radius for radius in _radius(shape))
    if shape.type == "ELLIPSE" and len(shape.points) == 4:
        return (shapes.ellipse_perimeter(*shapes.ellipse_axes(shape.points)),)
    if shape.type not in OUTLINES or len(shape.points) < 2:
        return ()
    closed = shape.encloses or shape.type == "POLYGON"
    return ((shapes.closed_path if closed else shapes.path)(shape.points),)


def _area(shape: Shape) -> tuple[float, ...]:
    if shape.type == "CIRCLE":
        return tuple(math.pi * radius**2 for radius in _radius(shape))
    if shape.type == "ELLIPSE" and len(shape.points) == 4:
        major, minor = shapes.ellipse_axes(shape.points)
        return (math.pi / 4 * major * minor,)
    if shape.type in OUTLINES and len(shape.points) >= 3:
        return (shapes.polygon_area(shape.points),)
    return ()


def _angle(shape: Shape) -> tuple[float, ...]:
    """Three points: the angle at the middle one. Four: two lines, with a shared point in the middle or none."""
    if shape.type not in OPEN_TYPES or len(shape.points) not in (3, 4):
        return ()
    first = (shape.points[0], shape.points[1])
    second = (shape.points[-2], shape.points[-1])
    angle = shapes.angle_between(first, second)
    if angle is None:
        return ()
    return (angle,) if first[1] == second[0] else (angle, 180 - angle)


def _path_length(shape: Shape) -> tuple[float, ...]:
    return (shapes.path(shape.points),) if shape.type == "POLYLINE" and len(shape.points) > 1 else ()


def _any_length(shape: Shape) -> tuple[float, ...]:
    """Every length that a line, a circle or an ellipse has; an outline of many points may be meant in any way."""
    if shape.type == "CIRCLE":
        return tuple(length for formula in (_radius, _diameter, _perimeter) for length in formula(shape))
    if shape.type == "ELLIPSE":
        return tuple(length for formula in (_long_axis, _short_axis, _perimeter) for length in formula(shape))
    return _distance(shape)


OF_ANY: dict[Dimension, Callable[[Shape], tuple[float, ...]]] = {
    "length": _any_length,
    "area": _area,
    "angle": _angle,
}
FORMULAS: dict[Code, Callable[[Shape], tuple[float, ...]]] = {
    codes.LENGTH: _distance,
    codes.WIDTH: _distance,
    codes.DEPTH: _distance,
    codes.HEIGHT: _distance,
    codes.DISTANCE: _distance,
    codes.PATH_LENGTH: _path_length,
    codes.LONG_AXIS: _long_axis,
    codes.MAJOR_AXIS: _long_axis,
    codes.SHORT_AXIS: _short_axis,
    codes.PERPENDICULAR_AXIS: _short_axis,
    codes.MINOR_AXIS: _short_axis,
    codes.DIAMETER: _diameter,
    codes.RADIUS: _radius,
    codes.PERIMETER: _perimeter,
    codes.CIRCUMFERENCE: _perimeter,
    codes.AREA: _area,
    codes.AREA_OF_REGION: _area,
    codes.ANGLE: _angle,
    codes.COBB_ANGLE: _angle,
}
