"""A side in the text against the side of the order, and the impression's side against the findings'."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reporting.proofreading.facts import Case, Doubt
from reporting.proofreading.lexicon.form import Lexicon
from reporting.proofreading.regions import ABOUT, named_near, regions_at
from reporting.proofreading.text import Sentence, starts

OTHER = {"R": "L", "L": "R"}
SAID = {"R": "right", "L": "left"}
SHORTLY, CLAUSE = 4, 8
NOT_READ = "comparison"


def against_order(read: Iterable[Sentence], case: Case, lexicon: Lexicon) -> Iterator[Doubt]:
    """Sentences that put the exam's body part on the side that was not ordered."""
    wrong = OTHER.get(case.side)
    if wrong is None:
        return
    for sentence in read:
        if sentence.role == NOT_READ or sentence.heading in lexicon.old_headings:
            continue
        if sentence.has_any(lexicon.both) or compares(sentence, lexicon) or meant_sides(sentence, case.side, lexicon):
            continue
        if any(_is_of_exam(sentence, place, case, lexicon) for place in sides(sentence, wrong, lexicon)):
            said = f"The order says {SAID[case.side]}, this sentence says {SAID[wrong]}."
            yield Doubt("laterality", sentence.section, sentence.text, said)


def compares(sentence: Sentence, lexicon: Lexicon) -> bool:
    """Whether it is about both sides: a comparison, but not one with an earlier exam."""
    found = [last for _first, last in starts(sentence, lexicon.comparing)]
    return any(not _is_of_earlier(sentence, last, lexicon) for last in found)


def _is_of_earlier(sentence: Sentence, last: int, lexicon: Lexicon) -> bool:
    near = range(last, min(last + SHORTLY, len(sentence.words)))
    named = {place[0] for place in starts(sentence, lexicon.earlier)}
    side = {at for side in OTHER for first, end in starts(sentence, lexicon.sides[side]) for at in range(first, end)}
    before_a_side = [at for at in near if not side & set(range(last, at + 1))]
    return any(at in named or sentence.words[at][0].isdigit() for at in before_a_side)


def sides(sentence: Sentence, side: str, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Where a sentence means a side as it is today: not history."""
    void: set[int] = set()
    told = [place for place in starts(sentence, lexicon.before) if _is_history(sentence, place, lexicon)]
    void |= {at for first, last in told for at in range(first, _reach(sentence, last))}
    void |= {at for first, _last in told if sentence.words[first - 1 : first] == (":",) for at in range(first)}
    return [place for place in meant_sides(sentence, side, lexicon) if place[0] not in void]


def meant_sides(sentence: Sentence, side: str, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Where it names a side and means one: not "left the room", not "nothing is left of"."""
    void = {at for first, last in starts(sentence, lexicon.not_a_side) for at in range(first, last)}
    return [place for place in named_sides(sentence, side, lexicon) if place[0] not in void]


def _is_history(sentence: Sentence, place: tuple[int, int], lexicon: Lexicon) -> bool:
    """Not: since the prior study; not: status post right ACL reconstruction, graft intact; not: with recurrent tear."""
    if _is_of_an_exam(sentence, place[1], lexicon):
        return False
    if not any(first <= place[0] < last for first, last in starts(sentence, lexicon.operated)):
        return True
    end = _reach(sentence, place[1])
    now = [first for first, _last in starts(sentence, lexicon.today) if first >= end]
    return not now and not any(first >= place[1] for first, _last in starts(sentence, lexicon.again))


def named_sides(sentence: Sentence, side: str, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Where the side stands in words, or as a letter before a part of the body: R knee."""
    letters = [
        (at, at + 1)
        for at, word in enumerate(sentence.words[:-1])
        if word == side.lower() and regions_at(sentence, at + 1, lexicon)
    ]
    return sorted([*starts(sentence, lexicon.sides[side]), *letters])


def _is_of_an_exam(sentence: Sentence, at: int, lexicon: Lexicon) -> bool:
    """Since the prior study: what follows is new. Of a prior study of something, that is old."""
    exam = any(place[0] == at for place in starts(sentence, lexicon.earlier))
    return exam and sentence.words[at + 1 : at + 2] not in {("of",), ("der",), ("des",), ("am",)}


def _reach(sentence: Sentence, start: int) -> int:
    """Where a clause of history ends: at its comma, or some words on."""
    most = min(start + CLAUSE, len(sentence.words))
    return next((at for at in range(start, most) if sentence.words[at] in {",", ";", ":"}), most)


def _is_of_exam(sentence: Sentence, place: tuple[int, int], case: Case, lexicon: Lexicon) -> bool:
    """Whether the side belongs to what was examined; a side without a body part does."""
    named = named_near(sentence, *place, lexicon)
    about = ABOUT.get(case.region)
    return not named or about is None or bool(named & about)


def within_report(read: Iterable[Sentence], lexicon: Lexicon) -> Iterator[Doubt]:
    """Impressions that name a body part on one side when the findings know it on the other only."""
    all_of_them = list(read)
    known = {
        (region, side)
        for sentence in all_of_them
        if sentence.role != "impression"
        for region, side in _placed(sentence, lexicon)
    }
    for sentence in all_of_them:
        if sentence.role != "impression" or compares(sentence, lexicon):
            continue
        for region, side in _placed(sentence, lexicon):
            if (region, OTHER[side]) in known and (region, side) not in known:
                said = f"Says {SAID[side]}, where the findings say {SAID[OTHER[side]]} only."
                yield Doubt("contradiction", sentence.section, sentence.text, said)
                break


def _placed(sentence: Sentence, lexicon: Lexicon) -> set[tuple[str, str]]:
    if sentence.has_any(lexicon.both):
        every = {region for at in range(len(sentence.words)) for region in named_near(sentence, at, at, lexicon)}
        return {(region, side) for region in every for side in OTHER}
    return {
        (region, side)
        for side in OTHER
        for place in sides(sentence, side, lexicon)
        for region in named_near(sentence, *place, lexicon)
    }
