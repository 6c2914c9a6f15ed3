"""A few elements of a file are changed; every other byte stays, whatever it holds, and it can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGBaseline8Bit

from ris.dicom.rewriting import CannotRewrite, Element, head, splice, untouched
from tests.ris.dicom.objects import ct, file_of, pdf

PATIENT_ID, ACCESSION, ORIGINAL = 0x00100020, 0x00080050, 0x04000561
CHANGED = (ACCESSION, PATIENT_ID, 0x00100021, ORIGINAL)


def with_sequences() -> Dataset:
    """Sequences and items of both kinds of length, in the way of what is changed."""
    inner = Dataset()
    inner.CodeValue, inner.CodingSchemeDesignator, inner.CodeMeaning = "1", "99T", "one"
    outer = Dataset()
    outer.PurposeOfReferenceCodeSequence = [inner]
    outer["PurposeOfReferenceCodeSequence"].is_undefined_length = True
    outer.is_undefined_length_sequence_item = True
    dataset = ct(ReferencedImageSequence=[outer, inner])
    dataset["ReferencedImageSequence"].is_undefined_length = True
    dataset.add_new(0x00091010, "UN", b"private")
    return dataset


def written(dataset: Dataset, syntax: str, path: Path) -> Path:
    if syntax == JPEGBaseline8Bit:
        dataset.PixelData = encapsulate([b"\xff\xd8jpeg\xff\xd9"])
        dataset["PixelData"].is_undefined_length = True
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.save_as(
        path,
        implicit_vr=syntax == ImplicitVRLittleEndian,
        little_endian=syntax != ExplicitVRBigEndian,
        enforce_file_format=True,
    )
    return path


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, JPEGBaseline8Bit]
)
def test_only_what_is_named_changes_and_comes_back_byte_by_byte(syntax: str, tmp_path: Path) -> None:
    source = written(with_sequences(), syntax, tmp_path / "a")
    new, back = tmp_path / "b", tmp_path / "c"
    found = head(source, CHANGED)
    assert found.values[PATIENT_ID].strip() == b"T-1"
    values = {ACCESSION: None, PATIENT_ID: b"NORTH1", 0x00100021: b"NORTH", ORIGINAL: None}
    vrs = {PATIENT_ID: b"LO", 0x00100021: b"LO"}
    made = {
        tag: Element(tag, vrs[tag], value).encoded(found.syntax) if value else None for tag, value in values.items()
    }
    splice(source, new, made)
    changed, original = dcmread(new), dcmread(source)
    assert (changed.PatientID, changed.IssuerOfPatientID, "AccessionNumber" in changed) == ("NORTH1", "NORTH", False)
    assert changed.PixelData == original.PixelData
    assert changed.ReferencedImageSequence == original.ReferencedImageSequence
    assert untouched(new, CHANGED) == untouched(source, CHANGED)
    splice(new, back, {tag: found.elements.get(tag) for tag in CHANGED})
    assert back.read_bytes() == source.read_bytes()


def test_an_element_behind_the_last_one_is_put_at_the_end(tmp_path: Path) -> None:
    dataset = ct()
    del dataset.PixelData
    source = tmp_path / "a"
    source.write_bytes(file_of(dataset))
    splice(source, tmp_path / "b", {0xFFFCFFFC: Element(0xFFFCFFFC, b"OB", b"end").encoded(head(source, ()).syntax)})
    assert dcmread(tmp_path / "b")[0xFFFCFFFC].value == b"end\0"


def test_a_changed_pixel_is_noticed(tmp_path: Path) -> None:
    one, other = tmp_path / "a", tmp_path / "b"
    one.write_bytes(file_of(pdf()))
    other.write_bytes(one.read_bytes().replace(b"trailer", b"traileR"))
    assert untouched(one, CHANGED) != untouched(other, CHANGED)


@pytest.mark.parametrize("cut", [131, 140, 400, -1])
def test_a_damaged_file_is_refused_in_words(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(file_of(ct())[:cut])
    with pytest.raises(CannotRewrite, match=r"damaged|not a DICOM"):
        untouched(path, (0xFFFCFFFC,))


@pytest.mark.parametrize("kind", ["two transfer syntaxes", "an element of an unknown type"])
def test_what_the_archive_would_read_otherwise_is_refused(kind: str, tmp_path: Path) -> None:
    """It measures an element of an unknown type with four bytes of length, and believes the first of two equal ones."""
    raw = file_of(ct())
    at = raw.index(bytes.fromhex("02001000") + b"UI" if kind == "two transfer syntaxes" else bytes.fromhex("08000500"))
    odd = raw[at : raw.index(b"\2\0", at + 8)] if kind == "two transfer syntaxes" else b"\x08\0\1\0ZZ\0\0"
    path = tmp_path / "a"
    path.write_bytes(raw[:at] + odd + raw[at:])
    with pytest.raises(CannotRewrite, match="damaged"):
        head(path, [0x0020000D])


def test_a_file_nested_without_end_is_refused_and_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a"
    level = bytes.fromhex("400030a7 5351 0000 ffffffff feff00e0 ffffffff")
    path.write_bytes(file_of(ct())[:-140] + level * 5000)
    with pytest.raises(CannotRewrite, match="nested"):
        untouched(path, (0xFFFCFFFC,))
