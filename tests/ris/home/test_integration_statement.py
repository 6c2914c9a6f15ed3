"""The IHE integration statement names the test of all that it says is done."""

from __future__ import annotations

import re

from ris.hl7.outgoing.messages.tables import ACTIONABLE, SECTIONS, STUDY
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


def test_the_codes_of_actionable_findings_are_those_that_are_sent() -> None:
    """As RadLex and IHE RD have them: RID49480 to RID49482 for the categories 1 to 3."""
    text = (FOLDER / "ihe.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"RID\d+", text)) == [one.code[0] for one in ACTIONABLE.values()]
    for code, _words, scheme in (*(SECTIONS[name] for name in ("finding", "impression", "recommendation")), STUDY):
        assert code in text, scheme


def test_no_profile_is_claimed_in_full_while_a_transaction_is_missing() -> None:
    text = (FOLDER / "ihe.md").read_text(encoding="utf-8")
    assert "| not there |" in text
    assert "| Claimed in full | no profile |" in text
