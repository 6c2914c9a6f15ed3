"""Which template a case gets: the specificity table, walked."""

from __future__ import annotations

from itertools import combinations

import pytest

from reporting.templates.choice import SPECIFICITY, Case, Exam, Rule, choose, ranked

CHEST = Exam("CTCHEST", "CT", "CHEST")
NAMED = {"procedure": "CTCHEST", "modality": "CT", "body_part": "CHEST", "site": "north", "radiologist": "7"}
OTHER = {"procedure": "CTABD", "modality": "MR", "body_part": "ABDOMEN", "site": "south", "radiologist": "8"}


def case(*keys: str, exams: tuple[Exam, ...] = (CHEST,)) -> Case:
    return Case(exams, site="north", radiologist="7", held=frozenset(keys))


def test_every_set_of_named_things_is_outweighed_by_the_one_above_it() -> None:
    weights = list(SPECIFICITY.values())
    assert weights == sorted(weights, reverse=True)
    assert all(weight > sum(weights[place + 1 :]) for place, weight in enumerate(weights))


@pytest.mark.parametrize("names", [c for n in range(6) for c in combinations(NAMED, n)])
def test_a_rule_speaks_when_all_that_it_names_is_true(names: tuple[str, ...]) -> None:
    rule = Rule("own", **{name: NAMED[name] for name in names})
    assert choose([rule], case("own")) == "own"
    for name in names:
        changed = {other: (OTHER if other == name else NAMED)[other] for other in names}
        assert choose([Rule("own", **changed)], case("own")) is None


@pytest.mark.parametrize(("better", "worse"), list(combinations(SPECIFICITY, 2)))
def test_what_the_exam_is_counts_before_who_reads_it_and_where(better: str, worse: str) -> None:
    rules = [Rule("a-worse", **{worse: NAMED[worse]}), Rule("z-better", **{better: NAMED[better]})]
    assert choose(rules, case("a-worse", "z-better")) == "z-better"


def test_the_procedure_outweighs_all_the_others_together() -> None:
    rest = {name: value for name, value in NAMED.items() if name != "procedure"}
    assert choose([Rule("rest", **rest), Rule("own", procedure="CTCHEST")], case("rest", "own")) == "own"


def test_a_template_without_a_published_version_is_never_chosen() -> None:
    rules = [Rule("draft", procedure="CTCHEST"), Rule("plain")]
    assert choose(rules, case("plain")) == "plain"
    assert choose(rules, case()) is None


def test_among_equals_it_is_always_the_same_one() -> None:
    rules = [Rule("b", modality="CT"), Rule("a", modality="CT")]
    assert choose(rules, case("a", "b")) == choose(rules[::-1], case("a", "b")) == "a"


def test_of_several_procedures_one_is_enough_but_it_must_be_the_same_one() -> None:
    both = (CHEST, Exam("MRBRAIN", "MR", "BRAIN"))
    assert choose([Rule("x", modality="MR")], case("x", exams=both)) == "x"
    assert choose([Rule("x", modality="MR", body_part="CHEST")], case("x", exams=both)) is None


def test_body_parts_are_compared_as_people_write_them() -> None:
    assert [rule.key for rule in ranked([Rule("x", body_part="Chest")], case("x"))] == ["x"]
