"""Is this a template? Each fault at its place, in words for the person who wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from reporting.templates.fields import TYPES, type_of
from reporting.templates.formulas import FORMULAS, Formula
from reporting.templates.merging import FILLED, SOURCES
from reporting.templates.units import convertible
from reporting.templates.values import typed

KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
CODED = re.compile(r"[A-Za-z0-9_.-]{1,16}:\S{1,64}")
MOST_SECTIONS, MOST_FIELDS, MOST_OPTIONS = 30, 120, 60
LONGEST_LABEL, LONGEST_TEXT = 120, 20_000
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no database takes these
Faults = dict[str, str]
SECTION_KEYS = frozenset({"key", "title", "text", "code"})
FIELD_KEYS = frozenset({"key", "label", "section", "type", "units", "help", "required", "options", "compute", "sources",
                        "pick", "detector_plane", "decimals", "minimum", "maximum", "code", "default",
                        "merge"})  # fmt: skip
SOURCE_KEYS = frozenset({"scheme", "code", "name", "units", "tools", "finding", "site", "laterality", "method",
                         "derivation", "labels"})  # fmt: skip
CODED_LISTS = ("finding", "site", "laterality", "method", "derivation")


def check(sections: Any, fields: Any) -> Faults:
    """{place: what is wrong there}; empty for a good template. Places read "fields.2.units"."""
    if not _rows(sections) or not _rows(fields):
        return {"": "A template has a list of sections and a list of fields."}
    if not sections:
        return {"sections": "A report needs at least one section."}
    for place, rows, most in (("sections", sections, MOST_SECTIONS), ("fields", fields, MOST_FIELDS)):
        if len(rows) > most:
            return {place: f"At most {most}."}
    # One field looks at others only once all of them have their shape.
    return _shapes(sections, fields) or _each("fields", fields, lambda spec: _of_type(spec, fields))


def _shapes(sections: list[dict[str, Any]], fields: list[dict[str, Any]]) -> Faults:
    of_fields = _each("fields", fields, lambda spec: _field(spec, sections))
    return _keys("sections", sections) | _keys("fields", fields) | _each("sections", sections, _section) | of_fields


def _each(place: str, rows: list[dict[str, Any]], fault: Callable[[dict[str, Any]], Faults]) -> Faults:
    faults: Faults = {}
    for number, row in enumerate(rows):
        faults |= _at(f"{place}.{number}", fault(row) or _characters(row))
    return faults


def _characters(row: dict[str, Any]) -> Faults:
    """Codes, units, choices and names of inputs too."""
    wrong = any(UNSTORABLE.search(text) for text in _texts(row))
    return {"key": "There is a character in it that cannot be stored."} if wrong else {}


def _texts(value: Any) -> Iterator[str]:
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            pending += [*one, *one.values()]
        elif isinstance(one, list):
            pending += one


def _rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _at(place: str, faults: Faults) -> Faults:
    return {f"{place}.{name}": words for name, words in faults.items()}


def _keys(place: str, rows: list[dict[str, Any]]) -> Faults:
    seen: set[Any] = set()
    faults: Faults = {}
    for number, row in enumerate(rows):
        key = row.get("key")
        if not isinstance(key, str) or not KEY.fullmatch(key) or len(key) > 64:
            faults[f"{place}.{number}.key"] = "Small letters, digits and single hyphens, such as lesion-length."
        elif key in seen:
            faults[f"{place}.{number}.key"] = "Another one has this key."
        else:
            seen.add(key)
    return faults


def _unknown(row: dict[str, Any], known: frozenset[str]) -> Faults:
    return dict.fromkeys(sorted(set(row) - known), "Not known here.")


def _words(row: dict[str, Any], name: str, *, longest: int = LONGEST_LABEL, needed: bool = False) -> Faults:
    value = row.get(name, "")
    if not isinstance(value, str):
        return {name: "A text."}
    if UNSTORABLE.search(value):
        return {name: "There is a character in it that cannot be stored."}
    if needed and not value.strip():
        return {name: "This is needed."}
    return {name: f"At most {longest} characters."} if len(value) > longest else {}


def _section(section: dict[str, Any]) -> Faults:
    return {
        **_unknown(section, SECTION_KEYS),
        **_words(section, "title", needed=True),
        **_words(section, "text", longest=LONGEST_TEXT),
        **_code(section),
    }


def _code(row: dict[str, Any]) -> Faults:
    code = row.get("code")
    if code is None:
        return {}
    if not isinstance(code, dict) or set(code) - {"scheme", "code", "name"}:
        return {"code": "A code has a scheme, a code and a name."}
    if not all(isinstance(value, str) and len(value) <= LONGEST_LABEL for value in code.values()):
        return {"code": "Scheme, code and name are short texts."}
    return {} if code.get("scheme") and code.get("code") else {"code": "A code has a scheme and a value."}


def _field(spec: dict[str, Any], sections: list[dict[str, Any]]) -> Faults:
    faults = {
        **_unknown(spec, FIELD_KEYS),
        **_words(spec, "label", needed=True),
        **_words(spec, "help", longest=400),
        **_code(spec),
        **_listed(spec, "units", longest=16),
    }
    if not isinstance(spec.get("type", ""), str) or type_of(spec) not in TYPES:
        faults["type"] = f"One of {', '.join(TYPES)}."
        return faults
    if spec.get("section") not in [section.get("key") for section in sections]:
        faults["section"] = "There is no such section."
    if not isinstance(spec.get("required", False), bool) or not isinstance(spec.get("detector_plane", False), bool):
        faults["required"] = "Yes or no."
    return faults | _sources(spec) | _merge(spec)


def _merge(spec: dict[str, Any]) -> Faults:
    merge = spec.get("merge", "")
    if not isinstance(merge, str) or (merge and merge not in SOURCES):
        return {"merge": f"One of {', '.join(SOURCES)}."}
    if merge and type_of(spec) not in FILLED:
        return {"merge": "The exam fills texts, numbers, dates and times only."}
    return {}


def _listed(row: dict[str, Any], name: str, *, longest: int = LONGEST_LABEL) -> Faults:
    value = row.get(name, [])
    short = isinstance(value, list) and all(isinstance(item, str) and len(item) <= longest for item in value)
    return {} if short and len(value) <= 30 else {name: f"A short list of texts of at most {longest} characters."}


def _of_type(spec: dict[str, Any], fields: list[dict[str, Any]]) -> Faults:
    special: dict[str, Callable[[], Faults]] = {
        "number": lambda: _number(spec),
        "select": lambda: _options(spec),
        "computed": lambda: _compute(spec, fields),
    }
    kind = type_of(spec)
    faults = special[kind]() if kind in special else {}
    if not faults:
        faults = _default(spec)
    if kind != "select" and spec.get("options"):
        faults["options"] = "Only a choice has options."
    if kind != "computed" and spec.get("compute"):
        faults["compute"] = "Only a computed field has a rule."
    return faults


def _default(spec: dict[str, Any]) -> Faults:
    """What a new report begins with must be a value of the field."""
    default = spec.get("default", "")
    if not isinstance(default, str):
        return {"default": "A text."}
    begun = typed(spec, default, by="", at="")
    return {"default": begun["fault"]} if begun and "fault" in begun else {}


def _number(spec: dict[str, Any]) -> Faults:
    faults = {name: "A number." for name in ("minimum", "maximum") if not _real(spec.get(name))}
    if not faults and None not in (spec.get("minimum"), spec.get("maximum")) and spec["minimum"] > spec["maximum"]:
        faults["maximum"] = "Not below the smallest."
    decimals = spec.get("decimals")
    if decimals is not None and (isinstance(decimals, bool) or not isinstance(decimals, int) or not 0 <= decimals <= 9):
        faults["decimals"] = "A whole number from 0 to 9."
    if str(spec.get("pick", "latest")) not in ("largest", "latest"):
        faults["pick"] = "Largest or latest."
    return faults


def _real(value: Any) -> bool:
    """A finite number, or none."""
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12)


def _options(spec: dict[str, Any]) -> Faults:
    options = spec.get("options")
    if not _rows(options) or not options or len(options) > MOST_OPTIONS:
        return {"options": f"A choice has 1 to {MOST_OPTIONS} options."}
    values = [option.get("value") for option in options]
    for number, option in enumerate(options):
        faults = {**_unknown(option, frozenset({"value", "label", "code"})), **_words(option, "label", needed=True),
                  **_words(option, "value", needed=True), **_code(option)}  # fmt: skip
        if faults:
            return _at(f"options.{number}", faults)
    return {} if len(set(values)) == len(values) else {"options": "Two options have the same value."}


def _compute(spec: dict[str, Any], fields: list[dict[str, Any]]) -> Faults:
    rule = spec.get("compute")
    if not isinstance(rule, dict) or str(rule.get("rule")) not in FORMULAS or not isinstance(rule.get("inputs"), dict):
        return {"compute": f"A computed field has a rule: one of {', '.join(FORMULAS)}."}
    formula, inputs = FORMULAS[rule["rule"]], rule["inputs"]
    if set(rule) != {"rule", "inputs"}:
        return {"compute": "A rule has inputs and nothing else."}
    if wrong := _names(formula, inputs):
        return {"compute": wrong}
    others = {item.get("key"): item for item in fields if item.get("key") != spec.get("key")}
    missing = [name for name, key in inputs.items() if not isinstance(key, str) or key not in others]
    if missing:
        return {"compute": f"Choose a field for {', '.join(missing)}."}
    if _circle(spec["key"], {item.get("key"): item for item in fields}):
        return {"compute": "It leans on itself."}
    units = [unit for unit in spec.get("units") or [] if formula.units and unit not in formula.units]
    if units or (formula.units and not spec.get("units")):
        return {"units": f"In {' or '.join(formula.units)}."}
    return _fitting(formula, inputs, others)


def _names(formula: Formula, inputs: dict[str, Any]) -> str:
    if formula.many:
        return "" if inputs else "Choose at least one field."
    missing, extra = set(formula.inputs) - set(inputs) - formula.optional, set(inputs) - set(formula.inputs)
    if missing:
        return f"Choose a field for {', '.join(sorted(missing))}."
    return f"It takes no {', '.join(sorted(extra))}." if extra else ""


def _circle(key: str, fields: dict[Any, dict[str, Any]]) -> bool:
    seen: set[str] = set()
    pending = list(_leans(fields[key]))
    while pending:
        now = pending.pop()
        if now == key:
            return True
        if now not in seen and now in fields:
            seen.add(now)
            pending += _leans(fields[now])
    return False


def _leans(spec: dict[str, Any]) -> Iterable[str]:
    rule = spec.get("compute")
    inputs = rule.get("inputs") if isinstance(rule, dict) else None
    return [key for key in inputs.values() if isinstance(key, str)] if isinstance(inputs, dict) else []


def _fitting(formula: Formula, inputs: dict[str, str], others: dict[Any, dict[str, Any]]) -> Faults:
    for name, key in inputs.items():
        wanted = next(iter(formula.inputs.values())) if formula.many else formula.inputs[name]
        given, units = type_of(others[key]), others[key].get("units") or []
        if wanted in ("select", "checkbox") and given != wanted:
            return {"compute": f"{name}: takes a field of the type {TYPES[wanted].lower()}."}
        if wanted in ("number", "length") and given not in ("number", "computed"):
            return {"compute": f"{name}: takes a number."}
        if wanted == "length" and not (units and all(isinstance(u, str) and convertible(u, "mm") for u in units)):
            return {"compute": f"{name}: takes a length, so that field's units are mm or cm."}
    return {}


def _sources(spec: dict[str, Any]) -> Faults:
    sources = spec.get("sources", [])
    if not _rows(sources) or len(sources) > 30:
        return {"sources": "At most 30 measurements may fill a field."}
    if sources and type_of(spec) != "number":
        return {"sources": "Measurements fill numbers only."}
    faults: Faults = {}
    for number, source in enumerate(sources):
        faults |= _at(f"sources.{number}", _source(source))
    return faults


def _source(source: dict[str, Any]) -> Faults:
    faults = {**_unknown(source, SOURCE_KEYS), **_words(source, "scheme", longest=16, needed=True),
              **_words(source, "code", longest=32, needed=True), **_words(source, "name")}  # fmt: skip
    for name in ("units", "tools", "labels", *CODED_LISTS):
        faults |= _listed(source, name)
    for name in CODED_LISTS:
        if name not in faults and not all(CODED.fullmatch(item) for item in source.get(name, [])):
            faults[name] = "Codes as SCHEME:code, such as SCT:39607008."
    return faults
