"""Any other tree, section by section: its numbers grouped by container, its words as indented lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reporting.sr.content import Node
from reporting.sr.limits import MAX_LINE_LENGTH, MAX_LINES
from reporting.sr.readers.sections import sections
from reporting.sr.source import Source, Understood

BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
WORDS = frozenset({"TEXT", "PNAME", "UIDREF", "DATE", "TIME", "DATETIME"})


class OutlineReader:
    """Takes every SR; knows nothing about its template."""

    name = "outline"

    def score(self, source: Source) -> int | None:
        return 0

    def read(self, source: Source) -> Understood:
        return Understood(groups=tuple(sections(source)), lines=tuple(capped(lines(source.root), source)))


def lines(node: Node, level: int = 0) -> Iterator[str]:
    """One line per thing said, indented by two spaces a level; never markup, whatever the object contains."""
    said = _said(node)
    for number, line in enumerate(BREAK.sub("\n", said).split("\n") if said else ()):
        yield ("  " * (level + (number > 0)) + line[:MAX_LINE_LENGTH]).rstrip()
    for child in node.children:
        yield from lines(child, level + 1)


def _said(node: Node) -> str:
    if node.value_type == "CONTAINER":
        return node.title
    value = _value(node)
    return f"{node.title}: {value}" if node.title and value else value or node.title


def _value(node: Node) -> str:
    if node.value_type in WORDS:
        return node.text
    if node.code is not None:
        return node.code.name or node.code.value
    if node.number is not None:
        unit = node.number.unit
        return f"{node.number.written} {(unit.name if unit.value == '1' else unit.value) if unit else ''}".rstrip()
    if node.reference is not None:
        return f"{node.value_type.lower()} {node.reference.sop_instance_uid}"
    return ""


def capped(every: Iterator[str], source: Source) -> Iterator[str]:
    for count, line in enumerate(every):
        if count >= MAX_LINES:
            source.problems.note(f"Only the first {MAX_LINES} lines are shown.")
            return
        yield line
