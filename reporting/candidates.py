"""Which measurements may stand in a field, best first, and why the others may not. Reads rows, asks no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reporting.sr.codes import Code
from reporting.sr.recompute import OF_ANY
from reporting.sr.units import DIMENSIONS, exactly, read_unit
from reporting.templates.values import fault_of_size

if TYPE_CHECKING:
    from reporting.models import Measurement

WORDS = {
    "unit-unknown": "no trustworthy unit",
    "unit-conflict": "the unit contradicts the drawing",
    "negative": "negative",
    "deviates": "differs from the drawing by more than 2 %",
    "implausible": "not possible in this part of the body",
    "not-recomputed": "not checked against the drawing",
    "not-finite": "no number",
    "detector-plane": "detector plane, not corrected for magnification",
}
BY_HAND = frozenset({"detector-plane", "not-recomputed"})
"""Doubts that a radiologist may settle by looking; a number with any other one never stands in a report."""

MACHINES = frozenset({"ultrasound", "radiation-dose"})
OF_EACH = "there is one of each fetus"
UNCHECKED = "as the device wrote it, without a drawing to check"
NARROWED = {
    "finding": "finding_code",
    "site": "site_code",
    "laterality": "laterality_code",
    "method": "method_code",
    "derivation": "derivation_code",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One measurement for one field. `value` is in `unit`, the field's own where the step is exact.

    `fills`: it may stand there by itself; `choosable`: a person may put it there. `why` is a sentence, or "".
    """

    row: Measurement
    fills: bool
    choosable: bool
    value: float
    unit: str
    why: str = ""

    def as_field(self, chosen: str = "") -> dict[str, Any]:
        """What the report holds: the number, its whole provenance, and what was done to it."""
        held = self.row.as_field() | {"value": self.value, "unit": self.unit, "chosen": chosen, "note": self.why}
        written = {"value": self.row.value, "unit": self.row.unit}
        held["converted_from"] = written if self.unit != self.row.unit else None
        held["flags"] = [flag for flag in self.row.flags if flag not in BY_HAND]
        return held


def rank(spec: Mapping[str, Any], rows: Sequence[Measurement]) -> list[Candidate]:
    """The candidates of a field among `rows` (newest object first): what fills, then what may be chosen, then the rest.

    Within each: the first mapping of the field first, the newest object first, then the largest or the first.
    """
    age = {source: number for number, source in reversed(list(enumerate(row.source_id for row in rows)))}
    found = []
    for order, row in enumerate(rows):
        at = next((at for at, source in enumerate(sources_of(spec)) if _is_meant(source, row)), None)
        if at is not None:
            one = _candidate(spec, sources_of(spec)[at], row)
            largest = -one.value if spec.get("pick", "latest") == "largest" else 0.0
            found.append(((not one.fills, not one.choosable, at, age[row.source_id], largest, order), one))
    return _of_one_subject([one for _key, one in sorted(found, key=lambda pair: pair[0])])


def _of_one_subject(ranked: list[Candidate]) -> list[Candidate]:
    """Of twins none fills by itself, unless the mapping names the one: the same number is there of each."""
    fills = [one for one in ranked if one.fills and one.row.source_id == ranked[0].row.source_id]
    if len({fetus_of(one.row) for one in fills} - {""}) < 2:
        return ranked
    return [replace(one, fills=False, why="; ".join(filter(None, (one.why, OF_EACH)))) if one in fills else one
            for one in ranked]  # fmt: skip


def fetus_of(row: Measurement) -> str:
    """Whose number it is, where an ultrasound report says so; any other row's label is a lesion's name."""
    reading = row.source.reading
    if reading.get("reader") != "ultrasound" or not row.label:
        return ""
    return row.label if any(group.get("label") == row.label for group in reading.get("groups", [])) else ""


def sources_of(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The mappings of a field; one written into the field itself counts as its only one."""
    listed = spec.get("sources")
    if listed is not None:
        return list(listed)
    return [spec] if spec.get("scheme") and spec.get("code") else []


def _is_meant(source: Mapping[str, Any], row: Measurement) -> bool:
    if (row.scheme, row.code) != (source["scheme"], source["code"]):
        return False
    if source.get("tools") and row.tool not in source["tools"]:
        return False
    for name, column in NARROWED.items():
        if source.get(name) and getattr(row, column) not in source[name]:
            return False
    wanted = {text.casefold() for text in _listed(source.get("labels"))}
    return not wanted or row.label.casefold() in wanted


def _listed(texts: Any) -> list[str]:
    return [text for text in texts if isinstance(text, str)] if isinstance(texts, list) else []


def _candidate(spec: Mapping[str, Any], source: Mapping[str, Any], row: Measurement) -> Candidate:
    units = list(source.get("units") or spec.get("units") or [])
    value, unit = _in_units(row, units)
    if unit is None:
        why = f"The unit “{row.unit or 'none'}” is not one that this field takes ({', '.join(units)})."
        return Candidate(row, fills=False, choosable=False, value=row.value, unit=row.unit, why=why)
    if fault := fault_of_size(dict(spec), value, unit):
        why = f"{value:g} {unit} is not what this field takes: {fault[0].lower()}{fault[1:]}"
        return Candidate(row, fills=False, choosable=False, value=value, unit=unit, why=why)
    blocking = [flag for flag in row.flags if _blocks(flag, spec, row)]
    said = doubts_of(row)
    if unit != row.unit:
        said.append(f"written as {row.value:g} {row.unit}, which is exactly {value:g} {unit}")
    choosable = set(blocking) <= BY_HAND
    return Candidate(row, not blocking, choosable, value, unit, "; ".join(said))


def _in_units(row: Measurement, units: list[str]) -> tuple[float, str | None]:
    """The number in a unit of the field: as it is, or converted where that is exact; else None."""
    if row.unit in units:
        return row.value, row.unit
    for unit in units:
        converted = exactly(row.value, row.unit, unit)
        if converted is not None:
            return converted, unit
    return row.value, None


def _blocks(flag: str, spec: Mapping[str, Any], row: Measurement) -> bool:
    """Whether this doubt keeps the number from filling the field by itself."""
    if flag == "detector-plane":
        return not spec.get("detector_plane")
    return not (flag == "not-recomputed" and is_uncheckable(row))


def is_doubtful(row: Measurement) -> bool:
    """Whether anything speaks against the number; that nothing can be checked does not."""
    return any(flag != "not-recomputed" or not is_uncheckable(row) for flag in row.flags)


def is_uncheckable(row: Measurement) -> bool:
    """A device's own number without a drawing, or one that no drawing defines (a density, a velocity).

    What has a drawing and the unit of a length, an area or an angle is defined by it under any code.
    """
    measures = read_unit(Code("UCUM", row.unit)).dimension
    geometric = Code(row.scheme, row.code) in DIMENSIONS or bool(row.geometry and measures in OF_ANY)
    by_machine = row.source.reading.get("reader") in MACHINES and not row.geometry
    return by_machine or not geometric


def doubts_of(row: Measurement) -> list[str]:
    """Everything that is doubtful in a number, in words."""
    return [*row.words, *(_words(flag, row) for flag in row.flags if flag in BY_HAND or not row.words)]


def _words(flag: str, row: Measurement) -> str:
    if flag == "not-recomputed" and is_uncheckable(row):
        return UNCHECKED
    return WORDS.get(flag, flag)
