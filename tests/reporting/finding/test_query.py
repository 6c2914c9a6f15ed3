"""What is typed into the box, in the words of both databases."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.finding.query import Query, fts5, read, tsquery, words_of
from reporting.finding.unspaced import is_cut, together
from reporting.proofreading.text import fold


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
        ("结节 -钙化", (("结节",),), (("钙化",),)),
        ("右肺上叶", (("右肺", "肺", "肺上", "上", "上叶"),), ()),
        ("CT右肺", (("ct", "右", "右肺"),), ()),
        ("肺", (("肺",),), ()),
        ("홍길동", ((fold("홍길동"),),), ()),
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


@given(st.text("右肺结节ガーa1 。,", max_size=20), st.integers(0, 19), st.integers(1, 6))
def test_whatever_stands_within_a_run_is_found_in_it(text: str, at: int, length: int) -> None:
    index = sqlite3.connect(":memory:")
    index.execute("CREATE VIRTUAL TABLE t USING fts5(body)")
    index.execute("INSERT INTO t VALUES (?)", [" ".join(words_of(text))])
    part = text[at : at + length].strip(" 。,")
    unspaced = "".join(char for char in part if char not in "a1 。,")
    if unspaced and unspaced == part:
        assert index.execute("SELECT 1 FROM t WHERE t MATCH ?", [fts5(read(part), [], [])]).fetchall() == [(1,)]


@given(st.text("右肺结节カルa1 。", max_size=30))
def test_what_was_cut_is_known_and_words_of_other_scripts_are_what_they_were(text: str) -> None:
    assert is_cut(" ".join(words_of(text)))
    assert is_cut("the heart is not enlarged zzsite1")
    assert not is_cut("zzsite1 ct示 nodule")
    assert not is_cut("右肺")


def test_a_name_is_known_without_its_space_too() -> None:
    assert [together(name) for name in ("王, 小東", "Dr. 山田, たろう", "王小東", "Wang, Xiaodong")] == [
        "王小東",
        "山田たろう",
        "",
        "",
    ]
