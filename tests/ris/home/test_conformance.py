from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ris.home.conformance import document
from ris.home.conformance.documents import DOCUMENTS, FOLDER
from ris.home.conformance.tables import TABLES
from ris.home.management.commands import conformance
from worklist.mwl.attributes import ATTRIBUTES


def test_the_statements_say_what_the_code_does() -> None:
    """When this fails: `manage.py conformance`, and read what changed."""
    assert {path.name for path in DOCUMENTS} >= {"dicom.md", "hl7.md", "fhir.md"}
    call_command("conformance", check=True)


def test_a_stale_table_is_told_and_written_anew(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    copy = Path(str(tmp_path)) / "dicom.md"
    whole = (FOLDER / "dicom.md").read_text()
    copy.write_text(whole.replace("Patient's Birth Date", "Patient's Shoe Size"))
    monkeypatch.setattr(conformance, "DOCUMENTS", {copy: TABLES})
    with pytest.raises(CommandError, match="stale"):
        call_command("conformance", check=True)
    call_command("conformance", stdout=StringIO())
    assert copy.read_text() == whole


def test_a_table_that_nobody_draws_is_refused() -> None:
    with pytest.raises(document.UnknownTable, match="nonsense"):
        document.refreshed("<!-- table: nonsense -->\n<!-- end -->", {})
    with pytest.raises(document.UnknownTable, match="mwl-keys"):
        document.refreshed("", {"mwl-keys": TABLES["mwl-keys"]})


def test_every_key_of_the_worklist_stands_in_its_table() -> None:
    table = TABLES["mwl-keys"]()
    assert all(f"({int(one.tag) >> 16:04X},{int(one.tag) & 0xFFFF:04X})" in table for one in ATTRIBUTES)
    assert "| (0040,0001) | >Scheduled Station AE Title | AE | required | 1 | yes |" in table
