"""Short words for writing templates down as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]

Coded = tuple[str, str, str]

LENGTH: Coded = ("SCT", "410668003", "Length")
LONG_AXIS: Coded = ("SCT", "103339001", "Long axis")
SHORT_AXIS: Coded = ("SCT", "103340004", "Short axis")
RIGHT, LEFT = ["SCT:24028007"], ["SCT:7771000"]


def source(code: Coded, **narrowed: list[str]) -> Row:
    """One measurement that may fill a field, narrowed by site, laterality, method, tool or label."""
    return {"scheme": code[0], "code": code[1], "name": code[2], **narrowed}


def section(key: str, title: str, text: str = "") -> Row:
    return {"key": key, "title": title, "text": text}


def sections(technique: str, *own: Row, comparison: str = "None.") -> list[Row]:
    """Technique and comparison before, the template's own, the impression after."""
    middle = own or (section("findings", "Findings"),)
    return [section("technique", "Technique", technique), section("comparison", "Comparison", comparison), *middle,
            section("impression", "Impression")]  # fmt: skip


def number(key: str, label: str, *units: str, section: str = "findings", **more: Any) -> Row:
    return {"key": key, "label": label, "section": section, "type": "number", "units": list(units), **more}


def length(key: str, label: str, *labels: str, section: str = "findings", **more: Any) -> Row:
    """A length in mm or cm, filled by what the viewer's length and bidirectional tools measured under these labels."""
    return _lengths(key, label, (LENGTH, LONG_AXIS), *labels, section=section, **more)


def short_axis(key: str, label: str, *labels: str, section: str = "findings", **more: Any) -> Row:
    """The shorter line of the bidirectional tool, as lymph nodes are measured."""
    return _lengths(key, label, (SHORT_AXIS,), *labels, section=section, **more)


def _lengths(key: str, label: str, codes: tuple[Coded, ...], *labels: str, section: str, **more: Any) -> Row:
    narrowed = {"labels": list(labels)} if labels else {}
    sources = [source(code, **narrowed) for code in codes]
    return number(key, label, "mm", "cm", section=section, sources=sources, minimum=0, **more)


def choice(key: str, label: str, options: Iterable[tuple[str, str]], *, section: str = "findings", **more: Any) -> Row:
    rows = [{"value": value, "label": words} for value, words in options]
    return {"key": key, "label": label, "section": section, "type": "select", "options": rows, **more}


def yes(key: str, label: str, *, section: str = "findings", **more: Any) -> Row:
    return {"key": key, "label": label, "section": section, "type": "checkbox", **more}


def day(key: str, label: str, *, section: str = "findings", **more: Any) -> Row:
    return {"key": key, "label": label, "section": section, "type": "date", **more}


def text(key: str, label: str, *, section: str = "findings", **more: Any) -> Row:
    return {"key": key, "label": label, "section": section, "type": "text", **more}


def computed(key: str, label: str, rule: str, inputs: dict[str, str], *, section: str = "findings", **more: Any) -> Row:
    rule_of = {"rule": rule, "inputs": inputs}
    return {"key": key, "label": label, "section": section, "type": "computed", "compute": rule_of, **more}


def volume(key: str, label: str, diameters: tuple[str, str, str], *, section: str = "findings") -> Row:
    inputs = dict(zip(("length", "width", "height"), diameters, strict=True))
    return computed(key, label, "ellipsoid", inputs, section=section, units=["mL"], decimals=1)


def dlp() -> Row:
    total = source(("DCM", "113813", "CT dose length product total"))
    return number("dlp", "Dose length product, total", "mGy.cm", section="technique", minimum=0, sources=[total])


def template(key: str, title: str, modality: str, body_part: str, sections: list[Row], *fields: Row) -> Row:
    return {"key": key, "title": title, "modality": modality, "body_part": body_part, "sections": sections,
            "fields": list(fields)}  # fmt: skip
