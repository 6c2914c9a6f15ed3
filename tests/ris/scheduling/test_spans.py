"""Spans and the search for a free one: properties against a search by brute force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ris.scheduling.spans import Span, first_free, without

DAY = datetime(2027, 3, 1, tzinfo=UTC)
STEP = timedelta(minutes=5)
minutes = st.integers(0, 1439)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(minutes)
    return Span(DAY + timedelta(minutes=start), DAY + timedelta(minutes=start + draw(st.integers(1, 240))))


def inside(moment: datetime, found: list[Span]) -> bool:
    return any(span.start <= moment < span.end for span in found)


@given(st.lists(spans(), max_size=6), st.lists(spans(), max_size=6))
def test_what_is_left_is_exactly_what_was_free_and_not_taken(free: list[Span], taken: list[Span]) -> None:
    left = without(free, taken)
    for minute in range(0, 1700, 7):
        moment = DAY + timedelta(minutes=minute)
        assert inside(moment, left) == (inside(moment, free) and not inside(moment, taken))
    assert all(span.start < span.end for span in left)


@given(st.dictionaries(st.sampled_from("ABC"), st.lists(spans(), max_size=8), min_size=1), minutes, st.integers(1, 120))
def test_each_offer_is_free_and_suits_and_a_day_with_a_place_offers_one(
    taken: dict[str, list[Span]], after: int, length: int
) -> None:
    day = Span(DAY, DAY + timedelta(days=1))
    gaps = {room: without([day], spans) for room, spans in taken.items()}
    wanted, needed = Span(DAY + timedelta(minutes=after), day.end), timedelta(minutes=length)
    found = first_free([gaps], [wanted], needed)
    for offer in found:
        held = Span(offer.start, offer.start + needed)
        assert wanted.start <= held.start
        assert held.end <= wanted.end
        assert not any(held.meets(span) for span in taken[offer.room])
    assert bool(found) == any(_fits(spans, wanted, needed) for spans in gaps.values())


def _fits(gaps: list[Span], wanted: Span, needed: timedelta) -> bool:
    """By brute force, on the five minutes of the day."""
    starts = [DAY + number * STEP for number in range(288)]
    return any(
        gap.start <= start and wanted.start <= start and start + needed <= min(gap.end, wanted.end)
        for gap in gaps
        for start in starts
    )


@given(st.lists(spans(), max_size=8), st.integers(1, 120))
def test_within_a_day_the_gap_that_is_filled_best_comes_first(taken: list[Span], length: int) -> None:
    gaps = without([Span(DAY, DAY + timedelta(days=1))], taken)
    found = first_free([{"A": gaps}], [Span(DAY, DAY + timedelta(days=1))], timedelta(minutes=length))
    assert [offer.leftover for offer in found] == sorted(offer.leftover for offer in found)


def test_an_earlier_day_comes_before_a_better_gap() -> None:
    tight = [Span(DAY + timedelta(days=1), DAY + timedelta(days=1, minutes=20))]
    wide = [Span(DAY, DAY + timedelta(hours=8))]
    whole = Span(DAY, DAY + timedelta(days=2))
    found = first_free([{"A": wide}, {"A": tight}], [whole, whole], timedelta(minutes=20))
    assert [offer.start for offer in found] == [DAY, DAY + timedelta(days=1)]
