"""Numbers that changed or went away after they stood in a report; and, once it is signed, since then. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

Held = Mapping[str, Any] | None


def marked(before: Mapping[str, Held], after: Mapping[str, Held], at: datetime) -> dict[str, Any]:
    """The marks of one refilling by field: {"kind": "changed"|"deleted", "was": {...}, "at"}."""
    found = {}
    for key, old in before.items():
        new = after.get(key)
        if _is_number(old) and _is_filled_or_empty(new) and not _same(old, new):
            kind = "changed" if new else "deleted"
            found[key] = {"kind": kind, "was": _short(old), "at": at.isoformat()}
    return found


def since_signed(signed: list[Mapping[str, Any]], now: Mapping[str, Held]) -> list[dict[str, Any]]:
    """What a signed report says otherwise than today's measurements do; `signed` are its frozen rows."""
    found = []
    for row in signed:
        key = str(row.get("key", ""))
        if key in now and row.get("sr_sop_uid") and not _same(row, now[key]):
            new = now[key]
            found.append({"label": row["label"], "was": _short(row), "now": _short(new) if new else None})
    return found


def _is_number(held: Held) -> bool:
    return bool(held and not held.get("removed") and held.get("sr_sop_uid"))


def _is_filled_or_empty(held: Held) -> bool:
    """Not left out by the writer, which is no fault of the measurement's."""
    return not held or bool(held.get("sr_sop_uid"))


def _same(old: Held, new: Held) -> bool:
    """The same number: saved once more in a new object it is no change."""
    if not old or not new:
        return False
    return (old["value"], old["unit"]) == (new["value"], new["unit"])


def _short(held: Held) -> dict[str, Any]:
    return {"value": held["value"], "unit": held["unit"]} if held else {}
