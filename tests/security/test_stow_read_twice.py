"""An object that says two things: what we judge is what the archive files (PS3.5 §7.1), seen at the real Orthanc."""

from __future__ import annotations

import struct
import uuid
from io import BytesIO

import pytest
from pydicom import dcmread

from ris.dicom.archive import get_archive
from tests.viewer import objects
from tests.viewer.hospital import Browser, Hospital


def new_uid() -> str:
    return f"2.25.{uuid.uuid4().int >> 64}"


def element(tag: int, vr: bytes, text: str) -> bytes:
    value = text.encode() + (b"\0" if vr == b"UI" else b" ") * (len(text) % 2)
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


def said_before(raw: bytes, tag: int, vr: bytes, text: str) -> bytes:
    """Another value of an element put in front of it: DCMTK keeps the first, pydicom the last."""
    at = raw.index(struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr))
    return raw[:at] + element(tag, vr, text) + raw[at:]


def two_faced(hospital: Hospital, raw: bytes, sop: str) -> bytes:
    """Read by its last elements it is of study A, and by its first `sop` of study B."""
    for tag, vr, text in (
        (0x00080018, b"UI", sop),
        (0x00100020, b"LO", hospital.b.place.patient_id),
        (0x0020000D, b"UI", hospital.b.study),
    ):
        raw = said_before(raw, tag, vr, text)
    return raw


@pytest.mark.parametrize("kind", ["segmentation", "report"])
def test_what_names_two_studies_enters_neither(hospital: Hospital, rita: Browser, kind: str) -> None:
    ours, theirs = new_uid(), new_uid()
    if kind == "report":
        raw = objects.structured_report(hospital.a.place, new_uid(), ours)
    else:
        raw = objects.segmentation(hospital.a.place, new_uid(), ours, 1, 1)
    lie = two_faced(hospital, raw, theirs)
    judged = dcmread(BytesIO(lie), stop_before_pixels=True)
    assert (judged.StudyInstanceUID, judged.SOPInstanceUID) == (hospital.a.study, ours), "as our own reader sees it"
    answer = hospital.store(rita, lie)
    assert (answer.status, "(0008,0018) stands twice" in answer.json()["message"]) == (409, True), answer.body
    assert (get_archive().locate(ours), get_archive().locate(theirs)) == (None, None)


def test_the_archive_files_such_an_object_by_what_stands_first(hospital: Hospital) -> None:
    """Why it may not pass: given to the archive as it is, it enters the study of somebody else."""
    theirs = new_uid()
    get_archive().store(
        [two_faced(hospital, objects.structured_report(hospital.a.place, new_uid(), new_uid()), theirs)]
    )
    where = get_archive().locate(theirs)
    assert where is not None
    assert where.study_instance_uid == hospital.b.study


@pytest.mark.parametrize(
    ("patient_id", "is_theirs"),
    [("{0} ", True), (" {0}", False), ("{0}\x1b(B", False), ("{0}\0\0", False), ("{0}\0x", False)],
)
def test_a_patient_id_is_taken_as_the_archive_will_take_it(
    hospital: Hospital,
    rita: Browser,
    patient_id: str,
    is_theirs: bool,
) -> None:
    sop, plain = new_uid(), hospital.a.place.patient_id
    raw = objects.structured_report(hospital.a.place, new_uid(), sop)
    at = raw.index(struct.pack("<HH2s", 0x10, 0x20, b"LO"))
    length = 8 + struct.unpack_from("<H", raw, at + 6)[0]
    odd = raw[:at] + element(0x00100020, b"LO", patient_id.format(plain)) + raw[at + length :]
    assert hospital.store(rita, odd).status == (200 if is_theirs else 409)
    assert (get_archive().locate(sop) is not None) == is_theirs
    assert hospital.ask(f"{hospital.a.path}/metadata", rita).status == 200, "two patients of one study would hide it"
