"""What patients of other languages read, in one cell of the catalogue's table. Pure text.

A line "[de] CT Thorax" begins a language and names the exam in it; the lines below it are the preparation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BEGIN = re.compile(r"\[(?P<language>[A-Za-z-]{2,10})\][ \t]*(?P<name>.*)")
LONGEST_NAME = 64
NONE = "-"
HOW = "begin with a line such as “[de] CT Thorax”; the preparation stands in the lines below."


@dataclass(frozen=True, slots=True)
class TextCell:
    """One language; an empty name or preparation means: as in the catalogue."""

    language: str
    name: str
    preparation: str

    def __str__(self) -> str:
        return f"[{self.language}] {self.name}".rstrip() + (f"\n{self.preparation}" if self.preparation else "")


def texts_of(text: str) -> list[TextCell]:
    """Every language of a cell; none for "-". Raises ValueError that names the bad one."""
    if text.strip() == NONE:
        return []
    found: list[tuple[str, str, list[str]]] = []
    for line in text.strip().splitlines():
        if begin := BEGIN.fullmatch(line.strip()):
            found.append((begin["language"], begin["name"].strip(), []))
        elif found:
            found[-1][2].append(line.rstrip())
        elif line.strip():
            raise ValueError(f"Text “{line[:40]}”: {HOW}")
    cells = [TextCell(language, name, "\n".join(lines).strip()) for language, name, lines in found]
    _check(cells)
    return cells


def cell_of(cells: list[TextCell]) -> str:
    return "\n".join(str(cell) for cell in cells)


def _check(cells: list[TextCell]) -> None:
    languages = [cell.language for cell in cells]
    if twice := next((one for one in languages if languages.count(one) > 1), None):
        raise ValueError(f"Text “[{twice}]” stands twice.")
    if long := next((cell for cell in cells if len(cell.name) > LONGEST_NAME), None):
        raise ValueError(f"Text “[{long.language}]”: a name has {LONGEST_NAME} characters at most.")
