"""The fields of a signed version as values again, and what a correction makes of them; nothing is read or written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reporting.amending.dropping import Content, leaning
from reporting.fieldset import raw_of
from reporting.templates.computed import compute
from reporting.templates.fields import MEASURED, Held, Spec, kind_of
from reporting.templates.values import typed

Fields = Mapping[str, Held | None]


@dataclass(frozen=True, slots=True)
class Refilled:
    """All fields by key as they are now; `anew`: those that hold something else than what was signed."""

    fields: dict[str, Held | None]
    anew: frozenset[str]

    @property
    def emptied(self) -> set[str]:
        return {key for key in self.anew if not kind_of(self.fields.get(key))}


def held_in(content: Content, specs: Sequence[Spec]) -> dict[str, Held | None]:
    """What each field holds in the version, as a draft would hold it."""
    measured = {one["key"]: one for one in content["measurements"]}
    rows = {row["key"]: row for section in content["sections"] for row in section.get("fields", [])}
    return {spec["key"]: _held(rows.get(spec["key"]), measured.get(spec["key"])) for spec in specs}


def _held(row: Mapping[str, Any] | None, measured: Mapping[str, Any] | None) -> Held | None:
    if measured is not None:
        return {**measured, "kind": MEASURED}
    if row is None:
        return None
    value = row.get("value")
    said = {"value": row["text"] if value is None else value, "unit": row.get("unit") or "", "text": row["text"]}
    return {"kind": row.get("kind") or "typed", **said}


def entered(
    specs: Sequence[Spec], before: Fields, now: Fields, texts: Mapping[str, str], *, about: Mapping[str, str]
) -> dict[str, Held | None]:
    """The corrected fields (`now`) after these texts; one that says again what was signed is corrected no more.

    `about`: "by" and "at" of who types.
    """
    known = {spec["key"]: spec for spec in specs}
    fields = dict(now)
    for key, text in texts.items():
        if text.strip() in _shown(known[key], fields[key] if key in fields else before.get(key)):
            continue
        fields[key] = typed(known[key], text, by=about["by"], at=about["at"])
        if text.strip() in _shown(known[key], before.get(key)):
            del fields[key]
    return fields


def _shown(spec: Spec, held: Held | None) -> tuple[str, ...]:
    """What its input holds, alone and with the unit that is chosen beside it."""
    raw = raw_of(spec, held if kind_of(held) else None)
    return (raw, f"{raw} {(held or {}).get('unit', '')}") if raw else ("",)


def refilled(specs: Sequence[Spec], content: Content, now: Fields, gone: Collection[str]) -> Refilled:
    """The version's fields with the corrected ones (`now`), without those that are `gone`; what is computed from a
    corrected one is computed again, and nothing else is.
    """
    fields: dict[str, Held | None] = {
        key: None if key in gone else held for key, held in held_in(content, specs).items()
    } | dict(now)
    moved = leaning(specs, now) - set(gone)
    again = compute(list(specs), fields)
    return Refilled(fields | {key: again[key] for key in moved}, frozenset(now) | moved)


def faults_of(specs: Sequence[Spec], after: Refilled) -> dict[str, str]:
    """By key: what was corrected to no value, or emptied although it is needed, or computed from what is in doubt."""
    faults = {}
    for spec in specs:
        held = after.fields.get(spec["key"]) if spec["key"] in after.anew else None
        if held and held.get("fault"):
            faults[spec["key"]] = str(held["fault"])
        elif held and held.get("flags"):
            faults[spec["key"]] = "A measurement that this is computed from is in doubt."
        elif spec["key"] in after.emptied and spec.get("required"):
            faults[spec["key"]] = "This is needed."
    return faults
