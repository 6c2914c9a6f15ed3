"""What can be computed from other fields: each rule with its inputs, and a pure function of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from reporting.templates import scores
from reporting.templates.units import convert, convertible

Inputs = Mapping[str, "Input"]


class Input(NamedTuple):
    """A field's value as a rule takes it; None where the field is empty."""

    value: Any
    unit: str = ""


class Result(NamedTuple):
    """A number with its unit, or a category (value) with the words that a report prints."""

    value: float | str
    unit: str = ""
    words: str = ""


class Formula(NamedTuple):
    """`inputs` of this name and kind; those in `optional` may be empty. `many`: any number of inputs of the first."""

    label: str
    inputs: Mapping[str, str]
    work: Callable[[Inputs, str], Result | None]
    units: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()
    many: bool = False


def _length(given: Input, unit: str = "mm") -> float:
    """Raises ValueError for what is no length."""
    length = convert(float(given.value), given.unit, unit)
    if not 0 <= length < math.inf:
        raise ValueError("No length is negative or without end.")
    return length


def _ellipsoid(inputs: Inputs, unit: str) -> Result:
    product = math.prod(_length(given) for given in inputs.values())
    return Result(convert(round(math.pi / 6 * product, 6), "mm3", unit), unit)


def _sum(inputs: Inputs, unit: str) -> Result | None:
    given = [item for item in inputs.values() if item.value is not None]
    return Result(math.fsum(_length(item, unit) for item in given), unit) if given else None


def _ratio(inputs: Inputs, unit: str) -> Result | None:
    above, below = inputs["numerator"], inputs["denominator"]
    if convertible(above.unit, below.unit) and unit in ("", "1"):
        above = Input(convert(float(above.value), above.unit, below.unit), below.unit)
    return Result(float(above.value) / float(below.value), unit) if float(below.value) else None


def _change(inputs: Inputs, unit: str) -> Result | None:
    now, before = inputs["now"], inputs["before"]
    old = float(before.value)
    return Result((convert(float(now.value), now.unit, before.unit) - old) / abs(old) * 100, unit) if old else None


def _recist(inputs: Inputs, _unit: str) -> Result | None:
    """Of target lesions; a sum of 0 means that all are gone, nodes below 10 mm are entered as 0."""
    now, baseline, nadir = (_length(inputs[name]) for name in ("now", "baseline", "nadir"))
    lowest = min(baseline, nadir)
    if not baseline:
        return None
    if now == 0:
        return Result("CR", words="complete response")
    grown, shrunk = round(now - lowest, 6), round(baseline - now, 6)  # 4.2 of 6 mm is 30 % less, whatever a float says
    if grown >= scores.RECIST_PROGRESS_MM and grown >= round(lowest * scores.RECIST_PROGRESS / 100, 6):
        return Result("PD", words="progressive disease")
    if shrunk >= round(baseline * -scores.RECIST_PARTIAL / 100, 6):
        return Result("PR", words="partial response")
    return Result("SD", words="stable disease")


def _birads(inputs: Inputs, _unit: str) -> Result | None:
    given = [str(item.value) for item in inputs.values() if item.value is not None]
    known = [value for value in given if value in scores.BIRADS]
    if not given or len(known) != len(given):
        return None
    worst = max(known, key=scores.BIRADS_ORDER.index)
    return Result(worst, words=f"BI-RADS {worst}: {scores.BIRADS[worst]}")


def _lungrads(inputs: Inputs, _unit: str) -> Result | None:
    kind, status, size = inputs["nodule"].value, inputs["status"].value, _length(inputs["size"])
    solid = _length(inputs["solid"]) if inputs["solid"].value is not None else None
    rows = [row for row in scores.LUNGRADS if (row.kind, row.status) == (kind, status) and row.low <= size < row.high]
    if not size or (solid is not None and solid > size) or (len(rows) > 1 and solid is None):
        return None  # no nodule, a part that is larger than the whole, or a part that is not known
    for row in rows:
        if solid is None or row.solid_low <= solid < row.solid_high:
            return Result(row.category, words=f"Lung-RADS {row.category}: {scores.LUNGRADS_WORDS[row.category]}")
    return None


def _tirads(inputs: Inputs, _unit: str) -> Result | None:
    composition = inputs["composition"].value
    parts = {"composition": composition} if composition == "spongiform" else {
        name: inputs[name].value for name in scores.TIRADS}  # fmt: skip
    if any(value not in scores.TIRADS[name] for name, value in parts.items()):
        return None
    points = sum(scores.TIRADS[name][value] for name, value in parts.items())
    if composition != "spongiform":
        points += sum(weight for name, weight in scores.TIRADS_FOCI.items() if inputs[name].value is True)
    level = next((row for row in scores.TIRADS_LEVELS if row.low <= points <= row.high), None)
    if level is None:
        return None
    return Result(level.level, words=f"{level.level}, {points} points: {level.words}{_thyroid_advice(level, inputs)}")


def _thyroid_advice(level: scores.ThyroidLevel, inputs: Inputs) -> str:
    if level.biopsy is None or level.follow is None or inputs["size"].value is None:
        return ""
    size = _length(inputs["size"])
    if not size:
        return ""
    if size >= level.biopsy:
        return "; fine-needle aspiration by size"
    return "; follow-up by size" if size >= level.follow else "; no follow-up by size"


LENGTH, NUMBER, CHOICE, YES = "length", "number", "select", "checkbox"
LENGTHS = ("mm", "cm")
FORMULAS: dict[str, Formula] = {
    "ellipsoid": Formula(
        "Volume of an ellipsoid from three diameters", {"length": LENGTH, "width": LENGTH, "height": LENGTH},
        _ellipsoid, ("mL", "cm3", "mm3"),
    ),
    "sum": Formula("Sum, such as RECIST 1.1 target lesions", {"part": LENGTH}, _sum, LENGTHS, many=True),
    "ratio": Formula("One number divided by another", {"numerator": NUMBER, "denominator": NUMBER}, _ratio),
    "change": Formula("Change in per cent", {"now": NUMBER, "before": NUMBER}, _change, ("%",)),
    "recist": Formula("Response by RECIST 1.1", {"now": LENGTH, "baseline": LENGTH, "nadir": LENGTH}, _recist),
    "birads": Formula("BI-RADS, the more serious side", {"right": CHOICE, "left": CHOICE}, _birads,
                      optional=frozenset({"right", "left"})),
    "lungrads": Formula("Lung-RADS v2022", {"nodule": CHOICE, "status": CHOICE, "size": LENGTH, "solid": LENGTH},
                        _lungrads, optional=frozenset({"solid"})),
    "tirads": Formula(
        "ACR TI-RADS 2017",
        {"composition": CHOICE, "echogenicity": CHOICE, "shape": CHOICE, "margin": CHOICE, "macro": YES, "rim": YES,
         "punctate": YES, "size": LENGTH},
        _tirads, optional=frozenset({"echogenicity", "shape", "margin", "macro", "rim", "punctate", "size"}),
    ),
}  # fmt: skip
