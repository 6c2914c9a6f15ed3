"""Parts one after another: every link free where it stands, and no wait too short or too long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ris.scheduling.chains import Link, chains, common
from ris.scheduling.spans import Span

DAY = datetime(2027, 3, 1, tzinfo=UTC)
quarters = st.integers(0, 40)


def at(quarter: int) -> datetime:
    return DAY + timedelta(minutes=15 * quarter)


@st.composite
def spans(draw: st.DrawFn) -> list[Span]:
    starts = draw(st.lists(quarters, max_size=4))
    return [Span(at(start), at(start + draw(st.integers(1, 8)))) for start in starts]


@st.composite
def links(draw: st.DrawFn) -> Link[str]:
    least = draw(st.integers(0, 8))
    most = draw(st.none() | st.integers(0, 8).map(lambda more: timedelta(minutes=15 * (least + more))))
    free = {name: draw(spans()) for name in ("A", "B")}
    return Link(free, timedelta(minutes=15 * draw(st.integers(1, 3))), timedelta(minutes=15 * least), most)


def fits(link: Link[str], room: str, start: datetime) -> bool:
    return any(span.holds(Span(start, start + link.length)) for span in link.free[room])


def possible(parts: list[Link[str]], end: datetime | None) -> bool:
    """By trying every quarter of an hour in every room."""
    if not parts:
        return True
    first, rest = parts[0], parts[1:]
    for quarter in range(49):
        start = at(quarter)
        here = (end is None or first.suits(end, start)) and any(fits(first, room, start) for room in first.free)
        if here and possible(rest, start + first.length):
            return True
    return False


@given(st.lists(links(), min_size=1, max_size=3))
def test_what_is_found_fits_and_it_is_found_whenever_there_is_something(parts: list[Link[str]]) -> None:
    found = next(chains(parts, Span(DAY, at(48))), None)
    assert (found is not None) == possible(parts, None)
    end = None
    for link, (room, start) in zip(parts, found or (), strict=False):
        assert fits(link, room, start)
        assert end is None or link.suits(end, start)
        end = start + link.length


@given(spans(), spans())
def test_what_is_common_is_free_in_both(one: list[Span], other: list[Span]) -> None:
    found = common(one, other)
    for quarter in range(60):
        inside = [any(span.start <= at(quarter) < span.end for span in some) for some in (one, other, found)]
        assert inside[2] == (inside[0] and inside[1])
