"""Which side a text names: what a careful reader would take from it, and nothing more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worklist.exam.sentences import SENTENCES
from worklist.exam.sides import Evidence, compare, sides_of, sides_of_code


@pytest.mark.parametrize(("text", "part", "sides"), SENTENCES)
def test_a_text_names_the_sides_that_a_reader_takes_from_it(text: str, part: str, sides: str) -> None:
    assert sides_of(text, part=part) == frozenset(sides)


@pytest.mark.parametrize(("text", "part", "sides"), SENTENCES)
def test_small_letters_and_capitals_say_the_same(text: str, part: str, sides: str) -> None:
    assert sides_of(text.lower(), part=part) == sides_of(text.upper().replace("ẞ", "SS"), part=part) == frozenset(sides)


def test_the_list_holds_enough_of_each_kind() -> None:
    silent = [text for text, _part, sides in SENTENCES if not sides]
    assert len(SENTENCES) >= 110
    assert len(silent) >= 40


@given(st.text(max_size=64), st.text(max_size=16))
def test_no_text_is_too_strange(text: str, part: str) -> None:
    assert sides_of(text, part=part) <= frozenset("RLB")


@pytest.mark.parametrize(("code", "sides"), [("R", "R"), ("l ", "L"), ("B", "B"), ("U", ""), ("", ""), ("LEFT", "")])
def test_a_code_is_taken_as_the_standard_has_it(code: str, sides: str) -> None:
    assert sides_of_code(code) == frozenset(sides)


def evidence(*sides: str) -> list[Evidence]:
    return [Evidence(side, "series description", f"KNEE {side}", number) for number, side in enumerate(sides, 1)]


@pytest.mark.parametrize(("ordered", "seen", "verdict"), [
    ("L", "L", "agrees"), ("L", "LL", "agrees"), ("L", "R", "differs"), ("L", "LR", "differs"), ("R", "L", "differs"),
    ("L", "B", "agrees"), ("L", "", "silent"), ("", "R", "silent"),
    ("B", "B", "agrees"), ("B", "RL", "agrees"), ("B", "R", "partial"), ("B", "", "silent"),
])  # fmt: skip
def test_the_order_is_held_against_the_images(ordered: str, seen: str, verdict: str) -> None:
    assert compare(ordered, evidence(*seen)).verdict == verdict


def test_only_what_speaks_against_the_order_is_shown_as_such() -> None:
    found = compare("L", evidence("L", "R"))
    assert [(item.side, item.series) for item in found.against] == [("R", 2)]
    assert found.found == "B"
