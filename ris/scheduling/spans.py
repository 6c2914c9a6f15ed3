"""Spans of time and the search for a free one. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `start` up to, not including, `end`: instants in UTC, so that clock changes do not bend arithmetic."""

    start: datetime
    end: datetime

    @classmethod
    def of(cls, start: datetime, end: datetime) -> Span:
        """Of two aware instants in any zone."""
        return cls(start.astimezone(UTC), end.astimezone(UTC))

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def meets(self, other: Span) -> bool:
        """Whether the two share any time; spans that touch do not."""
        return self.start < other.end and other.start < self.end

    def holds(self, other: Span) -> bool:
        """Whether all of the other lies in it."""
        return self.start <= other.start and other.end <= self.end

    def cut(self, other: Span) -> Span | None:
        """What the two share."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start, end) if start < end else None


def joined(spans: Iterable[Span]) -> list[Span]:
    """Spans that touch as one, in order: no night is cut by midnight."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def without(free: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """The free spans minus those taken; in order, none empty."""
    left = sorted(free)
    for span in taken:
        left = [part for gap in left for part in _minus(gap, span)]
    return left


def _minus(gap: Span, taken: Span) -> list[Span]:
    if not gap.meets(taken):
        return [gap]
    parts = Span(gap.start, max(gap.start, taken.start)), Span(min(gap.end, taken.end), gap.end)
    return [part for part in parts if part.start < part.end]


@dataclass(frozen=True, slots=True)
class Offer(Generic[K]):
    """A time in a room; `leftover` is what stays free of the gap that it fills.

    `rest` are the further parts of an exam that has several: room and start of each.
    """

    room: K
    start: datetime
    leftover: timedelta
    rest: tuple[tuple[K, datetime], ...] = ()


def first_free(
    gaps: Sequence[Mapping[K, Sequence[Span]]],
    wanted: Sequence[Span],
    length: timedelta,
    *,
    step: timedelta = timedelta(minutes=5),
    most: int = 5,
) -> list[Offer[K]]:
    """The first free times: day by day, within a day the gap that is filled best, then the earliest.

    `gaps` holds for each day what is free in each room, `wanted` for each day the hours that suit. Times begin on
    multiples of `step` within their hour, or where a gap begins at such a multiple.
    """
    found: list[Offer[K]] = []
    for free, hours in zip(gaps, wanted, strict=True):
        found += sorted(_offers(free, hours, length, step), key=lambda offer: (offer.leftover, offer.start))
        if len(found) >= most:
            break
    return found[:most]


def _offers(free: Mapping[K, Sequence[Span]], hours: Span, length: timedelta, step: timedelta) -> Iterable[Offer[K]]:
    for room, spans in free.items():
        for gap in spans:
            usable = gap.cut(hours)
            start = rounded_up(usable.start, step) if usable else gap.end
            if usable and start + length <= usable.end:
                yield Offer(room, start, gap.length - length)


def rounded_up(moment: datetime, step: timedelta) -> datetime:
    """The next multiple of `step` within the hour."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour + -((hour - moment) // step) * step
