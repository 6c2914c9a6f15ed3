"""What the report pane shows: the text, the numbers with their doubts, where the signed copy stands."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from reporting import permissions
from reporting.document import written
from reporting.images import written_before_closing
from reporting.lifecycle import OBJECT, REPORT
from reporting.models import Measurement, Report
from reporting.prefill import measurements_of
from reporting.technique import composed_text
from ris.accounts.models import User
from ris.core.errors import ConcurrentUpdateError
from ris.patients.names import readable
from worklist.exam.summary import for_reader

WORDS = {
    "unit-unknown": "no trustworthy unit",
    "unit-conflict": "the unit contradicts the drawing",
    "negative": "negative",
    "deviates": "differs from the drawing",
    "not-recomputed": "not checked against the drawing",
    "not-finite": "no number",
    "detector-plane": "measured in the detector's plane",
}


def pane_of(report: Report, user: User) -> dict[str, Any]:
    """Everything the pane's template needs."""
    writable = may_change(report, user)
    texts = report.content["sections"]
    return {
        "report": report,
        "task": report.task,
        "sections": [{**item, "text": texts.get(item["key"], "")} for item in report.sections],
        "writable": writable,
        "may_sign_final": writable and permissions.may_sign_final(user, report),
        "versions": report.versions.select_related("publication", "signature").order_by("-number"),
        "exam": for_reader(report.task),
        **numbers_of(report, writable=writable),
    }


def may_change(report: Report, user: User) -> bool:
    return REPORT.within(report, "writable") and permissions.may_write(user, report.task)


def numbers_of(report: Report, *, writable: bool = False) -> dict[str, Any]:
    """Template fields with what fills them, and every measurement beside it."""
    rows = measurements_of(report)
    objects = report.task.stored_objects.filter(state__in=OBJECT.groups["usable"])
    refused = report.task.stored_objects.filter(state__in=OBJECT.groups["refused"])
    zone = report.site.zone
    fields = [_field(spec, report.content["fields"].get(spec["key"]), zone) for spec in report.template.fields]
    seen = [report.content["fields"], [row.pk for row in rows], [item.pk for item in (*objects, *refused)]]
    task = report.task
    images = {"images_closed": written_before_closing(report), "images_added_at": task.images_added_at}
    seen += [value for value in (*images.values(), report.content.get("composed", {}).get("text")) if value]
    return {
        "fields": fields,
        "measurements": [_row(row) for row in rows],
        "objects": list(objects),
        "refused": list(refused),
        "writable": writable,
        **images,
        "composed": composed_text(report),
        "numbers_version": hashlib.sha256(repr(seen).encode()).hexdigest()[:16],
    }


def _field(spec: dict[str, Any], held: dict[str, Any] | None, zone: ZoneInfo) -> dict[str, Any]:
    filled = held if held and not held.get("removed") else None
    return {
        "key": spec["key"],
        "label": spec["label"],
        "removed": bool(held and held.get("removed")),
        "filled": filled,
        "value": written(filled["value"]) if filled else "",
        "observer": readable(filled["observer"]) if filled else "",
        "measured": _on_the_clock(filled["measured_at"], zone) if filled else "",
    }


def _on_the_clock(instant: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(zone):%Y-%m-%d %H:%M}"


def _row(row: Measurement) -> dict[str, Any]:
    doubts = [WORDS.get(flag, flag) for flag in row.flags]
    return {"row": row, "value": written(row.value), "doubts": doubts, "doubtful": bool(row.flags)}


def require_seen_numbers(report: Report, seen: str) -> None:
    """Raise when the signer's page did not show the numbers that would be signed."""
    if numbers_of(report)["numbers_version"] != seen:
        raise ConcurrentUpdateError("Measurements or technique changed since you looked. Read them again, then sign.")
