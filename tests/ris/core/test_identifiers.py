"""UIDs, accession numbers and AE titles (PS3.5 §6.2, §9)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ris.core import identifiers
from ris.core.identifiers import is_accession, is_ae_title, is_uid, uid

PARTS = st.lists(st.one_of(st.text(), st.integers()), max_size=4)


@pytest.fixture(autouse=True)
def _an_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(identifiers._sources, "installation", lambda: ("2.25", "an-installation"))


@given(st.text(), PARTS)
def test_a_uid_is_legal_and_always_the_same(kind: str, parts: list[object]) -> None:
    made = uid(kind, *parts)
    assert is_uid(made)
    assert made == uid(kind, *parts)


@given(PARTS, PARTS)
def test_different_things_have_different_uids(one: list[object], other: list[object]) -> None:
    same = [str(part) for part in one] == [str(part) for part in other]
    assert (uid("study", *one) == uid("study", *other)) is same


def test_the_kind_counts() -> None:
    assert uid("study", 1) != uid("series", 1)


def test_another_installation_makes_other_uids(monkeypatch: pytest.MonkeyPatch) -> None:
    here = uid("study", 1)
    monkeypatch.setitem(identifiers._sources, "installation", lambda: ("2.25", "another"))
    assert uid("study", 1) != here


@pytest.mark.parametrize("value", ["1.2.3", "2.25.0", "0.0", "1." * 31 + "1", "2.25." + "9" * 39])
def test_these_are_uids(value: str) -> None:
    assert is_uid(value)


@pytest.mark.parametrize("value", ["", "1.", ".1", "1..2", "1.02", "1.2a", "1.2\n", "１.２", "1" * 65, "../1", "1.2 "])
def test_these_are_none(value: str) -> None:
    assert not is_uid(value)


@pytest.mark.parametrize("value", ["CT1", "A" * 16, "CT-1_2"])
def test_these_are_ae_titles(value: str) -> None:
    assert is_ae_title(value)


@pytest.mark.parametrize("value", ["", "ct1", "A" * 17, "CT 1", "CT\\1", "CT1\n"])
def test_these_are_no_ae_titles(value: str) -> None:
    assert not is_ae_title(value)


@pytest.mark.parametrize("value", ["", "A" * 17, "N26*", "N26?1", "N26\\1", "N26 1", "N26\n"])
def test_what_could_widen_a_search_is_no_accession_number(value: str) -> None:
    assert not is_accession(value)
