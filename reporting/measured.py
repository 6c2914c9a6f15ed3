"""Rows out of what `read_sr` says of an object; nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Any

from reporting.models import Measurement, StoredObject

FIRST_YEAR, LAST_YEAR = 1900, 2200
MOST_POINTS = 400
"""Of one group, about, kept for comparing lesions; the object itself has them all."""


def measurements(stored: StoredObject, reading: dict[str, Any], zone: tzinfo) -> list[Measurement]:
    """One unsaved row for each number; `zone` is the site's, for objects that give a time without an offset."""
    return [row for is_chosen in (True, False) for row in _rows(stored, reading, zone, is_chosen=is_chosen)]


def _rows(stored: StoredObject, reading: dict[str, Any], zone: tzinfo, *, is_chosen: bool) -> Iterator[Measurement]:
    """Of several repetitions, the one that was chosen at the device (CID 224) goes before the others."""
    for group in reading.get("groups", []):
        about = _about(group) | {"measured_at": measured_at(reading, group, zone)}
        for value in group["values"]:
            if value["value"] is not None and bool(value.get("selection")) == is_chosen:
                yield Measurement(source=stored, **about, **_number(value))


def _about(group: dict[str, Any]) -> dict[str, Any]:
    place = group.get("place") or {}
    return {
        "tracking_uid": (group.get("tracking_uid") or "")[:64],
        "tracking_identifier": (group.get("tracking_identifier") or "")[:200],
        "tool": (group.get("tool") or "")[:64],
        "label": (group.get("label") or group.get("title") or "")[:200],
        "finding": _meaning(group.get("finding")),
        "finding_code": _coded(group.get("finding")),
        "finding_site": _meaning(group.get("site")),
        "site_code": _coded(group.get("site")),
        "laterality": _meaning(group.get("laterality")),
        "laterality_code": _coded(group.get("laterality")),
        "method": _meaning(group.get("method")),
        "method_code": _coded(group.get("method")),
        "referenced_sop_uid": (place.get("sop_instance_uid") or group.get("referenced_sop_instance_uid") or "")[:64],
        "referenced_series_uid": (place.get("series_instance_uid") or "")[:64],
        "referenced_frame": place.get("frame") if place else group.get("referenced_frame"),
        "series_number": place.get("series_number"),
        "image_number": place.get("image_number"),
        "geometry": _geometry(group),
    }


def _number(value: dict[str, Any]) -> dict[str, Any]:
    return {
        "scheme": value["scheme"][:16],
        "code": value["code"][:32],
        "name": value["name"][:64],
        "value": value["value"],
        "unit": value["unit"][:32],
        "recomputed": value.get("recomputed"),
        "flags": _flags(value),
        "words": list(value.get("words", [])),
        "derivation": _meaning(value.get("derivation")),
        "derivation_code": _coded(value.get("derivation")),
    }


def measured_at(reading: dict[str, Any], group: dict[str, Any], zone: tzinfo) -> datetime | None:
    """The instant that the object gives; None when it gives none.

    dcmjs writes UTC without saying so (`toISOString`), devices their own clock's time.
    """
    written = reading.get("content_datetime") or ""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        return None  # beyond what a clock of a device shows, and what every database keeps
    if moment.tzinfo is not None:
        return moment
    by_dcmjs = group.get("tracking_identifier", "").lower().startswith("cornerstone")
    return moment.replace(tzinfo=UTC if by_dcmjs else zone)


def _geometry(group: dict[str, Any]) -> list[dict[str, Any]]:
    drawn = group.get("geometry") or []
    step = -(-sum(len(drawing["points"]) for drawing in drawn) // MOST_POINTS)
    return [drawing | {"points": drawing["points"][::step]} for drawing in drawn] if step > 1 else drawn


def _meaning(concept: Any) -> str:
    if isinstance(concept, dict):
        return str(concept.get("name", ""))[:120]
    return str(concept or "")[:120]


def _coded(concept: Any) -> str:
    return f"{concept['scheme']}:{concept['code']}"[:48] if isinstance(concept, dict) else ""


def _flags(value: dict[str, Any]) -> list[str]:
    """The reader's doubts; a length in the detector's plane is not one in the patient, but an angle is."""
    is_angle = value.get("unit") in ("deg", "rad")
    detector = ["detector-plane"] if value.get("calibration") == "detector" and not is_angle else []
    return [*value.get("flags", []), *detector]
