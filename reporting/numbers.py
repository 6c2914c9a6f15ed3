"""What the report pane says of measurements: each field with its source, its doubts, its rivals and its past."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from reporting.candidates import Candidate, doubts_of, is_doubtful, rank
from reporting.desk import Desk, desk_of, key_images_of, prior_of
from reporting.document import labels_of, written
from reporting.earlier import NOBODY, counterparts
from reporting.fieldset import shown_fields
from reporting.images import closed_as_anothers, written_before_closing
from reporting.lifecycle import OBJECT, REPORT
from reporting.marks import since_signed
from reporting.models import Measurement, Report
from reporting.moved.reading import moved_images
from reporting.prefill import best_of, filable, is_measured, measurements_of
from reporting.refilled import refilling_of
from reporting.technique import composed_text, section_of
from reporting.templates.units import printed
from ris.patients.names import readable

FEW = 8


def numbers_of(report: Report, *, writable: bool = False) -> dict[str, Any]:
    """Template fields with what fills them, every measurement and key image beside them."""
    desk = desk_of(report)
    objects = report.task.stored_objects.filter(state__in=OBJECT.groups["usable"])
    refused = report.task.stored_objects.filter(state__in=OBJECT.groups["refused"])
    fields = [_field(desk, spec) for spec in filable(report)]
    keys = key_images_of(report)
    closed = written_before_closing(report)
    images = {
        "images_closed": closed,
        "closed_as_anothers": closed and closed_as_anothers(report),
        "images_added_at": report.task.images_added_at,
        "moved": moved_images(report),
    }
    seen = [
        _held_by_measurement(report), [row.identity for row in desk.rows],
        [(one.pk, one.state) for one in (*objects, *refused)],
        [(one.pk, one.picture_sha256, one.label, one.problem) for one in keys],
        [(field["prior"], field["mark"]) for field in fields],
        *(value for value in (*images.values(), report.content.get("composed", {}).get("text")) if value),
        *refilling_of(report).values(),
    ]  # fmt: skip
    return {
        "fields": fields,
        "measurements": [_row(desk, row) for row in desk.rows],
        "key_images": keys,
        "objects": [_object(one) for one in objects],
        "refused": list(refused),
        "changes": changes_since(report, desk.rows),
        "writable": writable,
        "signed": not writable and REPORT.within(report, "signed"),
        **images,
        "composed": composed_text(report),
        "composed_section": section_of(report),
        "entries": json.dumps(shown_fields(report)),
        "numbers_version": hashlib.sha256(_settled(seen).encode()).hexdigest()[:16],
    }


def _settled(seen: list[Any]) -> str:
    """As text; PostgreSQL gives the keys of a JSON object back in an order of its own."""
    return json.dumps(seen, sort_keys=True, default=repr)


def changes_since(report: Report, rows: list[Measurement] | None = None) -> list[dict[str, Any]]:
    """Where a signed report's numbers are not what the stored measurements say today."""
    version = report.newest_in_force
    if version is None:
        return []
    rows = measurements_of(report) if rows is None else rows
    now = {spec["key"]: best_of(spec, rows, report.content) for spec in filable(report)}
    found = since_signed(version.content.get("measurements", []), now)
    return [{**one, "was": _said(one["was"]), "now": _said(one["now"])} for one in found]


def _held_by_measurement(report: Report) -> dict[str, Any]:
    """What a signature answers for here: typed fields are guarded by the revision."""
    return {key: held for key, held in report.content["fields"].items() if is_measured(held) or held.get("removed")}


def _field(desk: Desk, spec: dict[str, Any]) -> dict[str, Any]:
    key, digits = spec["key"], spec.get("decimals")
    held = desk.report.content["fields"].get(key) or {}
    filled = held if held.get("sr_sop_uid") else None
    ranked = rank(spec, desk.rows)
    mark = desk.report.content.get("marks", {}).get(key)
    return {
        "key": key,
        "label": labels_of(desk.report).full(spec, filled or {}),
        "removed": bool(held.get("removed")),
        "typed": held.get("kind") == "typed",
        "filled": filled,
        "value": written(filled["value"], digits) if filled else "",
        "unit": printed(filled["unit"]) if filled else "",
        "observer": readable(filled["observer"]) if filled else "",
        "measured": _on_the_clock(filled["measured_at"], desk.zone) if filled else "",
        "candidates": [_candidate(desk, one, held, digits) for one in ranked[:FEW]],
        "prior": _prior(prior_of(desk, key), digits),
        "counterparts": _counterparts(desk, held),
        "no_prior": desk.report.content.get("earlier", {}).get(key) == NOBODY,
        "mark": mark | {"was": _said(mark["was"])} if mark else None,
    }


def _candidate(desk: Desk, one: Candidate, held: Mapping[str, Any], digits: int | None) -> dict[str, Any]:
    return {
        **_row(desk, one.row),
        "value": written(one.value, digits),
        "unit": printed(one.unit),
        "why": one.why,
        "choosable": one.choosable,
        "is_held": one.row.identity == held.get("measurement"),
    }


def _prior(found: dict[str, Any] | None, digits: int | None) -> dict[str, Any] | None:
    if found is None:
        return None
    change = found["change"]
    words = "" if change is None else f"{change:+.0f} %" if abs(change) >= 0.5 else "unchanged"
    return found | {"written": written(found["value"], digits), "words": words}


def _counterparts(desk: Desk, held: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Earlier numbers among which the reader may point out the same lesion's."""
    row = next((row for row in desk.rows if row.identity == held.get("measurement")), None)
    if row is None:
        return []
    found = counterparts(row, held["unit"], desk.earlier)[:FEW]
    return [
        {
            "measurement": one.row.identity,
            "written": f"{written(one.value)} {printed(held['unit'])}",
            "day": one.day.isoformat(),
            "about": ", ".join(filter(None, (one.row.label, one.row.finding_site, one.row.laterality))),
            "reasons": ", ".join(one.reasons),
        }
        for one in found
    ]


def _on_the_clock(instant: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(zone):%Y-%m-%d %H:%M}"


def _row(desk: Desk, row: Measurement) -> dict[str, Any]:
    doubts = doubts_of(row)
    about = (row.label, row.finding, row.finding_site, row.laterality, row.derivation)
    return {
        "row": row,
        "identity": row.identity,
        "about": ", ".join(dict.fromkeys(filter(None, about))),
        "value": written(row.value),
        "unit": printed(row.unit),
        "measured": _on_the_clock(row.as_field()["measured_at"], desk.zone),
        "observer": readable(row.source.observer),
        "doubts": doubts,
        "doubtful": is_doubtful(row),
    }


def _object(one: Any) -> dict[str, Any]:
    """A stored object, and what could not be understood of it."""
    lines = one.reading.get("text") or []
    return {"object": one, "problems": one.reading.get("problems") or [], "lines": lines[:200]}


def _said(number: Mapping[str, Any] | None) -> str:
    return f"{written(number['value'])} {printed(number['unit'])}".strip() if number else ""
