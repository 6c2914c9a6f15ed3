"""A message as values: text without escapes, in segments, fields, repetitions, components and subcomponents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ris.hl7.er7.delimiters import USUAL, Delimiters

# Two quotes: "delete what you have" (chapter 2.5.3); an empty field says nothing.
NULL = '""'

Component = tuple[str, ...]
Repetition = tuple[Component, ...]
Field = tuple[Repetition, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """Fields count from 1 as in the standard; MSH-1 and MSH-2 are fields too."""

    name: str
    fields: tuple[Field, ...] = ()

    def field(self, number: int) -> Field:
        """All repetitions; none when the field is empty or absent."""
        return self.fields[number - 1] if 0 < number <= len(self.fields) else ()

    def raw(self, number: int, component: int = 1, subcomponent: int = 1, *, repetition: int = 1) -> str:
        """The value as it stands: empty when it says nothing, NULL when it says delete."""
        try:
            return self.fields[number - 1][repetition - 1][component - 1][subcomponent - 1]
        except IndexError:
            return ""

    def text(self, number: int, component: int = 1, subcomponent: int = 1, *, repetition: int = 1) -> str:
        """The value; empty also for NULL."""
        found = self.raw(number, component, subcomponent, repetition=repetition)
        return "" if found == NULL else found

    def given(self, number: int, component: int = 1, subcomponent: int = 1, *, repetition: int = 1) -> str | None:
        """None when the message says nothing (keep what you have), empty when it says delete, else the value."""
        found = self.raw(number, component, subcomponent, repetition=repetition)
        if not found:
            deleted = component > 1 and self.raw(number, repetition=repetition) == NULL
            return "" if deleted and len(self.field(number)[repetition - 1]) == 1 else None
        return "" if found == NULL else found

    def texts(self, number: int, *components: int) -> list[str]:
        """Of each repetition the first of these components that is filled; none of those that say nothing."""
        places = range(1, len(self.field(number)) + 1)
        found = (
            next(filter(None, (self.text(number, part, repetition=place).strip() for part in components or (1,))), "")
            for place in places
        )
        return [text for text in found if text]

    def alone(self, number: int, repetition: int) -> Segment:
        """The same with only this repetition of a field."""
        before, after = self.fields[: number - 1], self.fields[number:]
        return Segment(self.name, (*before, (self.fields[number - 1][repetition - 1],), *after))


@dataclass(frozen=True, slots=True)
class Message:
    """Segments in order; the first is MSH."""

    segments: tuple[Segment, ...]
    delimiters: Delimiters = USUAL

    @property
    def header(self) -> Segment:
        return self.segments[0]

    @property
    def kind(self) -> str:
        """MSH-9: ORM^O01."""
        code, event = self.header.text(9), self.header.text(9, 2)
        return f"{code}^{event}" if event else code

    @property
    def control_id(self) -> str:
        return self.header.text(10)

    @property
    def version(self) -> str:
        return self.header.text(12)

    def first(self, name: str) -> Segment:
        """The first of that name; an empty one when there is none."""
        return next(self.all(name), Segment(name))

    def has(self, name: str) -> bool:
        return any(True for _segment in self.all(name))

    def all(self, name: str) -> Iterator[Segment]:
        return (segment for segment in self.segments if segment.name == name)

    def groups(self, opening: str) -> list[tuple[Segment, ...]]:
        """The segments from each `opening` one to the next: the orders of an ORM by ORC."""
        starts = [place for place, segment in enumerate(self.segments) if segment.name == opening]
        return [self.segments[start:end] for start, end in pairwise([*starts, len(self.segments)])]
