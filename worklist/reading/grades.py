"""Grades of wet reads: they count while the report version that they were signed with does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ris.core import panels
from worklist.reading.wet import WetGrade, WetRead

IN_FORCE: Final = "versions-in-force"
"""The place where reporting says which of these report versions are in force, and whether they have left."""


def is_graded(row: WetRead) -> bool:
    """By a version in force, also by one that waits for its release."""
    return bool(_in_force(row.grades.values_list("version", flat=True)))


def with_grades(rows: Iterable[WetRead]) -> list[WetRead]:
    """Each with `graded`, the grade that others are told: of a version that has left. Bring `grades__by` along."""
    found = list(rows)
    left = _in_force(grade.version for row in found for grade in row.grades.all())
    for row in found:
        row.graded = _newest(grade for grade in row.grades.all() if left.get(grade.version))
    return found


def _newest(grades: Iterable[WetGrade]) -> WetGrade | None:
    return max(grades, key=lambda grade: grade.pk, default=None)


def _in_force(versions: Iterable[int]) -> dict[int, bool]:
    keys = sorted(versions)
    found: dict[int, bool] = {}
    for some in panels.collect(IN_FORCE, keys) if keys else []:
        found |= some
    return found
