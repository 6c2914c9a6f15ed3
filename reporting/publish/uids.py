"""Under which UIDs the objects of a report stand in the archive; the same for each try (DESIGN.md §6)."""

from __future__ import annotations

from typing import NamedTuple

from ris.core.identifiers import uid

NOTE = "withdrawal"


class Place(NamedTuple):
    """Where one object stands in its study."""

    series_uid: str
    sop_uid: str


def document_place(report_id: int, number: int, kind: str, further_study: str = "") -> Place:
    """The Encapsulated PDF of a version, or the note of a withdrawal; `further_study`: its copy in another study.

    A series is of one study and holds objects of one modality (PS3.3 C.7.3.1.1.1), so a copy, and the note, which is a
    key object, stand in series of their own.
    """
    series = "rejection-series" if kind == NOTE else "report-series"
    where = (further_study,) if further_study else ()
    return Place(uid(series, report_id, *where), uid("report-pdf", report_id, number, kind, *where))


def series_of(report_id: int, study_uid: str) -> frozenset[str]:
    """Every series that a report may have in a study: documents, key images, the note of its withdrawal."""
    kinds = ("", NOTE)
    places = [document_place(report_id, 0, kind, further) for kind in kinds for further in ("", study_uid)]
    return frozenset(place.series_uid for place in (*places, selection_place(report_id, 0)))


def selection_place(report_id: int, number: int) -> Place:
    """The Key Object Selection of a version's key images."""
    return Place(uid("key-objects-series", report_id), uid("key-objects", report_id, number))
