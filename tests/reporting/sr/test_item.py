"""Elements as they are encoded, read without a library in between: the library is the oracle."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import config
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from reporting.sr import elements
from reporting.sr.part10 import parse
from tests.reporting.sr.hostile import element, file

SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]


def encoded(dataset: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.88.22")
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = UID("2.25.1")
    dataset.file_meta.ImplementationClassUID = UID("2.25.2")
    target = BytesIO()
    with config.disable_value_validation():
        dataset.save_as(target, enforce_file_format=True)
    return target.getvalue()


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize(("charset", "name"), [
    ("ISO_IR 192", "Wang^XiaoDong=王^小東"),
    ("ISO_IR 100", "Müller^Änne"),
    ("ISO_IR 144", "Люкceмбypг"),
    (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    ("GB18030", "Zhang^XiaoDong=张^小东"),
])  # fmt: skip
def test_names_of_all_alphabets_are_read_in_items_too(syntax: str, charset: str | list[str], name: str) -> None:
    dataset, inside = Dataset(), Dataset()
    dataset.SpecificCharacterSet, dataset.PatientName = charset, name
    inside.PersonName = name
    dataset.ContentSequence = [inside]
    read = parse(encoded(dataset, syntax))
    assert elements.text(read, "PatientName") == name
    assert elements.text(elements.items(read, "ContentSequence")[0], "PersonName") == name


def test_the_escapes_of_chinese_names_do_not_stand_in_them() -> None:
    """pydicom 3.0.2 leaves them in (the sample `cs_gb2312_ir58.dcm`)."""
    name = b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab="
    read = parse(file(element(8, 5, b"CS", b"\\ISO 2022 IR 58") + element(0x10, 0x10, b"PN", name)))
    assert elements.text(read, "PatientName") == "Zhang^XiaoDong=张^小东="


def test_an_item_may_have_a_character_set_of_its_own() -> None:
    dataset, inside = Dataset(), Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 100"
    inside.SpecificCharacterSet, inside.TextValue = "ISO_IR 192", "Größe ≥ 3"
    dataset.ContentSequence = [inside]
    (item,) = elements.items(parse(encoded(dataset)), "ContentSequence")
    assert elements.text(item, "TextValue") == "Größe ≥ 3"


@settings(deadline=None, max_examples=60)
@given(
    points=st.lists(st.floats(-1e5, 1e5, width=32), min_size=1, max_size=12),
    decimal=st.decimals(-(10**6), 10**6, places=3),
    frames=st.lists(st.integers(1, 2**31 - 1), min_size=1, max_size=4),
    syntax=st.sampled_from(SYNTAXES),
)
def test_numbers_come_out_as_they_went_in(points: list[float], decimal: object, frames: list[int], syntax: str) -> None:
    dataset = Dataset()
    dataset.GraphicData, dataset.NumericValue, dataset.ReferencedFrameNumber = points, str(decimal), frames
    read = parse(encoded(dataset, syntax))
    assert elements.numbers(read, "GraphicData") == points
    assert elements.decimal_text(read, "NumericValue") == str(decimal)
    assert elements.numbers(read, "ReferencedFrameNumber") == frames


def test_what_is_absent_or_of_another_kind_is_nothing() -> None:
    dataset = Dataset()
    dataset.TextValue = "words"
    read = parse(encoded(dataset))
    assert elements.text(read, "PatientName") == ""
    assert elements.numbers(read, "TextValue") == []
    assert elements.items(read, "TextValue") == []
    assert elements.concept(read, "ConceptNameCodeSequence") is None
