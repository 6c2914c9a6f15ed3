"""Computed fields: filled from the others, whenever one of them changes."""

from __future__ import annotations

from reporting.templates.fields import Held, Spec, kind_of, type_of, unit_of, written
from reporting.templates.formulas import FORMULAS, Formula, Input, Result
from reporting.templates.units import printed
from reporting.templates.values import LARGEST

DOUBT = "computed-from-doubtful"


def compute(specs: list[Spec], held: dict[str, Held | None]) -> dict[str, Held | None]:
    """All fields, the computed ones filled again; in whatever order they stand and lean on each other."""
    fields = dict(held)
    waiting = [spec for spec in specs if type_of(spec) == "computed"]
    for spec in waiting:
        fields[spec["key"]] = None
    while waiting:
        keys = {spec["key"] for spec in waiting}
        ready = [spec for spec in waiting if not keys & set((spec.get("compute") or {}).get("inputs", {}).values())]
        for spec in ready:
            fields[spec["key"]] = _computed(spec, fields)
        waiting = [spec for spec in waiting if spec not in ready]
        if not ready:
            break  # they lean on each other in a circle: none has a value
    return fields


def _computed(spec: Spec, fields: dict[str, Held | None]) -> Held | None:
    rule = spec.get("compute") or {}
    formula = FORMULAS.get(rule.get("rule", ""))
    if formula is None:
        return None
    sources = {name: fields.get(key) for name, key in rule["inputs"].items()}
    if any(value and value.get("fault") for value in sources.values()):
        return None  # a sum without the lesion that is being corrected would be a wrong sum
    inputs = {name: _input(value) for name, value in sources.items()}
    result = _result(formula, inputs, unit_of(spec))
    if result is None:
        return None
    doubtful = any(_doubtful(value) for value in sources.values())
    return {
        "kind": "computed",
        "value": result.value,
        "unit": result.unit,
        "text": _words(spec, result),
        "rule": rule["rule"],
        "from": {name: {"field": rule["inputs"][name], "value": item.value, "unit": item.unit}
                 for name, item in inputs.items() if item.value is not None},
        "flags": [DOUBT] if doubtful else [],
    }  # fmt: skip


def _input(held: Held | None) -> Input:
    if not kind_of(held) or held is None:
        return Input(None)
    return Input(held.get("value"), str(held.get("unit") or ""))


def _doubtful(held: Held | None) -> bool:
    return bool(kind_of(held) and held and held.get("flags"))


def _result(formula: Formula, inputs: dict[str, Input], unit: str) -> Result | None:
    """Nothing, rather than something of too little, of the wrong kind or without end."""
    complete = {name: inputs.get(name, Input(None)) for name in formula.inputs} if not formula.many else inputs
    empty = {name for name, item in complete.items() if item.value is None}
    if not formula.many and empty - formula.optional:
        return None
    try:
        result = formula.work(complete, unit)
    except (ValueError, TypeError, OverflowError):  # a unit without an exact step, a choice where a number belongs
        return None
    return result if result and (isinstance(result.value, str) or abs(result.value) < LARGEST) else None


def _words(spec: Spec, result: Result) -> str:
    """A category with its words; a number with its unit."""
    if isinstance(result.value, str):
        return ", ".join(part for part in (result.value, result.words) if part) if _bare(result) else result.words
    return f"{written(result.value, spec.get('decimals'))} {printed(result.unit)}".strip()


def _bare(result: Result) -> bool:
    """Whether the words do not name the category themselves."""
    return str(result.value) not in result.words
