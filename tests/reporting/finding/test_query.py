"""What is typed into the box, in the words of both databases."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.finding.query import Query, fts5, read, tsquery


@pytest.mark.parametrize(
    ("text", "wanted", "without"),
    [
        ("Rundherd Lunge", (("rundherd",), ("lunge",)), ()),
        ('"ground glass" lung', (("ground", "glass"), ("lung",)), ()),
        ("nodule -calcified", (("nodule",),), (("calcified",),)),
        ("Pleuraergüsse", (("pleuraergusse",),), ()),
        ("T2-hyperintense", (("t2", "hyperintense"),), ()),
        ('"', (), ()),
        ("* ( ) : ^ - !", (), ()),
    ],
)
def test_words_phrases_and_exclusions(text: str, wanted: tuple[object, ...], without: tuple[object, ...]) -> None:
    query = read(text)
    assert (query.wanted, query.without) == (wanted, without)


def test_a_long_word_finds_what_begins_so_and_a_short_one_itself() -> None:
    query = read("nodule mri")
    assert fts5(query, [["zzsite1"]], []) == '"nodule"* AND "mri" AND (zzsite1)'
    assert tsquery(query, [["zzsite1", "zzsite2"]], ["zzis"]) == "nodule:* & mri & (zzsite1 | zzsite2) & !(zzis)"


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_query_that_the_index_can_read(text: str) -> None:
    index = sqlite3.connect(":memory:")
    index.execute("CREATE VIRTUAL TABLE t USING fts5(body)")
    query = read(text)
    assert (
        index.execute("SELECT rowid FROM t WHERE t MATCH ?", [fts5(query, [["zzsite1"]], ["zziswithdrawn"])]).fetchall()
        == []
    )


def test_an_empty_query_asks_for_the_site_alone() -> None:
    assert fts5(Query(), [["zzsite1"]], ["zzis"]) == '((zzsite1)) NOT "zzis"'
