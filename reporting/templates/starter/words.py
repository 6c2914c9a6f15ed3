"""Short words for writing templates down as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]

LENGTH, LONG_AXIS, SHORT_AXIS = ("SCT", "410668003"), ("SCT", "103339001"), ("SCT", "103340004")
VOLUME, DIAMETER = ("SCT", "118565006"), ("SCT", "81827009")
RIGHT, LEFT = ["SCT:24028007"], ["SCT:7771000"]


def source(code: tuple[str, str], **narrowed: list[str]) -> Row:
    """One measurement that may fill a field, narrowed by site, laterality, method, tool or label."""
    return {"scheme": code[0], "code": code[1], **narrowed}


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
    narrowed = {"labels": list(labels)} if labels else {}
    sources = [source(code, **narrowed) for code in (LENGTH, LONG_AXIS)]
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
    total = source(("DCM", "113813"))
    return number("dlp", "Dose length product, total", "mGy.cm", section="technique", minimum=0, sources=[total])


def template(key: str, title: str, modality: str, body_part: str, sections: list[Row], *fields: Row) -> Row:
    return {"key": key, "title": title, "modality": modality, "body_part": body_part, "sections": sections,
            "fields": list(fields)}  # fmt: skip
