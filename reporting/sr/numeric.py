"""The number of a NUM content item (PS3.3 §C.18.1)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from reporting.sr import elements
from reporting.sr.codes import Code
from reporting.sr.item import Item
from reporting.sr.limits import MAX_SHORT

DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Number:
    """`value` is None when what was written is no finite number; `unit` is None when the object gives none."""

    written: str
    value: float | None
    unit: Code | None


def number(item: Item, name: Code | None, note: Callable[[str], None]) -> Number | None:
    """The measured value, or None when nothing was measured (an empty or missing Measured Value Sequence)."""
    measured = elements.first_item(item, "MeasuredValueSequence")
    if measured is None:
        _tell_missing(item, name, note)
        return None
    written = elements.decimal_text(measured, "NumericValue")
    if not written:
        _tell_missing(item, name, note)
        return None
    value = float(written) if DECIMAL.fullmatch(written) else math.nan
    if not math.isfinite(value):
        note(f"{_called(name)}: {written[:32]!r} is not a finite number; it was dropped.")
        return Number(written[:MAX_SHORT], None, elements.concept(measured, "MeasurementUnitsCodeSequence"))
    return Number(written[:MAX_SHORT], value, elements.concept(measured, "MeasurementUnitsCodeSequence"))


def _tell_missing(item: Item, name: Code | None, note: Callable[[str], None]) -> None:
    if name is not None and name.value == "111010":
        return  # a viewer's label (arrow, probe), never a measurement
    qualifier = elements.concept(item, "NumericValueQualifierCodeSequence")
    why = f" ({qualifier.name})" if qualifier and qualifier.name else ""
    note(f"{_called(name)}: no value was given{why}.")


def _called(name: Code | None) -> str:
    return (name.name or name.value) if name else "A number without a name"
