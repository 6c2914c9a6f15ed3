"""One parsed SR, as the readers get it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from reporting.sr.codes import Code
from reporting.sr.content import Node
from reporting.sr.document import Group, Header
from reporting.sr.images import ImageGeometry
from reporting.sr.limits import MAX_PROBLEMS
from reporting.sr.recompute import Drawing, Recomputed, recompute
from reporting.sr.units import Dimension


@dataclass(slots=True)
class Problems:
    """What is wrong with the object, in words, each said once and not more than a screen can hold."""

    said: dict[str, None] = field(default_factory=dict)

    def note(self, problem: str) -> None:
        self.said[problem] = None

    def listed(self) -> tuple[str, ...]:
        every = tuple(self.said)
        if len(every) <= MAX_PROBLEMS:
            return every
        return (*every[:MAX_PROBLEMS], f"… and {len(every) - MAX_PROBLEMS} more problems.")


@dataclass(frozen=True, slots=True)
class Source:
    header: Header
    root: Node
    images: Mapping[str, ImageGeometry]
    problems: Problems
    known: dict[tuple[Code, Dimension | None, int, bool], tuple[Drawing, Recomputed | None]] = field(
        default_factory=dict, compare=False
    )

    def recomputed(self, concept: Code, drawing: Drawing, kind: Dimension | None) -> Recomputed | None:
        """As `recompute`; the same quantity of one shape once, however many numbers claim it."""
        key = (concept, kind, id(drawing.graphic), drawing.encloses)
        if key not in self.known:  # the drawing is kept beside it, so that no other gets its id
            self.known[key] = drawing, recompute(concept, drawing, self.images, kind)
        return self.known[key][1]


@dataclass(frozen=True, slots=True)
class Understood:
    """What a reader made of it: groups of numbers, and lines of plain text (never markup)."""

    groups: tuple[Group, ...] = ()
    lines: tuple[str, ...] = ()


class Reader(Protocol):
    """Pure. `score` says how well it fits (higher wins), or None to decline."""

    name: str

    def score(self, source: Source) -> int | None: ...

    def read(self, source: Source) -> Understood: ...
