"""The fields of a template: what kinds there are, and what each says of itself.

A field is plain data: {"key", "label", "section", "type", "units", "options", "compute", "sources", …}.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

Spec = dict[str, Any]
Held = dict[str, Any]

TYPES = {
    "number": "Number",
    "text": "Text",
    "select": "Choice",
    "checkbox": "Yes or no",
    "date": "Date",
    "time": "Time of day",
    "computed": "Computed",
}
MEASURED = "measured"


def type_of(spec: Spec) -> str:
    return str(spec.get("type") or "number")


def unit_of(spec: Spec) -> str:
    """The field's own unit: the first that it allows."""
    units = spec.get("units") or [""]
    return str(units[0])


def sources_of(spec: Spec) -> list[Spec]:
    """What may fill the field, best first; a code that stands at the field itself is its one source."""
    if "sources" in spec:
        return list(spec["sources"])
    if spec.get("code") and isinstance(spec["code"], str):
        return [{"scheme": spec["scheme"], "code": spec["code"], "tools": spec.get("tools") or []}]
    return []


def of_section(specs: Iterable[Spec], section: str) -> list[Spec]:
    return [spec for spec in specs if spec.get("section") == section]


def kind_of(held: Held | None) -> str:
    """Where a value came from: "measured", "typed", "computed", "merged"; "" when there is none."""
    if not held or held.get("removed"):
        return ""
    return str(held.get("kind") or MEASURED)


def option_label(spec: Spec, value: object) -> str:
    """How a choice reads; a value that the list does not have reads as itself."""
    found = [option["label"] for option in spec.get("options") or [] if option["value"] == value]
    return str(found[0]) if found else str(value)


def written(value: float, decimals: int | None = None) -> str:
    """A number as a report prints it: one decimal unless told, none for 1000 and more, two digits below one."""
    if decimals is None and 0 < abs(value) < 1:
        return f"{Decimal(f'{value:.2g}'):f}"
    if decimals is None:
        decimals = 0 if abs(value) >= 1000 else 1
    return f"{value:.{decimals}f}"
