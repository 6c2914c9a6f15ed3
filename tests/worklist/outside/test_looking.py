"""What was brought is told by its bytes; what cannot be used, or would harm, is said in words."""

from __future__ import annotations

import stat
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from pytest_django import Settings

from ris.core.errors import ConcurrentUpdateError, InvalidInput, NotPermitted, TransitionError
from tests.ris.dicom.objects import ct, file_of
from tests.world import World
from worklist.outside import limits, looking
from worklist.outside.actions import Part, begin_import, close_import, discard_import, take_part
from worklist.outside.comparing import studies_in
from worklist.outside.folder import folder_of, path_of
from worklist.outside.zips import Limits

from .discs import brought, disc, folder_files, images, zipped

pytestmark = pytest.mark.db


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


def a_zip(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, body in entries.items():
            archive.writestr(name, body)
    return out.getvalue()


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_a_disc_is_read_whether_it_comes_as_a_folder_or_as_a_zip(form: str, world: World, tmp_path: Path) -> None:
    folder = disc(tmp_path, *images(3))
    files = folder_files(folder) if form == "folder" else {"disc.zip": zipped(folder)}
    row = brought(world.clerk, world.north, files, piece=700)
    assert row.state == "ready", row.problem
    (study,) = studies_in(row)
    assert (study.files, study.series, study.facts["patient_name"]) == (3, 1, "Møller^Åse")
    assert (study.facts["description"], study.facts["body_part"]) == ("CT Thorax", "CHEST")
    assert [file.name.rsplit("/", 1)[-1] for file in row.files.filter(kind="pdf")] == ["REPORT.PDF"]
    (note,) = row.notes
    assert "No DICOM, left out (2)" in note
    assert "VIEWER.EXE" in note


def test_a_directory_that_names_more_than_is_there_says_so(world: World, tmp_path: Path) -> None:
    files = folder_files(disc(tmp_path, *images(3)))
    del files["IMAGES/IM2"]
    row = brought(world.clerk, world.north, files)
    assert any("names 3 objects, of which 1 are missing" in note for note in row.notes)


def test_names_in_a_zip_lead_nowhere(world: World, tmp_path: Path) -> None:
    """Neither `..` nor an absolute path nor a link decides where bytes are written."""
    outside = tmp_path / "outside.dcm"
    body = file_of(images(1)[0])
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../../outside.dcm", body)
        archive.writestr(str(outside), file_of(images(1)[0]))
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    row = brought(world.clerk, world.north, {"evil.zip": out.getvalue()})
    assert row.state == "ready"
    assert len(studies_in(row)) == 2, "what they hold is read all the same"
    assert not outside.exists()
    written = {path.resolve() for path in (tmp_path / "data").rglob("*") if path.is_file()}
    assert written == {path_of(file).resolve() for file in row.files.filter(kind="dicom")}
    assert any("Links, not followed (1)" in note for note in row.notes)


@pytest.mark.parametrize(("files", "words"), [
    ({"a.zip": b"PK\x03\x04 and then nothing of the kind"}, "damaged"),
    ({"a.zip": a_zip({"x": bytes(40 * 1024 * 1024)})}, "out of all measure"),
    ({"a.zip": a_zip({"inner.zip": a_zip({"x": b"y"}, zipfile.ZIP_STORED)}, zipfile.ZIP_STORED)}, "No DICOM object"),
    ({"holiday.jpg": b"\xff\xd8\xff beach"}, "No DICOM object"),
    ({"half.dcm": file_of(ct())[:300]}, "No DICOM object"),
])  # fmt: skip
def test_what_cannot_be_used_is_refused_in_words(files: dict[str, bytes], words: str, world: World) -> None:
    row = brought(world.clerk, world.north, files)
    assert (row.state, words in row.problem) == ("failed", True), row.problem


def test_an_encrypted_zip_says_what_to_do(world: World) -> None:
    body = bytearray(a_zip({"x": file_of(ct())}))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = body.index(mark) + (6 if mark == b"PK\x03\x04" else 8)
        body[at] |= 1
    row = brought(world.clerk, world.north, {"secret.zip": bytes(body)})
    assert (row.state, "password" in row.problem) == ("failed", True)


def test_a_zip_that_lies_about_its_size_is_not_believed(world: World) -> None:
    """The directory of the ZIP says ten bytes, the entry holds more."""
    body = bytearray(a_zip({"x": bytes(5000)}, zipfile.ZIP_STORED))
    at = body.index(b"PK\x01\x02") + 24
    body[at : at + 4] = (10).to_bytes(4, "little")
    row = brought(world.clerk, world.north, {"a.zip": bytes(body)})
    assert (row.state, row.files.filter(name__endswith="/x", size__gt=0).exists()) == ("failed", False)


def test_too_many_files_and_too_many_bytes_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "DELIVERY", Limits(files=2, bytes=10_000))
    many = brought(world.clerk, world.north, {"a.zip": a_zip({str(n): b"x" for n in range(3)})})
    assert "more than 2 files" in many.problem
    large = brought(world.clerk, world.north, {"a.zip": a_zip({"x": b"ab" * 6000}, zipfile.ZIP_STORED)})
    assert "larger than" in large.problem


def test_letters_of_a_wrong_character_set_are_read_or_doubted(world: World) -> None:
    undeclared = images(1)[0]
    undeclared.SpecificCharacterSet = "ISO_IR 192"
    body = file_of(undeclared).replace(b"ISO_IR 192", b"ISO_IR 100")  # UTF-8 that calls itself Latin 1
    row = brought(world.clerk, world.north, {"a.dcm": body})
    assert studies_in(row)[0].facts["patient_name"] == "Møller^Åse"
    latin = images(1, PatientName="M\xfcller^J\xf6rg", SpecificCharacterSet="ISO_IR 100")[0]
    body = file_of(latin).replace(b"ISO_IR 100", b"ISO_IR 192")  # and the other way round
    doubted = brought(world.clerk, world.north, {"a.dcm": body})
    assert any("wrong character set" in note for note in doubted.notes)


def test_the_same_object_twice_is_one(world: World) -> None:
    body = file_of(images(1)[0])
    row = brought(world.clerk, world.north, {"a": body, "b": body})
    assert (studies_in(row)[0].files, "The same object twice" in row.notes[0]) == (1, True)


def test_a_piece_that_is_sent_again_changes_nothing_and_a_gap_is_refused(world: World) -> None:
    row = begin_import(world.north, source="", by=world.clerk)
    for _ in range(2):
        file = take_part(row, Part(name="a", offset=0, body=BytesIO(b"abc")), by=world.clerk)
    assert path_of(file).read_bytes() == b"abc"
    with pytest.raises(ConcurrentUpdateError, match="missing"):
        take_part(row, Part(name="a", offset=10, body=BytesIO(b"z")), by=world.clerk)
    with pytest.raises(InvalidInput, match="MB at most"):
        take_part(row, Part(name="b", offset=0, body=BytesIO(bytes(limits.PART_MAX + 1))), by=world.clerk)


def test_only_those_who_may_bring_and_only_while_it_is_open(world: World) -> None:
    with pytest.raises(NotPermitted):
        begin_import(world.north, source="", by=world.referrer)
    row = begin_import(world.north, source="", by=world.clerk)
    with pytest.raises(InvalidInput, match="no file"):
        close_import(row, by=world.clerk)
    take_part(row, Part(name="a", offset=0, body=BytesIO(b"abc")), by=world.clerk)
    close_import(row, by=world.clerk)
    with pytest.raises(ConcurrentUpdateError, match="closed"):
        take_part(row, Part(name="b", offset=0, body=BytesIO(b"abc")), by=world.clerk)
    with pytest.raises(TransitionError):
        discard_import(row, by=world.clerk)


def test_what_is_discarded_is_gone_from_the_disk(world: World, django_capture_on_commit_callbacks: object) -> None:
    row = brought(world.clerk, world.north, {"a": file_of(ct())})
    place = folder_of(row)
    assert list(place.iterdir())
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        discard_import(row, by=world.clerk)
    assert not place.exists()
