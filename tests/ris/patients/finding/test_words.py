"""Sounds, slips and keys."""

from __future__ import annotations

from datetime import date

import pytest

from ris.patients.finding.keys import groups_of, keys_of, number_key, variants_of, words_of
from ris.patients.finding.sounds import sound_of
from ris.patients.finding.spelling import shortened, slips_between


@pytest.mark.parametrize(
    "alike",
    [
        ("schmidt", "schmitt", "schmid", "shmidt"), ("meyer", "maier", "mayr", "meier"),
        ("muller", "mueller", "moller"),
        ("steven", "stephen"), ("katherine", "catherine", "kathryn"), ("philip", "filip"), ("knight", "night"),
        ("yilmaz", "jilmas"), ("wright", "right"),
    ],
)  # fmt: skip
def test_spellings_of_one_name_sound_alike(alike: tuple[str, ...]) -> None:
    assert len({sound_of(name) for name in alike}) == 1


@pytest.mark.parametrize(("one", "other"), [("schmidt", "schneider"), ("martin", "morris"), ("jones", "johnson")])
def test_different_names_sound_different(one: str, other: str) -> None:
    assert sound_of(one) != sound_of(other)


@pytest.mark.parametrize("word", ["", "h", "山田", "n0012"])
def test_what_has_no_latin_sound_has_none(word: str) -> None:
    assert sound_of(word) == ""


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("schmidt", "schmidt", 0), ("schmidt", "schmitd", 1), ("jon", "john", 1), ("maria", "marai", 1),
     ("abcd", "wxyz", 3),
     ("smith", "smithson", 3), ("meier", "mayer", 2)],
)  # fmt: skip
def test_slips_are_counted_up_to_two(one: str, other: str, slips: int) -> None:
    assert slips_between(one, other) == slips_between(other, one) == slips


@pytest.mark.parametrize("typed", ["schmdt", "schmiidt", "schmitd", "schnidt", "chmidt"])
def test_a_word_one_slip_away_shares_a_shortened_form(typed: str) -> None:
    assert shortened(typed) & shortened("schmidt")


def test_short_words_have_no_neighbours() -> None:
    assert shortened("lee") == {"lee"}


def test_a_name_of_several_words_is_also_one_word() -> None:
    assert words_of(["O'Connor", "Anne-Marie"]) == ["o", "connor", "anne", "marie", "oconnor", "annemarie"]


def test_the_groups_of_a_name_are_not_mixed() -> None:
    keys = keys_of(groups_of(["Yamada", "Tarou"], "山田^太郎", ""), None)
    assert {"yamada tarou", "tarou yamada", "山田 太郎", "山田太郎 山田"} <= keys
    assert not {key for key in keys if "yamada" in key and "山田" in key}


def test_the_date_of_birth_stands_before_each_word() -> None:
    assert keys_of([["ng"]], date(1976, 4, 16)) == {"ng", "19760416 ng"}


def test_a_number_is_compared_without_blanks_dashes_and_case() -> None:
    assert number_key("N-00 12") == number_key("n0012") == "n0012"


def test_variants_hold_the_sound() -> None:
    assert "~smt" in variants_of("smith")
