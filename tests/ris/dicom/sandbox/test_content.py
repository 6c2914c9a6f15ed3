from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator

import pytest
from pydicom import Dataset, Sequence

from ris.dicom import sandbox
from ris.dicom.sandbox import SandboxRefused
from ris.dicom.sandbox.pool import Pool
from tests.ris.dicom.objects import common, ct, file_of

SEG = "1.2.840.10008.5.1.4.1.1.66.4"
DESCRIBE = "ris.dicom.sandbox.content.describe"
AS_JSON = "ris.dicom.sandbox.content.as_json"
SR = "1.2.840.10008.5.1.4.1.1.88.33"


def nested(depth: int) -> bytes:
    """A structured report whose content is nested `depth` levels deep, with undefined lengths, written by hand."""
    opening = struct.pack("<HH2sHI", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    closing = struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    return file_of(common(SOPClassUID=SR, Modality="SR")) + opening * depth + closing * depth


def nested_with_lengths(depth: int) -> bytes:
    """The same with defined lengths, which pydicom unfolds only when it is walked."""
    content = b""
    for _ in range(depth):
        item = struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content
        content = struct.pack("<HH2sHI", 0x0040, 0xA730, b"SQ", 0, len(item)) + item
    return file_of(common(SOPClassUID=SR, Modality="SR")) + content


@pytest.mark.parametrize("build", [nested, nested_with_lengths])
def test_an_ordinary_depth_is_read(build: Callable[[int], bytes]) -> None:
    assert sandbox.call(DESCRIBE, build(50))["sop_class_uid"] == SR


@pytest.mark.parametrize("depth", [65, 100, 300, 20_000])
@pytest.mark.parametrize("function", [DESCRIBE, AS_JSON])
@pytest.mark.parametrize("build", [nested, nested_with_lengths])
def test_deep_nesting_is_refused(build: Callable[[int], bytes], function: str, depth: int) -> None:
    with pytest.raises(SandboxRefused, match="nested") as caught:
        sandbox.call(function, build(depth))
    assert caught.value.code == "refused"


def test_a_report_with_too_many_items_is_refused() -> None:
    report = common(SOPClassUID=SR, Modality="SR")
    report.ContentSequence = Sequence([Dataset() for _ in range(10_001)])
    with pytest.raises(SandboxRefused, match="more than 10000 sequence items"):
        sandbox.call(DESCRIBE, file_of(report))


def test_a_segmentation_has_items_for_each_slice_of_each_segment_and_still_an_end() -> None:
    segmentation = common(SOPClassUID=SEG, Modality="SEG")
    segmentation.PerFrameFunctionalGroupsSequence = Sequence([Dataset() for _ in range(14_400)])
    assert sandbox.call(DESCRIBE, file_of(segmentation))["sop_class_uid"] == SEG
    segmentation.PerFrameFunctionalGroupsSequence = Sequence([Dataset() for _ in range(60_001)])
    with pytest.raises(SandboxRefused, match="more than 60000 sequence items"):
        sandbox.call(DESCRIBE, file_of(segmentation))


@pytest.fixture
def small_pool() -> Iterator[Pool]:
    pool = Pool(size=1, memory=512 * 1024**2)
    yield pool
    pool.close()


def test_a_deflate_bomb_does_not_unfold_into_the_machine(small_pool: Pool) -> None:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = b"\0" * (16 * 1024**2)
    bomb = b"".join(squeeze.compress(block) for _ in range(48)) + squeeze.flush()
    plain = file_of(ct())
    meta = plain[: plain.index(b"\x08\x00\x05\x00CS")].replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99")
    at = meta.index(b"\x02\x00\x10\x00UI")
    meta = meta[: at + 6] + struct.pack("<H", 22) + meta[at + 8 :]
    length = struct.unpack_from("<I", meta, 140)[0] + 2
    meta = meta[:140] + struct.pack("<I", length) + meta[144:]
    with pytest.raises(SandboxRefused) as caught:
        small_pool.call(DESCRIBE, meta + bomb)
    assert caught.value.code == "memory"


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.4", b"\0" * 132, b"\0" * 128 + b"DICM", b"\0" * 128 + b"DICM" + b"\xff" * 500]
)
def test_garbage_is_refused_or_read_as_nothing(data: bytes) -> None:
    try:
        found = sandbox.call(DESCRIBE, data)
    except SandboxRefused as error:
        assert error.code in {"refused", "failed"}  # noqa: PT017
    else:
        assert found["sop_instance_uid"] == ""


def test_identity_is_told() -> None:
    image = ct()
    found = sandbox.call(DESCRIBE, file_of(image))
    assert found.pop("digest")
    assert found == {
        "study_instance_uid": image.StudyInstanceUID,
        "series_instance_uid": image.SeriesInstanceUID,
        "sop_instance_uid": image.SOPInstanceUID,
        "sop_class_uid": image.SOPClassUID,
        "patient_id": "T-1",
    }


def test_dicom_json_has_the_text_and_not_the_pixels() -> None:
    image = ct(PixelData=b"\1" * 4096, PatientName="山田^太郎")
    found = sandbox.call(AS_JSON, file_of(image))
    assert found["00100010"]["Value"] == [{"Alphabetic": "山田^太郎"}]
    assert found["00280010"]["Value"] == [8]
    assert "7FE00010" not in found


def test_a_file_with_a_wrong_uid_or_number_is_still_described() -> None:
    image = ct()
    broken = file_of(image).replace(b"CT test", b"\xff\xfe\x00\x01\x02\x03\x04")
    assert sandbox.call(DESCRIBE, broken)["sop_instance_uid"] == image.SOPInstanceUID
