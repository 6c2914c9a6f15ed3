"""A document with tables in it: each stands between two marks, and is written anew from the code. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

MARK = re.compile(r"<!-- table: (?P<name>[a-z-]+) -->\n.*?<!-- end -->", re.DOTALL)

Table = Callable[[], str]


class UnknownTable(ValueError):
    """The document asks for a table that nobody draws, or a table stands nowhere."""


def refreshed(document: str, tables: Mapping[str, Table]) -> str:
    """The document with every table as it is now; UnknownTable when names and tables do not fit."""
    asked = [found["name"] for found in MARK.finditer(document)]
    if missing := sorted(set(asked) ^ set(tables)):
        raise UnknownTable(f"in the document or in the code only: {', '.join(missing)}")
    return MARK.sub(lambda found: marked(found["name"], tables[found["name"]]()), document)


def marked(name: str, table: str) -> str:
    return f"<!-- table: {name} -->\n\n{table}\n\n<!-- end -->"


def markdown(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; what would end a cell is escaped."""
    lines = [_line(heads), _line(["---"] * len(heads)), *(_line(row) for row in rows)]
    return "\n".join(lines)


def _line(cells: Iterable[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
