"""From an MRRT file to our template, with a note of everything that we have no place for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from reporting.templates.checks import KEY, check
from reporting.templates.mrrt.controls import Names, read_controls
from reporting.templates.mrrt.errors import MrrtRefused
from reporting.templates.mrrt.tree import Node, parse
from reporting.templates.tidy import one_line, tidy

ABOUT = ("identifier", "description", "language", "publisher", "rights", "license", "date", "creator", "contributor")
ACTIVE = frozenset(
    {"iframe", "object", "embed", "applet", "form", "style", "link", "base", "img", "svg", "math", "video", "audio"}
)
LOADING = frozenset({"background", "srcset", "xlink:href", "poster", "formaction", "ping"})
ENTITY = "<!entity"
COMMENTED = re.compile(r"<!--|-->")


@dataclass(slots=True)
class Imported:
    """`template`: key, title, modality, body_part, sections, fields, about. `notes`: what did not come along."""

    template: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def read(markup: str) -> Imported:
    """Raises MrrtRefused, and nothing else, whatever the text is."""
    document = parse(markup)
    notes = list(dict.fromkeys(_left_out(document)))
    if ENTITY in markup.casefold():
        notes.append("It declares entities of its own: they mean nothing here and stay as they are written.")
    metas = {node.get("name").casefold(): node.get("content") for node in document.walk() if node.name == "meta"}
    names, codes = Names(), _codes(document)
    sections, fields = _sections(document, codes, names, notes)
    if not sections:
        raise MrrtRefused("There is no <section> in it. An MRRT template has its text and fields in sections.")
    title = _title(document, metas)
    template = {
        "key": _key(metas.get("isocenter.key", ""), title), "title": title[:80],
        "modality": metas.get("isocenter.modality", ""), "body_part": metas.get("isocenter.body-part", "")[:32],
        "sections": tidy(sections), "fields": tidy(fields),
        "about": {name: metas[f"dcterms.{name}"] for name in ABOUT if metas.get(f"dcterms.{name}")},
    }  # fmt: skip
    if faults := check(template["sections"], template["fields"]):
        raise MrrtRefused(*(_sentence(place, words, template) for place, words in faults.items()))
    return Imported(template, notes)


def _title(document: Node, metas: dict[str, str]) -> str:
    found = document.first("title")
    title = one_line(found.text if found else "") or one_line(metas.get("dcterms.title", ""))
    if not title:
        raise MrrtRefused("It has no title: neither <title> nor dcterms.title says what the template is called.")
    return title


def _key(given: str, title: str) -> str:
    return given if KEY.fullmatch(given) and len(given) <= 50 else Names().fresh(title)[:50].strip("-")


def _sentence(place: str, words: str, template: dict[str, Any]) -> str:
    """A fault with the name that the file's author knows the place by."""
    kind, number, *rest = [*place.split("."), "", ""]
    rows = template.get(kind)
    if isinstance(rows, list) and number.isdigit():
        row = rows[int(number)]
        return f"{row.get('label') or row.get('title')}, {' '.join(rest).strip()}: {words}"
    return words


def _left_out(document: Node) -> Iterator[str]:
    """What could run or load something: none of it comes along, and the person is told."""
    for node in document.walk():
        if node.name == "script" and node.get("type").casefold() not in ("text/xml", "application/xml"):
            yield "A script was left out."
        if node.name == "embed" and node.get("src"):
            named = one_line(node.get("src"))[:120]
            yield f"The template “{named}” is embedded in it and was left out: import it by itself."
        elif node.name in ACTIVE:
            yield f"<{node.name}> was left out."
        yield from _attributes_left_out(node)


def _attributes_left_out(node: Node) -> Iterator[str]:
    if node.get("style"):
        yield "A style of its own was left out: all reports look alike."
    if any(name.startswith("on") for name in node.attributes):
        yield "An attribute that would run a script was left out."
    if any(value.strip().casefold().startswith("javascript:") for value in node.attributes.values()):
        yield "A link that would run a script was left out."
    elif (node.name == "a" and node.get("href")) or LOADING & node.attributes.keys():
        yield "A link to another place was left out."


def _codes(document: Node) -> dict[str, dict[str, str]]:
    """By element id: its code, out of the XML of the head, read as leniently as the rest."""
    codes: dict[str, dict[str, str]] = {}
    for script in document.walk():
        if script.name == "script" and script.get("type").casefold() in ("text/xml", "application/xml"):
            for entry in parse(COMMENTED.sub("", script.text)).walk():
                code = entry.first("code") if entry.name == "entry" else None
                if code is not None and code.get("value") and code.get("scheme"):
                    written = {"scheme": code.get("scheme"), "code": code.get("value"), "name": code.get("meaning")}
                    codes[entry.get("origtxt")] = {name: one_line(text)[:120] for name, text in written.items()}
    return codes


def _sections(
    document: Node, codes: dict[str, dict[str, str]], names: Names, notes: list[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    sections: list[dict[str, Any]] = []
    fields: list[dict[str, Any]] = []
    of_sections = Names()
    for node in (node for node in document.walk() if node.name == "section"):
        title = one_line(node.get("data-section-name")) or _header(node) or f"Section {len(sections) + 1}"
        key = of_sections.take(node.get("id").removeprefix("section."), title)
        found = read_controls(node, key, title, codes, names, notes)
        section = {"key": key, "title": title[:120], "text": found.text}
        sections.append(section | ({"code": codes[node.get("id")]} if node.get("id") in codes else {}))
        fields += found.fields
    return sections, fields


def _header(node: Node) -> str:
    found = next((child for child in node.children if child.name in ("header", "h1", "h2", "h3")), None)
    return one_line(found.text) if found else ""
