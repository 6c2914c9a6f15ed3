"""Is this number to be believed? Flags for the machine, problems in words for people."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reporting.sr import codes
from reporting.sr.codes import Code
from reporting.sr.images import Calibration
from reporting.sr.numeric import Number
from reporting.sr.recompute import Recomputed
from reporting.sr.units import BASE, DIMENSIONS, FACTORS, Dimension, Unit, as_unit, read_unit

TOLERANCE = 0.02
"""Two viewers may differ by a pixel at each end; 2 % is also what the report promises."""

UNIT_TOLERANCE = 0.05
MISTAKES: dict[Dimension, tuple[float, ...]] = {  # cm read as mm, or the other way round
    "length": (10.0, 0.1),
    "area": (100.0, 0.01),
    "volume": (1000.0, 0.001),
    "angle": (),
}
ARTICLE: dict[Dimension, str] = {"length": "a length", "area": "an area", "volume": "a volume", "angle": "an angle"}
NEVER_NEGATIVE = frozenset({*DIMENSIONS, codes.STANDARD_DEVIATION}) - {codes.ANGLE, codes.COBB_ANGLE}


@dataclass(frozen=True, slots=True)
class Checked:
    """The number as it may be used. `recomputed` is in `recomputed_unit`, which is the value's own where it can be."""

    unit: Unit
    recomputed: float | None = None
    recomputed_unit: str = ""
    calibration: Calibration | None = None
    flags: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def flagged(self, flag: str, problem: str = "") -> Checked:
        flags = self.flags if flag in self.flags else (*self.flags, flag)
        return replace(self, flags=flags, problems=(*self.problems, problem) if problem else self.problems)


def check(concept: Code, number: Number, recomputed: Recomputed | None) -> Checked:
    """The unit read, the value compared with what the drawing says. The value itself is never changed."""
    dimension = DIMENSIONS.get(concept)
    checked = _unit(concept, dimension, Checked(read_unit(number.unit)))
    if number.value is None:
        return checked.flagged("not-finite")
    if number.value < 0 and concept in NEVER_NEGATIVE:
        checked = checked.flagged("negative", f"{_said(concept, number)} is negative.")
    dimension = dimension or checked.unit.dimension  # a concept that we do not know is of the kind of its unit
    if dimension is None or recomputed is None:
        return checked.flagged("not-recomputed")
    return _compare(_Claim(concept, dimension, number, number.value), recomputed, checked)


@dataclass(frozen=True, slots=True)
class _Claim:
    concept: Code
    dimension: Dimension
    number: Number
    value: float


def _unit(concept: Code, dimension: Dimension | None, checked: Checked) -> Checked:
    unit = checked.unit
    if not unit.known:
        return checked.flagged("unit-unknown", _unknown_unit(concept, unit))
    if dimension and dimension != "angle" and unit.is_pixels:
        return checked.flagged("unit-unknown", f"{concept.name} is a count of pixels, not a physical {dimension}.")
    if dimension and unit.dimension != dimension:
        words = f'{concept.name} has the code of {ARTICLE[dimension]}, but its unit is "{unit.code}".'
        return checked.flagged("unit-conflict", words)
    return checked


def _compare(claim: _Claim, recomputed: Recomputed, checked: Checked) -> Checked:
    unit = checked.unit
    if unit.is_pixels:
        return _against(claim, recomputed.pixels, 1.0, replace(checked, recomputed_unit=unit.code))
    if claim.dimension == "angle" and not recomputed.metric and recomputed.image_known:
        recomputed = replace(recomputed, metric=recomputed.pixels)  # no spacing: pixels count as square
    if not recomputed.metric:
        return _uncalibrated(claim, recomputed, checked)
    calibrated = replace(checked, calibration=recomputed.calibration)
    if unit.suspected:
        return _suspected(claim, recomputed, calibrated)
    if unit.dimension != claim.dimension or unit.factor is None:
        base = replace(calibrated, recomputed_unit=BASE[claim.dimension])
        return replace(base, recomputed=_nearest(claim.value, recomputed.metric))
    compared = _against(claim, recomputed.metric, unit.factor, replace(calibrated, recomputed_unit=unit.code))
    return _pixel_count(claim, recomputed, compared) if "deviates" in compared.flags else compared


def _uncalibrated(claim: _Claim, recomputed: Recomputed, checked: Checked) -> Checked:
    """No pixel size: the viewer cannot have known millimetres either, if it is the image that lacks one."""
    unchecked = checked.flagged("not-recomputed")
    return _pixel_count(claim, recomputed, unchecked) if recomputed.image_known else unchecked


def _pixel_count(claim: _Claim, recomputed: Recomputed, checked: Checked) -> Checked:
    if checked.unit.factor is None or claim.dimension == "angle" or not recomputed.pixels:
        return checked
    if not _agrees(claim.value, _nearest(claim.value, recomputed.pixels)):
        return checked
    said = _said(claim.concept, claim.number)
    return checked.flagged("unit-conflict", f"{said} equals the count of pixels; it is no physical {claim.dimension}.")


def _suspected(claim: _Claim, recomputed: Recomputed, checked: Checked) -> Checked:
    """An unknown wrapping of a known unit is believed only when the drawing confirms it."""
    code = checked.unit.suspected
    dimension, factor = FACTORS[code]
    nearest = _nearest(claim.value * factor, recomputed.metric)
    if dimension != claim.dimension or not _agrees(claim.value * factor, nearest):
        return replace(checked, recomputed=nearest, recomputed_unit=BASE[claim.dimension])
    words = f'{claim.concept.name}: the unit "{checked.unit.code}" is read as {code}, as the drawing confirms.'
    doubt = _unknown_unit(claim.concept, checked.unit)
    return replace(
        checked,
        unit=as_unit(code, checked.unit),
        recomputed=nearest / factor,
        recomputed_unit=code,
        flags=tuple(flag for flag in checked.flags if flag != "unit-unknown"),
        problems=tuple(words if problem == doubt else problem for problem in checked.problems),
    )


def _against(claim: _Claim, expected: tuple[float, ...], factor: float, checked: Checked) -> Checked:
    if not expected:
        return checked.flagged("not-recomputed")
    nearest = _nearest(claim.value, tuple(result / factor for result in expected))
    compared = replace(checked, recomputed=nearest)
    if _agrees(claim.value, nearest):
        return compared
    unit = f" {checked.recomputed_unit}" if not checked.unit.is_pixels else " px"
    said = f"{_said(claim.concept, claim.number)}, but the drawing measures {nearest:.4g}{unit}"
    if nearest and any(_agrees(claim.value, nearest * ratio, UNIT_TOLERANCE) for ratio in MISTAKES[claim.dimension]):
        return compared.flagged("unit-conflict", f"{said}: a unit is mistaken.").flagged("deviates")
    return compared.flagged("deviates", f"{said}.")


def _nearest(value: float, expected: tuple[float, ...]) -> float:
    return min(expected, key=lambda result: abs(result - value))


def _agrees(value: float, expected: float, tolerance: float = TOLERANCE) -> bool:
    return abs(value - expected) <= tolerance * abs(expected)


def _unknown_unit(concept: Code, unit: Unit) -> str:
    return f"{concept.name}: " + (f'the unit "{unit.code}" is not known.' if unit.code else "there is no unit.")


def _said(concept: Code, number: Number) -> str:
    unit = f" {number.unit.value}" if number.unit and number.unit.value != "1" else ""
    return f"{concept.name} {number.written}{unit}"
