"""The controls of one section of an MRRT file, and the text around them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from reporting.templates.checks import KEY, MOST_FIELDS, MOST_OPTIONS
from reporting.templates.merging import FILLED, source_named
from reporting.templates.mrrt.errors import MrrtRefused
from reporting.templates.mrrt.tree import Node
from reporting.templates.tidy import one_line
from reporting.templates.units import EXACT

Codes = dict[str, dict[str, str]]
HIDDEN = frozenset({"section", "header", "label", "script", "style", "datalist", "title", "iframe", "object"})
BLOCKS = frozenset({"p", "div", "br", "li", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"})
WORDS = re.compile(r"[^a-z0-9]+")
NEEDED = frozenset({"PROHIBIT", "PRECLUDE_SIGNATURE"})
UNIT_WORDS = frozenset({*EXACT, "%", "HU", "ms", "s"})
PERIODS = {"datetime": "day with a time", "datetime-local": "day with a time", "month": "month", "week": "week"}
TIMED = frozenset({"date", "time", *PERIODS})
LEFT_OUT = frozenset({"hidden", "button", "submit", "image", "file", "password", "reset"})
OURS = frozenset({"sources", "pick", "detector_plane", "decimals", "compute", "units", "type"})


class Names:
    """Keys that were given away; a second one of the same words gets a number."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def take(self, given: str, words: str) -> str:
        """`given`, when it is a key and still free; else one made of `words`."""
        if KEY.fullmatch(given) and len(given) <= 64 and given not in self.taken:
            self.taken.add(given)
            return given
        return self.fresh(words)

    def fresh(self, words: str) -> str:
        plain = WORDS.sub("-", words.casefold()).strip("-")[:48].strip("-") or "field"
        key, number = plain, 1
        while key in self.taken:
            number += 1
            key = f"{plain}-{number}"
        self.taken.add(key)
        return key


@dataclass(slots=True)
class Found:
    text: str = ""
    fields: list[dict[str, Any]] = field(default_factory=list)


def read_controls(section: Node, key: str, title: str, codes: Codes, names: Names, notes: list[str]) -> Found:
    """The section's text and fields; sections within it are read for themselves."""
    reader = _Reader(section, key, title, codes, names, notes)
    reader.read(section)
    return Found(reader.whole_text(), reader.fields)


class _Reader:
    def __init__(self, section: Node, key: str, title: str, codes: Codes, names: Names, notes: list[str]) -> None:
        self.key, self.title, self.codes, self.names, self.notes = key, title, codes, names, notes
        self.labels = {node.get("for"): one_line(node.text) for node in reversed(list(section.walk()))
                       if node.name == "label"}  # fmt: skip
        self.lists = {node.get("id"): node for node in section.walk() if node.name == "datalist"}
        self.radios: set[str] = set()
        self.section = section
        self.prose: list[str] = []
        self.beside: str | None = None
        self.own_text: str | None = None
        self.fields: list[dict[str, Any]] = []

    def whole_text(self) -> str:
        """What the section's own text field begins with, after the prose around the fields."""
        lines = [" ".join(line.split()) for line in "".join(self.prose).split("\n")]
        prose = "\n".join(line for line in lines if line)
        return "\n".join(part for part in (prose, self.own_text or "") if part)

    def read(self, node: Node) -> None:
        for at, part in enumerate(node.parts):
            if part is self.beside:
                continue  # the unit after a number: it is the number's
            if isinstance(part, str):
                self.prose.append(part.replace("\n", " "))
            elif part.name not in HIDDEN and not self.control(part, node.parts[at + 1 :]):
                self.prose.append("\n" if part.name in BLOCKS else " ")
                self.read(part)
                self.prose.append("\n" if part.name in BLOCKS else " ")

    def control(self, node: Node, after: list[Node | str]) -> bool:
        """Whether the node was a control, and is read."""
        group = node.get("data-field-type").upper()
        if node.name == "span" and group in ("CHECKBOX", "RADIO"):
            self.group(node, group)
        elif node.name == "textarea":
            self.area(node)
        elif node.name == "select" and "multiple" in node.attributes:
            self.several(node)
        elif node.name == "select":
            self.choice(node, [child for child in node.walk() if child.name == "option"])
        elif node.name == "input":
            self.input(node, after)
        else:
            return False
        return True

    def area(self, node: Node) -> None:
        text = node.text.removeprefix("\n") or node.get("value")
        if self.own_text is None and self.is_own(node):
            self.own_text = text
        else:
            self.add(node, "text", default=one_line(text))

    def is_own(self, node: Node) -> bool:
        """A text field without a name of its own is the section's text; one that the exam fills is a field."""
        if "data-isocenter" in node.attributes or _is_merged(node):
            return False
        return self.labels.get(node.get("id"), "").casefold().strip(" :") in ("", "text", self.title.casefold())

    def choice(self, node: Node, options: list[Node], chosen: str = "") -> None:
        rows: list[dict[str, Any]] = []
        for option in options:
            if len(rows) > MOST_OPTIONS:
                break  # refused in any case
            value = option.get("value") or one_line(option.text)
            label = one_line(option.text) or value
            if value and value not in [row["value"] for row in rows]:
                code = {"code": self.codes[option.get("id")]} if option.get("id") in self.codes else {}
                rows.append({"value": value[:120], "label": label[:120], **code})
                chosen = value[:120] if "selected" in option.attributes or "checked" in option.attributes else chosen
        if rows:
            self.add(node, "select", options=rows, default=chosen if chosen in [r["value"] for r in rows] else "")
        else:
            self.note(f"“{self.label_of(node)}” has nothing to choose from and became a text.")
            self.add(node, "text")

    def group(self, node: Node, kind: str) -> None:
        """Boxes or buttons in one element: a choice of one, or a yes or no of each."""
        inputs = [child for child in node.walk() if child.name == "input"]
        if kind == "RADIO":
            self.choice(node, [child for child in inputs if child.get("type").casefold() == "radio"])
            return
        if node.get("data-field-completion-action").upper() in NEEDED:
            self.note(
                f"“{self.label_of(node)}” asked for one of its boxes before signing: here none of them is needed."
            )
        for box in inputs:
            if box.get("type").casefold() == "checkbox":
                self.add(
                    box,
                    "checkbox",
                    label=one_line(box.get("value")),
                    default="yes" if "checked" in box.attributes else "",
                )
            else:
                self.note("A text within boxes to tick was left out.")

    def input(self, node: Node, after: list[Node | str]) -> None:
        kind = _kind_of(node)
        special = {"textarea": self.area, "radio": self.radio, **dict.fromkeys(TIMED, self.timed)}
        if kind in special:
            special[kind](node)
        elif kind == "number":
            self.number(node, after)
        elif kind == "checkbox":
            self.add(node, "checkbox", default=_ticked(node))
        elif kind in LEFT_OUT:
            self.note(f"An input of the type {kind} was left out.")
        else:
            self.line(node)

    def line(self, node: Node) -> None:
        """A text of one line, with or without a list to choose from; without a name it is the section's own."""
        value = node.get("value")
        if node.get("list") in self.lists:
            self.choice(node, [child for child in self.lists[node.get("list")].walk() if child.name == "option"], value)
        elif self.own_text is None and self.is_own(node):
            self.own_text = value
        else:
            self.add(node, "text", default=value)

    def timed(self, node: Node) -> None:
        """A day or a time of day; what asks for both at once, or for a month, has no field here."""
        kind = _kind_of(node)
        if kind not in ("date", "time"):
            self.note(
                f"“{self.label_of(node)}” asks for a {PERIODS[kind]}, which no field here holds: it became a text."
            )
            self.add(node, "text", default=node.get("value"))
            return
        if node.get("min") or node.get("max"):
            self.note(f"“{self.label_of(node)}” had an earliest or latest {kind}: every {kind} is taken here.")
        self.add(node, kind, default=node.get("value"))

    def several(self, node: Node) -> None:
        """A list of which several may be chosen: a yes or no of each."""
        words = self.label_of(node)
        for option in (child for child in node.walk() if child.name == "option"):
            if named := one_line(option.text) or option.get("value"):
                self.add(
                    option,
                    "checkbox",
                    label=f"{words}: {named}",
                    default="yes" if "selected" in option.attributes else "",
                )

    def radio(self, node: Node) -> None:
        """All buttons of one name are one choice, where the first stands."""
        if node.get("name") not in self.radios:
            self.radios.add(node.get("name"))
            same = [other for other in self.section.walk() if (other.get("type").casefold(), other.get("name")) ==
                    ("radio", node.get("name"))]  # fmt: skip
            self.choice(node, same)

    def number(self, node: Node, after: list[Node | str]) -> None:
        beside = next((part for part in after if isinstance(part, str) and part.strip()), "")
        self.beside = beside if one_line(beside) in UNIT_WORDS else None
        unit = node.get("data-field-units") or one_line(self.beside or "")
        ends: dict[str, Any] = {name: _real(node.get(end)) for name, end in (("minimum", "min"), ("maximum", "max"))}
        self.add(node, "number", units=[unit] if unit else [], default=node.get("value"), **ends)

    def label_of(self, node: Node) -> str:
        given = self.labels.get(node.get("id"), "") or node.get("name") or node.get("title") or node.get("id")
        return one_line(given).rstrip(" :")[:120] or "Field"

    def note(self, words: str) -> None:
        if words not in self.notes:
            self.notes.append(words)

    def add(self, node: Node, kind: str, *, label: str = "", **more: Any) -> None:
        if len(self.names.taken) > 10 * MOST_FIELDS:
            raise MrrtRefused(f"It has more than {10 * MOST_FIELDS} fields. A template has at most {MOST_FIELDS}.")
        own = _ours(node)
        label = (label or self.labels.get(node.get("id"), ""))[:120] or self.label_of(node)
        spec = {
            "key": self.names.take(node.get("id").removeprefix("field."), label), "label": label,
            "section": self.key, "type": kind, "help": one_line(node.get("title"))[:400],
            "required": node.get("data-field-completion-action").upper() in NEEDED,
            **{name: value for name, value in more.items() if value not in (None, "", [])}, **own,
        }  # fmt: skip
        if _is_merged(node):
            spec |= self.merged(node, spec)
        self.fields.append(spec | ({"code": self.codes[node.get("id")]} if node.get("id") in self.codes else {}))

    def merged(self, node: Node, spec: dict[str, Any]) -> dict[str, Any]:
        """What of the exam fills it, where we know of it; else it is typed, and that is told."""
        asked = one_line(node.get("data-field-merge-source"))
        source = source_named(*([asked] if asked else [spec["label"], node.get("name")]))
        if source and spec["type"] in FILLED:
            return {"merge": source}
        what = f" with “{asked}”" if asked else ""
        self.note(f"“{spec['label']}” would have been filled by another system{what}; here it is typed.")
        return {}


def _kind_of(node: Node) -> str:
    """What an input asks for: HTML's type, or of a plain text the type that MRRT gives it."""
    kind = node.get("type").casefold() or "text"
    meant = node.get("data-field-type").casefold()
    return meant if kind == "text" and meant in ("date", "time", "number") else kind


def _is_merged(node: Node) -> bool:
    return node.get("data-field-merge-flag").casefold() == "true" or node.get("data-field-type").upper() == "MERGE"


def _ticked(node: Node) -> str:
    """What a box begins with: ours say yes or no, others are ticked or undecided."""
    return "yes" if "checked" in node.attributes else node.get("value") if node.get("value") in ("yes", "no") else ""


def _real(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() and "." not in text and "e" not in text.casefold() else number


def _ours(node: Node) -> dict[str, Any]:
    """What an export of ours took along in words that HTML does not have; anything else in it is not ours."""
    try:
        said = json.loads(node.get("data-isocenter") or "{}")
    except (ValueError, RecursionError):
        return {}
    return {name: value for name, value in said.items() if name in OURS} if isinstance(said, dict) else {}
