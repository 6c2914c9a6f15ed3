from __future__ import annotations

import pytest

from ris.dicom.archive.part10 import file_meta
from tests.ris.dicom.objects import ct, file_of


def test_a_file_tells_what_it_is() -> None:
    image = ct()
    meta = file_meta(file_of(image))
    assert meta.sop_instance_uid == image.SOPInstanceUID
    assert meta.sop_class_uid == image.SOPClassUID
    assert meta.transfer_syntax_uid == "1.2.840.10008.1.2.1"


@pytest.mark.parametrize("data", [b"", b"DICM", b"\0" * 128, b"%PDF-1.4" + b" " * 200])
def test_what_is_no_dicom_file_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a DICOM file"):
        file_meta(data)


def test_a_length_beyond_the_file_is_refused() -> None:
    whole = file_of(ct())
    at = whole.index(b"\x02\x00\x03\x00UI")
    with pytest.raises(ValueError, match="damaged"):
        file_meta(whole[: at + 6] + b"\xff\xff")


def test_any_cut_of_a_file_is_read_or_refused_but_never_crashes() -> None:
    whole = file_of(ct())[:600]
    outcomes: set[type] = set()
    for end in range(len(whole)):
        try:
            outcomes.add(type(file_meta(whole[:end])))
        except ValueError as error:
            outcomes.add(type(error))
    assert len(outcomes) == 2
