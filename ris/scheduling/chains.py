"""Placing parts one after another, each in rooms that are free together. Pure: no database, no clock."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from ris.scheduling.spans import Span, rounded_up

K = TypeVar("K", bound=Hashable)
STEP = timedelta(minutes=5)
# A part without a latest time is looked for so far ahead.
NO_LIMIT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Link(Generic[K]):
    """One part: what each choice of rooms has left, how long it takes, how long after the part before it begins."""

    free: Mapping[K, Sequence[Span]]
    length: timedelta
    least: timedelta = timedelta()
    most: timedelta | None = None

    def window(self, end_before: datetime) -> Span:
        """When it may begin after a part that ended then; the last moment is included by `chains`."""
        return Span(end_before + self.least, end_before + (NO_LIMIT if self.most is None else self.most))

    def suits(self, end_before: datetime, start: datetime) -> bool:
        """Whether the wait is neither too short nor too long."""
        wait = start - end_before
        return self.least <= wait and (self.most is None or wait <= self.most)


def common(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """What is free in both."""
    others = list(other)
    return sorted(cut for span in one for item in others if (cut := span.cut(item)) is not None)


def chains(links: Sequence[Link[K]], begins: Span) -> Iterator[tuple[tuple[K, datetime], ...]]:
    """Ways to place all links, each (rooms, start): for each beginning within `begins` the earliest end, in order."""
    if not links:
        yield ()
        return
    first, rest = links[0], links[1:]
    for start, choice in _candidates(first, begins):
        following = rest[0].window(start + first.length) if rest else begins
        tail = next(chains(rest, following), None)
        if tail is not None:
            yield ((choice, start), *tail)


def _candidates(link: Link[K], begins: Span) -> Iterator[tuple[datetime, K]]:
    """Starts in order; of equal ones the choice that was named first."""
    runs = [_starts(gap, begins, link.length, order) for order, spans in enumerate(link.free.values()) for gap in spans]
    choices = list(link.free)
    return ((start, choices[order]) for start, order in heapq.merge(*runs))


def _starts(gap: Span, begins: Span, length: timedelta, order: int) -> Iterator[tuple[datetime, int]]:
    start = rounded_up(max(gap.start, begins.start), STEP)
    while start <= begins.end and start + length <= gap.end:
        yield start, order
        start += STEP
