"""A UID is exchanged inside sequences, in every way in which they may be written, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from ris.dicom.rewriting import CannotRewrite, head, renamed, splice
from tests.ris.dicom.objects import ct

from .test_splicing import written

EVIDENCE, STUDY, SOP = 0x0040A375, 0x0020000D, 0x00081155
OLD, NEW, THIRD = "1.2.3.4", "2.25.123456789012345", "1.2.3.45"
SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]


def evidence(study: str, *, undefined: bool) -> Dataset:
    image = Dataset()
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3.4.5"
    series, item = Dataset(), Dataset()
    series.SeriesInstanceUID, series.ReferencedSOPSequence = "1.2.3.4.6", [image]
    item.ReferencedSeriesSequence, item.StudyInstanceUID = [series], study
    if undefined:
        item["ReferencedSeriesSequence"].is_undefined_length = True
        item.is_undefined_length_sequence_item = True
        series.is_undefined_length_sequence_item = True
    return item


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("undefined", [False, True])
def test_the_study_is_renamed_and_renaming_it_back_gives_the_same_bytes(
    syntax: str, undefined: bool, tmp_path: Path
) -> None:
    items = [evidence(OLD, undefined=undefined), evidence(THIRD, undefined=False)]
    dataset = ct(CurrentRequestedProcedureEvidenceSequence=items)
    dataset["CurrentRequestedProcedureEvidenceSequence"].is_undefined_length = undefined
    source, target = written(dataset, syntax, tmp_path / "a"), tmp_path / "b"
    before = head(source, [EVIDENCE])
    there = renamed(before.elements[EVIDENCE], before.syntax, dict.fromkeys((STUDY, SOP), (OLD, NEW)))
    splice(source, target, {EVIDENCE: there})
    one, other = dcmread(target).CurrentRequestedProcedureEvidenceSequence
    assert (one.StudyInstanceUID, other.StudyInstanceUID) == (NEW, THIRD)
    assert one.ReferencedSeriesSequence == items[0].ReferencedSeriesSequence, "images keep their UIDs"
    back = renamed(there, before.syntax, dict.fromkeys((STUDY, SOP), (NEW, OLD)))
    assert back == before.elements[EVIDENCE]


def test_a_sequence_that_ends_early_is_refused(tmp_path: Path) -> None:
    dataset = ct(CurrentRequestedProcedureEvidenceSequence=[evidence(OLD, undefined=False)])
    found = head(written(dataset, ExplicitVRLittleEndian, tmp_path / "a"), [EVIDENCE])
    whole = bytearray(found.elements[EVIDENCE])
    whole[16:20] = (len(whole) * 2).to_bytes(4, "little")  # the item says that it is longer than the sequence
    with pytest.raises(CannotRewrite):
        renamed(bytes(whole), found.syntax, {STUDY: (OLD, NEW)})
