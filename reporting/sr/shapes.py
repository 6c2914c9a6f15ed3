"""Lengths, areas and angles of drawn shapes. Points are (x, y, z) in one unit; results are in it, or its square."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float, float]


def path(points: Sequence[Point]) -> float:
    return sum(math.dist(start, end) for start, end in pairwise(points))


def closed_path(points: Sequence[Point]) -> float:
    return path([*points, points[0]])


def polygon_area(points: Sequence[Point]) -> float:
    """Area of a planar polygon in space: half the length of the sum of cross products (Stokes)."""
    origin = points[0]
    total = [0.0, 0.0, 0.0]
    for start, end in pairwise(points):
        for axis, part in enumerate(_cross(_minus(start, origin), _minus(end, origin))):
            total[axis] += part
    return math.hypot(*total) / 2


def ellipse_axes(points: Sequence[Point]) -> tuple[float, float]:
    """(major, minor) full lengths; the four points are the ends of one axis, then of the other (PS3.3 §C.18.6.1.2)."""
    one, other = math.dist(points[0], points[1]), math.dist(points[2], points[3])
    return max(one, other), min(one, other)


def ellipse_perimeter(major: float, minor: float) -> float:
    """Ramanujan's second approximation, better than 1e-4 for any ellipse that is drawn."""
    total = major + minor
    if total == 0:
        return 0.0
    h = ((major - minor) / total) ** 2
    return math.pi * total / 2 * (1 + 3 * h / (10 + math.sqrt(4 - 3 * h)))


def angle_between(first: tuple[Point, Point], second: tuple[Point, Point]) -> float | None:
    """Degrees between the rays first[1] -> first[0] and second[0] -> second[1]; None when one has no length."""
    one, other = _minus(first[0], first[1]), _minus(second[1], second[0])
    lengths = math.hypot(*one) * math.hypot(*other)
    if lengths == 0:
        return None
    cosine = sum(left * right for left, right in zip(one, other, strict=True)) / lengths
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))


def _minus(left: Point, right: Point) -> Point:
    return left[0] - right[0], left[1] - right[1], left[2] - right[2]


def _cross(left: Point, right: Point) -> Point:
    return (
        left[1] * right[2] - left[2] * right[1],
        left[2] * right[0] - left[0] * right[2],
        left[0] * right[1] - left[1] * right[0],
    )
