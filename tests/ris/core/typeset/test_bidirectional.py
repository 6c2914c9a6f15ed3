"""Right-to-left and left-to-right text on one line, judged by the Unicode algorithm of python-bidi."""

from __future__ import annotations

import pytest
from bidi import get_display
from bidi.mirror import MIRRORED
from hypothesis import given, settings
from hypothesis import strategies as st

from ris.core.typeset.bidirectional import paragraph, starts_right
from ris.core.typeset.fonts import turned
from ris.core.typeset.writing import Column, lines

SHALOM = "\u05e9\u05dc\u05d5\u05dd"
UPRIGHT = {turned(bracket): bracket for bracket in MIRRORED}
DIRECTED = st.text(
    st.sampled_from(
        "ab 12()[]{}<>\u2264,.-+%$/:!?\u05d0\u05d1\u05b8\u0627\u0644\u0661\u0662\u0301\u2329\u232a\u3008\u3009"
    ),
    min_size=1,
    max_size=24,
)


def shown(text: str, *, right_to_left: bool) -> str:
    return paragraph(text, right_to_left=right_to_left).line(0, len(text))


def upright(text: str) -> str:
    return "".join(UPRIGHT.get(one, one) for one in text)


@given(DIRECTED, st.booleans())
@settings(max_examples=1000, deadline=None)
def test_a_whole_line_stands_in_the_order_of_the_unicode_algorithm(text: str, right_to_left: bool) -> None:
    expected = get_display(text, base_dir="R" if right_to_left else "L")
    assert upright(shown(text, right_to_left=right_to_left)) == expected


@given(DIRECTED, st.booleans(), st.integers(0, 24))
def test_a_broken_line_loses_and_adds_nothing(text: str, right_to_left: bool, cut: int) -> None:
    whole = paragraph(text, right_to_left=right_to_left)
    at = min(cut, len(text))
    assert sorted(upright(whole.line(0, at))) == sorted(text[:at])
    assert sorted(upright(whole.line(at, len(text)))) == sorted(text[at:])


def test_brackets_turn_with_right_to_left_text() -> None:
    assert shown(f"({SHALOM})", right_to_left=True) == f"{turned(')')}{SHALOM[::-1]}{turned('(')}"


def test_brackets_around_a_measurement_in_hebrew_text_hold_the_measurement() -> None:
    text = f"{SHALOM} (12 mm) {SHALOM}"
    assert shown(text, right_to_left=False) == f"{SHALOM[::-1]} (12 mm) {SHALOM[::-1]}"


def test_a_number_and_its_bracket_keep_their_side_when_the_line_breaks_between_them() -> None:
    drawn = [upright(line.text) for line in lines(f"{SHALOM} (12 mm) \u2265 4 {SHALOM}", Column(9, len))]
    assert drawn == [f"12( {SHALOM[::-1]}", "4 \u2265 )mm", SHALOM[::-1]]


def test_a_hebrew_vowel_sign_is_drawn_from_the_left_edge_of_its_letter() -> None:
    assert shown("\u05d1\u05b8\u05d0", right_to_left=True) == "\u05d0\u05b8\u05d1"


@pytest.mark.parametrize(("text", "right"), [("", False), ("12 a", False), (f"12 {SHALOM} a", True), ("12 ()", False)])
def test_the_first_strong_letter_gives_the_direction(text: str, right: bool) -> None:
    assert starts_right(text) is right


@given(DIRECTED, st.booleans(), st.integers(0, 24), st.integers(0, 24))
def test_the_pieces_of_a_line_are_all_of_it_once(text: str, right_to_left: bool, one: int, other: int) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    whole = paragraph(text, right_to_left=right_to_left)
    pieces = sorted(whole.pieces(start, end))
    assert [at for first, last in pieces for at in range(first, last)] == list(range(end - start))


def test_the_pieces_of_a_line_stand_in_the_order_in_which_it_is_read() -> None:
    text = f"{SHALOM} 14.2 mm, {SHALOM}"
    whole = paragraph(text)
    drawn = whole.line(0, len(text))
    read = [drawn[first:last] for first, last in whole.pieces(0, len(text))]
    assert read == [SHALOM[::-1], " ", "14.2", " ", "mm", ",", " ", SHALOM[::-1]]
