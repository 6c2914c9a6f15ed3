"""The IHE integration statement names the test of all that it says is done."""

from __future__ import annotations

import re

from ris.home.conformance.documents import FOLDER

ROW = re.compile(
    r"^\| (?P<what>[^|]+) \| (?P<standing>done|in parts|other means|not there) \|(?P<rest>.*)$", re.MULTILINE
)
TEST = re.compile(r"`(tests/[\w/.]+)`")


def test_whatever_is_claimed_names_a_test_that_is_there() -> None:
    rows = list(ROW.finditer((FOLDER / "ihe.md").read_text(encoding="utf-8")))
    assert len(rows) > 15
    for row in rows:
        named = TEST.findall(row["rest"])
        assert bool(named) == (row["standing"] != "not there"), row["what"]
        assert [name for name in named if not (FOLDER.parent.parent / name).exists()] == [], row["what"]


def test_no_profile_is_claimed_in_full_while_a_transaction_is_missing() -> None:
    text = (FOLDER / "ihe.md").read_text(encoding="utf-8")
    assert "| not there |" in text
    assert "| Claimed in full | no profile |" in text
