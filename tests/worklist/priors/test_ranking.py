"""The ranking beside the written cases, and the rules that hold for every pair."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worklist.priors.cases import CASES, Case
from worklist.priors.anatomy import WITHIN, nearness
from worklist.priors.ranking import MODALITIES, Exam, ranked, relevance

AGREED_AT_LEAST = 36


def exam(text: str, key: int = 0) -> Exam:
    modality, where, month = text.split()
    part, _, side = where.partition("/")
    return Exam(key, part, modality, side, date.fromisoformat(f"{month}-01"))


def first_two(case: Case) -> tuple[str, ...]:
    order = ranked(exam(case.current), [exam(text, key) for key, text in enumerate(case.priors)])
    return tuple(case.priors[prior.exam.key] for prior in order[:2])


def test_the_first_two_are_those_that_a_radiologist_opens() -> None:
    agreed = [first_two(case) == case.first_two for case in CASES]

    assert len(CASES) == 40
    others = [
        (case.current, first_two(case), case.first_two) for case, same in zip(CASES, agreed, strict=True) if not same
    ]
    assert sum(agreed) >= AGREED_AT_LEAST, others


exams = st.builds(
    Exam,
    key=st.integers(0, 9),
    body_part=st.sampled_from(["WHOLEBODY", "CHEST", "BREAST", "", "LOCAL TERM", *WITHIN]),
    modality=st.sampled_from(sorted({name for pair in MODALITIES for name in pair})),
    laterality=st.sampled_from(["", "L", "R", "B"]),
    day=st.none() | st.dates(date(1990, 1, 1), date(2030, 1, 1)),
)


@given(exams, exams)
def test_relevance_is_a_share_and_never_more_than_that_of_the_same_exam(one: Exam, other: Exam) -> None:
    assert 0 <= relevance(one, other) <= 1
    assert nearness(one.body_part, other.body_part) == nearness(other.body_part, one.body_part)
    assert relevance(one, other) <= relevance(
        one, Exam(1, one.body_part, one.modality, one.laterality, one.day)
    ) or not (one.body_part and one.day)


@given(exams, st.lists(exams))
def test_ranking_loses_and_invents_nothing_but_later_exams(current: Exam, others: list[Exam]) -> None:
    kept = [prior.exam for prior in ranked(current, others)]

    left = [other for other in others if current.day and other.day and other.day > current.day]
    assert sorted(map(repr, kept + left)) == sorted(map(repr, others))


@pytest.mark.parametrize("part", sorted(WITHIN))
def test_every_part_lies_in_something_and_never_in_itself(part: str) -> None:
    seen = [part]
    while (above := WITHIN.get(seen[-1])) is not None:
        assert above not in seen
        seen.append(above)
