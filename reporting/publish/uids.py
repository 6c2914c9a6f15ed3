"""Under which UIDs the objects of a report stand in the archive; the same for each try (DESIGN.md §6)."""

from __future__ import annotations

from typing import NamedTuple

from ris.core.identifiers import uid

NOTE = "withdrawal"


class Place(NamedTuple):
    """Where one object stands in its study."""

    series_uid: str
    sop_uid: str


def document_place(report_id: int, number: int, kind: str) -> Place:
    """The Encapsulated PDF of a version, or the note of a withdrawal.

    A series holds objects of one modality (PS3.3 C.7.3.1.1.1), so the note, a key object, stands in one of its own.
    """
    series = "rejection-series" if kind == NOTE else "report-series"
    return Place(uid(series, report_id), uid("report-pdf", report_id, number, kind))


def series_of(report_id: int) -> frozenset[str]:
    """Every series that a report may have in the archive: documents, key images, the note of its withdrawal."""
    places = (document_place(report_id, 0, ""), document_place(report_id, 0, NOTE), selection_place(report_id, 0))
    return frozenset(place.series_uid for place in places)


def selection_place(report_id: int, number: int) -> Place:
    """The Key Object Selection of a version's key images."""
    return Place(uid("key-objects-series", report_id), uid("key-objects", report_id, number))
