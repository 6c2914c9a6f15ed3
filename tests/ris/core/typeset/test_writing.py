"""Lines in the order and shape in which a reader of that script expects them."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from bidi.mirror import MIRRORED
from hypothesis import given
from hypothesis import strategies as st

from ris.core.typeset.fonts import turned
from ris.core.typeset.writing import Column, drawn_characters, lines, settled

TEN_WIDE = Column(10, len)
SHALOM = "\u05e9\u05dc\u05d5\u05dd"


def drawn(text: str, column: Column = TEN_WIDE) -> list[str]:
    return [line.text for line in lines(text, column)]


def test_words_go_to_the_next_line_whole() -> None:
    assert drawn("no focal lesion found") == ["no focal", "lesion", "found"]


def test_a_word_wider_than_the_column_is_broken_and_nothing_of_it_is_lost() -> None:
    assert drawn("Hepatosplenomegaly") == ["Hepatosple", "nomegaly"]


def test_a_number_stays_with_its_unit_across_a_no_break_space() -> None:
    assert drawn("lesion 12\u00a0mm") == ["lesion", "12\u00a0mm"]


def test_empty_lines_and_indents_stay() -> None:
    assert drawn("a\n\n  b\tc") == ["a", "", "  b    c"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x0b", "\x0c", "\x85"])
def test_every_kind_of_line_end_ends_a_line(ending: str) -> None:
    assert drawn(f"a{ending}b") == ["a", "b"]


def test_the_lines_of_a_list_item_hang_behind_its_mark() -> None:
    found = lines("- one two three", TEN_WIDE)
    assert [(line.text, line.indent) for line in found] == [("- one two", 0.0), ("three", 2.0)]


def test_chinese_breaks_between_characters_but_never_before_a_full_stop() -> None:
    assert drawn("肺部未见明显异常改变。好") == ["肺部未见明显异常改", "变。好"]


def test_a_decomposed_letter_is_drawn_composed() -> None:
    assert settled("Mu\u0308ller") == "Müller"


def test_direction_marks_and_joiners_leave_no_ink() -> None:
    assert settled("a\u200e\u200b\u2066\ufeffb\u00ad\u202ec") == "abc"


def test_arabic_letters_join_and_vowel_signs_stay() -> None:
    shaped = settled("\u0643\u064f\u0633\u0631")
    assert shaped == "\ufedb\u064f\ufeb4\ufeae"
    assert normalize("NFKC", shaped) == "\u0643\u064f\u0633\u0631"


def test_hebrew_runs_from_the_right_and_numbers_in_it_from_the_left() -> None:
    (line,) = lines(f"{SHALOM} 12", TEN_WIDE)
    assert line.right_to_left
    assert line.text == f"12 {SHALOM[::-1]}"


def test_an_english_line_keeps_its_order_around_a_hebrew_word() -> None:
    (line,) = lines(f"a {SHALOM} b", TEN_WIDE)
    assert not line.right_to_left
    assert line.text == f"a {SHALOM[::-1]} b"


def test_a_turned_bracket_needs_the_glyph_of_its_mirror() -> None:
    assert drawn_characters("≤") == {"≤", "≥"}


# Private characters are refused by the guard; their plane holds our stand-ins for turned brackets.
@given(st.text(st.characters(exclude_categories=["Cs", "Co"]), max_size=80), st.integers(1, 40))
def test_breaking_lines_loses_nothing_but_blanks(text: str, width: int) -> None:
    upright = {turned(bracket): bracket for bracket in MIRRORED}
    kept = "".join(upright.get(one, one) for line in drawn(text, Column(width, len)) for one in line)
    assert sorted("".join(kept.split())) == sorted("".join(settled(text).split()))
