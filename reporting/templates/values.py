"""What a writer enters into a field: taken as it is meant, or kept with a sentence why it is not yet a value."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from reporting.templates.fields import Held, Spec, option_label, type_of, unit_of, written
from reporting.templates.units import convert, convertible, printed

NUMBER = re.compile(r"(?P<number>[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+))\s*(?P<unit>\S.*)?")
TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?")
LONGEST_TEXT = 2000
LARGEST = 1e12


class Fault(Exception):
    """Not a value of this field; the message says what one looks like."""


def typed(spec: Spec, raw: str, *, by: str, at: str) -> Held | None:
    """The value that `raw` means in this field; None for nothing. What is no value is kept, with its `fault`."""
    text = raw.strip()
    if not text:
        return None
    about = {"kind": "typed", "by": by, "at": at}
    try:
        value, unit, words = READERS[type_of(spec)](spec, text)
    except Fault as fault:
        return {**about, "raw": text[:LONGEST_TEXT], "fault": str(fault)}
    return {**about, "value": value, "unit": unit, "text": words}


def _number(spec: Spec, text: str) -> tuple[float, str, str]:
    found = NUMBER.fullmatch(text)
    if not found:
        raise Fault("A number, such as 12.5.")
    value, unit = float(found["number"].replace(",", ".")), _unit(spec, found["unit"])
    _require_within(spec, value, unit)
    return value, unit, f"{_as_typed(value, spec)} {printed(unit)}".strip()


def _require_within(spec: Spec, value: float, unit: str) -> None:
    if fault := fault_of_size(spec, value, unit):
        raise Fault(fault)


def fault_of_size(spec: Spec, value: float, unit: str) -> str:
    """Why a number is none of this field's, or "". The bounds are in the field's own unit."""
    if not abs(value) < LARGEST:
        return "A number of at most twelve digits."
    low, high, own = spec.get("minimum"), spec.get("maximum"), unit_of(spec)
    if convertible(unit, own):
        value = convert(value, unit, own)
    if (low is not None and value < low) or (high is not None and value > high):
        return f"{_bounds(low, high)} {printed(own)}".strip() + "."
    return ""


def _bounds(low: float | None, high: float | None) -> str:
    if low is None:
        return f"At most {high:g}"
    return f"At least {low:g}" if high is None else f"Between {low:g} and {high:g}"


def _as_typed(value: float, spec: Spec) -> str:
    """With the decimals that the field asks for; without such a wish, as many as were typed."""
    return written(value, spec["decimals"]) if spec.get("decimals") is not None else f"{value:.10g}"


def _unit(spec: Spec, given: str | None) -> str:
    allowed = list(spec.get("units") or [])
    if not given:
        return unit_of(spec)
    for unit in allowed:
        if given in (unit, printed(unit)):
            return str(unit)
    words = " or ".join(printed(unit) for unit in allowed if printed(unit))
    raise Fault(f"In {words} only." if words else "A number without a unit.")


def _text(_spec: Spec, text: str) -> tuple[str, str, str]:
    if len(text) > LONGEST_TEXT:
        raise Fault(f"At most {LONGEST_TEXT} characters.")
    return text, "", text


def _select(spec: Spec, text: str) -> tuple[str, str, str]:
    if text not in [option["value"] for option in spec.get("options") or []]:
        raise Fault("Not one of the choices.")
    return text, "", option_label(spec, text)


def _checkbox(_spec: Spec, text: str) -> tuple[bool, str, str]:
    words = {"yes": True, "no": False}
    if text not in words:
        raise Fault("Yes or no.")
    return words[text], "", "yes" if words[text] else "no"


def _date(_spec: Spec, text: str) -> tuple[str, str, str]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Fault("A day, such as 2026-01-31.") from None
    return day.isoformat(), "", day.isoformat()


def _time(_spec: Spec, text: str) -> tuple[str, str, str]:
    if not TIME.fullmatch(text):
        raise Fault("A time of day, such as 14:30.")
    return text, "", text


def _computed(_spec: Spec, _text: str) -> Any:
    raise Fault("This is computed from other fields.")


READERS = {"number": _number, "text": _text, "select": _select, "checkbox": _checkbox, "date": _date, "time": _time,
           "computed": _computed}  # fmt: skip
