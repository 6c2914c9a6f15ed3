"""Names as DICOM, people and search have them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ris.patients.names import fault_of, fault_of_group, fault_of_number, folded, readable, to_pn


@pytest.mark.parametrize(("components", "pn"), [
    (("Møller", "Åse", "", "", ""), "Møller^Åse"), (("Møller", "", "", "Dr.", ""), "Møller^^^Dr."),
    (("", "", "", "", ""), ""), (("A", "B", "C", "D", "E"), "A^B^C^D^E"),
])  # fmt: skip
def test_empty_components_at_the_end_are_left_out(components: tuple[str, ...], pn: str) -> None:
    assert to_pn(*components) == pn


@pytest.mark.parametrize(("pn", "words"), [
    ("Radiologist^Rita^^Dr.", "Dr. Rita Radiologist"), ("Møller", "Møller"), ("A^B^C^D^E", "D B C A E"),
    ("Yamada^Tarou=山田^太郎", "Tarou Yamada"), ("", ""), ("A^B^C^D^E^F", "D B C A E"), ("^^^", ""),
])  # fmt: skip
def test_a_dicom_name_is_read_as_people_say_it(pn: str, words: str) -> None:
    assert readable(pn) == words


@pytest.mark.parametrize(("text", "key"), [
    ("Møller", "moller"), ("MÜLLER-LÜDENSCHEIDT", "muller ludenscheidt"), ("Weiß", "weiss"), ("  a   b ", "a b"),
    ("Łukasz", "lukasz"), ("O'Connor", "o connor"), ("İpek", "ipek"), ("Yılmaz", "yilmaz"), ("山田", "山田"), ("", ""),
])  # fmt: skip
def test_search_compares_without_accents_and_case(text: str, key: str) -> None:
    assert folded(text) == key


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text())
def test_a_name_without_fault_keeps_the_shape_of_a_dicom_name(text: str) -> None:
    if not fault_of(text):
        assert to_pn(text, "x").count("^") == 1
        assert not set("=\\") & set(text)


@pytest.mark.parametrize("text", ["a^b", "a=b", "a\\b", "a\nb", "a\x00", "a\x7f"])
def test_separators_and_controls_cannot_stand_in_a_name(text: str) -> None:
    assert fault_of(text)


def test_a_group_may_have_its_carets_and_nothing_else() -> None:
    assert not fault_of_group("山田^太郎")
    assert fault_of_group("山田=太郎")


@pytest.mark.parametrize("number", ["", "a*", "a?", "a\\b", "a\n"])
def test_a_number_must_be_a_value_that_an_archive_searches_exactly(number: str) -> None:
    assert fault_of_number(number)


def test_an_ordinary_number_has_no_fault() -> None:
    assert not fault_of_number("NORTH0000001/2-x")
