"""The fields of a report as the pane draws them, beside the section that each belongs to."""

from __future__ import annotations

from typing import Any

from reporting.models import Report
from reporting.templates.fields import MEASURED, Held, Spec, kind_of, of_section, type_of, unit_of
from reporting.templates.fields import written as in_decimals
from reporting.templates.units import printed


def fields_of_section(report: Report, section: str) -> list[dict[str, Any]]:
    """What the pane needs of each field of a section, in the template's order."""
    held = report.content["fields"]
    return [shown(spec, held.get(spec["key"])) for spec in of_section(report.template.fields, section)]


def shown(spec: Spec, held: Held | None) -> dict[str, Any]:
    """One field: how it is asked for, and what stands in it. `raw` is what an input holds, `text` what is printed."""
    value = held if kind_of(held) else None
    return {
        "key": spec["key"],
        "label": spec["label"],
        "type": type_of(spec),
        "help": spec.get("help", ""),
        "required": bool(spec.get("required")),
        "options": spec.get("options") or [],
        "units": [{"code": unit, "name": printed(unit)} for unit in spec.get("units") or []],
        "unit": str((value or {}).get("unit") or unit_of(spec)),
        "unit_name": printed(str((value or {}).get("unit") or unit_of(spec))),
        "kind": kind_of(held),
        "raw": raw_of(spec, value),
        "text": printed_value(spec, held),
        "fault": str((value or {}).get("fault") or ""),
        "doubtful": bool((value or {}).get("flags")),
    }


def raw_of(spec: Spec, held: Held | None) -> str:
    """What the input shows: a number as it was typed or as it will be printed, the option's value, the words."""
    if not held:
        return ""
    if "raw" in held:
        return str(held["raw"])
    value = held.get("value")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        exact = spec.get("decimals") is None and kind_of(held) != MEASURED
        return f"{value:.10g}" if exact else in_decimals(value, spec.get("decimals"))
    return str(value)


def printed_value(spec: Spec, held: Held | None) -> str:
    """What a report prints for a field; "" for nothing."""
    if not kind_of(held) or not held or held.get("fault"):
        return ""
    if "text" in held:
        return str(held["text"])
    value: Any = held.get("value")
    number = in_decimals(value, spec.get("decimals")) if isinstance(value, float | int) else str(value)
    return f"{number} {printed(str(held.get('unit') or ''))}".strip()


def shown_fields(report: Report) -> dict[str, dict[str, Any]]:
    """What a page must put right after a save: values, faults, what was computed. By field key."""
    held = report.content["fields"]
    rows = [shown(spec, held.get(spec["key"])) for spec in report.template.fields]
    return {row["key"]: {name: row[name] for name in ("type", "kind", "raw", "text", "fault", "unit")} for row in rows}
