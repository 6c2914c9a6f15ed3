"""What a coded unit (UCUM, PS3.16 CID 7181 and 82) means for a length, an area, an angle or a volume."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from reporting.sr import codes
from reporting.sr.codes import Code

Dimension = Literal["length", "area", "angle", "volume"]

BASE: dict[Dimension, str] = {"length": "mm", "area": "mm2", "angle": "deg", "volume": "mm3"}

FACTORS: dict[str, tuple[Dimension, float]] = {  # UCUM code -> dimension, how many base units it is (exact)
    "um": ("length", 1e-3),
    "mm": ("length", 1.0),
    "cm": ("length", 10.0),
    "dm": ("length", 100.0),
    "m": ("length", 1000.0),
    "um2": ("area", 1e-6),
    "mm2": ("area", 1.0),
    "cm2": ("area", 100.0),
    "m2": ("area", 1e6),
    "deg": ("angle", 1.0),
    "rad": ("angle", 57.29577951308232),
    "mm3": ("volume", 1.0),
    "cm3": ("volume", 1000.0),
    "ml": ("volume", 1000.0),
    "mL": ("volume", 1000.0),
    "l": ("volume", 1e6),
    "L": ("volume", 1e6),
}

OF_SPACE: Dimension = "volume"
DIMENSIONS: dict[Code, Dimension] = {
    codes.LENGTH: "length",
    codes.LONG_AXIS: "length",
    codes.SHORT_AXIS: "length",
    codes.MAJOR_AXIS: "length",
    codes.MINOR_AXIS: "length",
    codes.DIAMETER: "length",
    codes.RADIUS: "length",
    codes.WIDTH: "length",
    codes.DEPTH: "length",
    codes.PERPENDICULAR_AXIS: "length",
    codes.DISTANCE: "length",
    codes.HEIGHT: "length",
    codes.PATH_LENGTH: "length",
    codes.PERIMETER: "length",
    codes.CIRCUMFERENCE: "length",
    codes.AREA: "area",
    codes.AREA_OF_REGION: "area",
    codes.ANGLE: "angle",
    codes.COBB_ANGLE: "angle",
    codes.VOLUME: "volume",
    **dict.fromkeys(codes.VOLUMES, OF_SPACE),
}

PIXELS = frozenset({"1", "px", "{px}", "pixel", "pixels", "{pixels}", "{pixel}"})
# dcmjs wraps units that it does not know, together with the viewer's suffix: [arb'U]{cm US Region}
ARBITRARY = re.compile(r"\[arb'U\]\{(?P<unit>[^\s}]+)[^}]*\}?")
CENTIMETRES = {"cm": "cm", "cm²": "cm2", "cm2": "cm2"}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it was read. `factor`: base units per unit, None when it is no length, area, angle or volume."""

    code: str
    name: str
    known: bool
    dimension: Dimension | None = None
    factor: float | None = None
    suspected: str = ""
    """The unit that an unknown wrapping seems to mean; to be believed only when the geometry agrees."""

    @property
    def is_pixels(self) -> bool:
        return self.code in PIXELS


def read_unit(coded: Code | None) -> Unit:
    """Never converts and never guesses: an unknown unit stays unknown, under the code that was written."""
    if coded is None or not coded.value:
        return Unit("", "", known=False)
    if coded.scheme != "UCUM":
        return Unit(coded.value, coded.name, known=False, suspected=coded.value if coded.value in FACTORS else "")
    wrapped = ARBITRARY.match(coded.value)
    if wrapped:
        return Unit(coded.value, coded.name, known=False, suspected=CENTIMETRES.get(wrapped["unit"], ""))
    dimension, factor = FACTORS.get(coded.value, (None, None))
    return Unit(coded.value, coded.name, known=True, dimension=dimension, factor=factor)


def as_unit(code: str, unit: Unit) -> Unit:
    """The unit that `unit` was suspected to be, once the geometry has confirmed it."""
    dimension, factor = FACTORS[code]
    return Unit(code, unit.name, known=True, dimension=dimension, factor=factor)


def exactly(value: float, unit: str, wanted: str) -> float | None:
    """`value` in another unit of the same dimension, where the step is a power of ten and the result a number."""
    if unit == wanted:
        return value
    (dimension, factor), (other, divisor) = FACTORS.get(unit, (None, 0.0)), FACTORS.get(wanted, (None, 0.0))
    if dimension is None or dimension != other:
        return None
    exponent = math.log10(factor / divisor)
    if abs(exponent - round(exponent)) > 1e-9:
        return None  # radians
    converted = float(Decimal(repr(value)).scaleb(round(exponent)))
    return converted if math.isfinite(converted) else None
