"""Units of fields, and the exact steps between them; nothing that is not exact is ever converted."""

from __future__ import annotations

from decimal import Decimal

# UCUM code -> what it measures, and how many of its kind's smallest unit it is: all powers of ten.
EXACT: dict[str, tuple[str, Decimal]] = {
    "um": ("length", Decimal("0.001")),
    "mm": ("length", Decimal(1)),
    "cm": ("length", Decimal(10)),
    "m": ("length", Decimal(1000)),
    "mm2": ("area", Decimal(1)),
    "cm2": ("area", Decimal(100)),
    "mm3": ("volume", Decimal(1)),
    "cm3": ("volume", Decimal(1000)),
    "mL": ("volume", Decimal(1000)),
    "ml": ("volume", Decimal(1000)),
    "L": ("volume", Decimal(1_000_000)),
    "cm/s": ("speed", Decimal(1)),
    "m/s": ("speed", Decimal(100)),
    "mGy": ("dose", Decimal(1)),
    "Gy": ("dose", Decimal(1000)),
}
PRINTED = {"mm2": "mm²", "cm2": "cm²", "mm3": "mm³", "cm3": "cm³", "ml": "mL", "deg": "°", "[hnsf'U]": "HU", "1": "",
           "um": "µm", "{score}": "", "/min": "per min"}  # fmt: skip


def dimension(unit: str) -> str:
    """What a unit measures: length, area, volume …; "" when there are no steps from it."""
    return EXACT[unit][0] if unit in EXACT else ""


def convertible(unit: str, into: str) -> bool:
    return unit == into or (unit in EXACT and into in EXACT and EXACT[unit][0] == EXACT[into][0])


def convert(value: float, unit: str, into: str) -> float:
    """The same quantity in another unit, by a power of ten; raises ValueError where there is no exact step."""
    if unit == into:
        return value
    if not convertible(unit, into):
        raise ValueError(f"There is no exact step from {unit!r} to {into!r}.")
    return float(Decimal(repr(value)) * EXACT[unit][1] / EXACT[into][1])


def printed(unit: str) -> str:
    """How a unit reads in a report."""
    return PRINTED.get(unit, unit)
