"""Under which UIDs the objects of a report stand in the archive; the same for each try (DESIGN.md §6)."""

from __future__ import annotations

from typing import NamedTuple

from ris.core.identifiers import uid


class Place(NamedTuple):
    """Where one object stands in its study."""

    series_uid: str
    sop_uid: str


def document_place(report_id: int, number: int, kind: str) -> Place:
    """The Encapsulated PDF of a version, or the note of a withdrawal."""
    return Place(uid("report-series", report_id), uid("report-pdf", report_id, number, kind))


def selection_place(report_id: int, number: int) -> Place:
    """The Key Object Selection of a version's key images."""
    return Place(uid("key-objects-series", report_id), uid("key-objects", report_id, number))
