"""Nothing enters that we read in one way and the archive in another: pydicom judges here, DCMTK files there."""

from __future__ import annotations

import json
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread

from ris.dicom import sandbox
from ris.dicom.sandbox.errors import Refusal
from tests.viewer import objects
from viewer.patching import edits
from viewer.stow_rules import Described, describe, faults

EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
UNDEFINED = 0xFFFFFFFF
OHIF = Path(__file__).parents[1] / "reporting" / "sr" / "ohif"
A, B = objects.Place("1.2.3", "P1"), objects.Place("1.2.4", "P2")


@dataclass(frozen=True)
class Writer:
    """Elements as bytes, in one of the two encodings."""

    syntax: str

    def one(self, tag: int, vr: bytes, value: bytes) -> bytes:
        head = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
        value += (b"\0" if vr == b"UI" else b" ") * (len(value) % 2)
        if self.syntax == IMPLICIT:
            return head + struct.pack("<I", len(value)) + value
        if vr in {b"SQ", b"UN", b"OB"}:
            return head + vr + b"\0\0" + struct.pack("<I", len(value)) + value
        return head + vr + struct.pack("<H", len(value)) + value

    def sequence(self, tag: int, *items: bytes) -> bytes:
        return self.one(tag, b"SQ", b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(item)) + item for item in items))

    def open_sequence(self, tag: int, *items: bytes) -> bytes:
        """The same with open lengths."""
        opened, over = struct.pack("<HHI", 0xFFFE, 0xE000, UNDEFINED), struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
        empty = self.one(tag, b"SQ", b"")[:-4] + struct.pack("<I", UNDEFINED)
        return empty + b"".join(opened + item + over for item in items) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def file(body: bytes, syntax: str = EXPLICIT, *, meta: bytes | None = None, length: int | None = None) -> bytes:
    """Preamble, meta information that names an SR, and a dataset."""
    write = Writer(EXPLICIT)
    if meta is None:
        named = {0x00020002: objects.ENHANCED_SR, 0x00020003: "1.2.3.8.1", 0x00020010: syntax}
        meta = b"".join(write.one(tag, b"UI", text.encode()) for tag, text in named.items())
    told = write.one(0x00020000, b"UL", struct.pack("<I", len(meta) if length is None else length))
    return b"\0" * 128 + b"DICM" + told + meta + body


def naming(write: Writer, place: objects.Place, sop: str = "1.2.3.8.1") -> list[bytes]:
    """The elements that say where a report belongs, in order."""
    return [
        write.one(0x00080016, b"UI", objects.ENHANCED_SR.encode()),
        write.one(0x00080018, b"UI", sop.encode()),
        write.one(0x00080060, b"CS", b"SR"),
        write.one(0x00100020, b"LO", place.patient_id.encode()),
        write.one(0x0020000D, b"UI", place.study.encode()),
        write.one(0x0020000E, b"UI", b"1.2.3.8"),
    ]


def report(write: Writer, content: bytes = b"") -> bytes:
    return file(b"".join(naming(write, A)) + content, write.syntax)


BOTH = pytest.mark.parametrize("write", [Writer(EXPLICIT), Writer(IMPLICIT)], ids=["explicit", "implicit"])


# Twice, or out of order


@BOTH
@pytest.mark.parametrize("at", range(6))
def test_an_element_that_stands_twice_is_named_and_refused(write: Writer, at: int) -> None:
    ours, theirs = naming(write, A), naming(write, B, "1.2.4.8.1")
    doubled = [*ours[:at], theirs[at], *ours[at:]]
    with pytest.raises(Refusal, match=r"the element \([0-9A-F]{4},[0-9A-F]{4}\) stands twice"):
        describe(file(b"".join(doubled), write.syntax))


@BOTH
def test_an_earlier_element_behind_a_later_one_is_refused(write: Writer) -> None:
    theirs = naming(write, B, "1.2.4.8.1")
    with pytest.raises(Refusal, match=r"\(0008,0018\) is out of order"):
        describe(file(b"".join([*naming(write, A), theirs[1]]), write.syntax))


@BOTH
@pytest.mark.parametrize("opened", [False, True], ids=["with lengths", "delimited"])
@pytest.mark.parametrize("depth", [1, 3])
def test_inside_sequences_too(write: Writer, depth: int, opened: bool) -> None:
    sequence = write.open_sequence if opened else write.sequence
    text = write.one(0x0040A040, b"CS", b"TEXT")

    def wrapped(item: bytes) -> bytes:
        for _ in range(depth):
            item = sequence(0x0040A730, item)
        return report(write, item)

    assert describe(wrapped(text))["patient_id"] == "P1"
    with pytest.raises(Refusal, match=r"\(0040,A040\) stands twice"):
        describe(wrapped(text + text))


def test_equal_elements_of_two_items_are_no_doubles() -> None:
    write = Writer(EXPLICIT)
    text = write.one(0x0040A040, b"CS", b"TEXT")
    assert describe(report(write, write.sequence(0x0040A730, text, text)))["study_instance_uid"] == "1.2.3"


def test_a_segmentation_is_held_to_it_where_only_its_top_is_changed() -> None:
    raw = objects.segmentation(A, "1.2.3.7", "1.2.3.7.1", 1, 1)
    doubled = Writer(EXPLICIT).one(0x00100020, b"LO", b"P2")
    at = raw.index(struct.pack("<HH2s", 0x10, 0x20, b"LO"))
    for judged in (describe, lambda body: edits(body, "{}", "Rita", True)):
        with pytest.raises(Refusal, match=r"\(0010,0020\) stands twice"):
            judged(raw[:at] + doubled + raw[at:])


TAGS = [0x00080050, 0x0008103E, 0x00100010, 0x00181000, 0x00204000]


@settings(max_examples=150, deadline=None)
@given(tags=st.lists(st.sampled_from(TAGS), min_size=1, max_size=6), data=st.data())
def test_whatever_stands_in_a_dataset_enters_only_in_ascending_order(tags: list[int], data: st.DataObject) -> None:
    write = data.draw(st.sampled_from([Writer(EXPLICIT), Writer(IMPLICIT)]))
    body = b"".join(write.one(tag, b"LO", b"x") for tag in tags)
    depth = data.draw(st.integers(0, 3))
    for _ in range(depth):
        body = data.draw(st.sampled_from([write.sequence, write.open_sequence]))(0x0040A730, body)
    raw = report(write, body) if depth else file(_with_naming(write, tags), write.syntax)
    if all(one < other for one, other in pairwise(tags)):
        assert describe(raw)["patient_id"] == "P1"
    else:
        with pytest.raises(Refusal, match="stands twice"):
            describe(raw)


def _with_naming(write: Writer, tags: list[int]) -> bytes:
    """The naming elements each before the first with a greater tag, as `tags` stand."""
    waiting, body = naming(write, A), b""
    for tag in tags:
        while waiting and _tag(waiting[0]) < tag:
            body += waiting.pop(0)
        body += write.one(tag, b"LO", b"x")
    return body + b"".join(waiting)


def _tag(element: bytes) -> int:
    group, number = struct.unpack_from("<HH", element)
    return int(group << 16 | number)


# Encodings that are read in two ways


def _unknown_type(write: Writer) -> bytes:
    """DCMTK takes four bytes of length behind a type that it does not know, pydicom two."""
    return file(struct.pack("<HH2sH", 0x0008, 0x0005, b"ZZ", 0) + b"".join(naming(write, A)))


def _explicit_where_implicit_is_said(write: Writer) -> bytes:
    """pydicom looks at the first element and changes its mind."""
    return file(b"".join(naming(write, A)), IMPLICIT)


def _open_text(write: Writer) -> bytes:
    """pydicom looks for the bytes of the delimiter, everybody else walks the items."""
    opened = struct.pack("<HH2sHI", 0x0040, 0xA730, b"UN", 0, UNDEFINED).replace(b"UN", b"OB")
    return report(write, opened + struct.pack("<HHIHHI", 0xFFFE, 0xE000, 0, 0xFFFE, 0xE0DD, 0))


def _unknown_name(write: Writer) -> bytes:
    """Of the type UN the archive keeps the padding, and takes P1 with a blank for somebody else."""
    return file(b"".join(naming(write, A)).replace(b"\x10\0\x20\0LO\x02\0", b"\x10\0\x20\0UN\0\0\x02\0\0\0"))


def _shifted_letters(write: Writer) -> bytes:
    """An escape that changes nothing for pydicom is a letter for the archive."""
    elements = naming(write, A)
    elements[3] = write.one(0x00100020, b"LO", b"P1\x1b(B")
    return file(b"".join(elements))


def _two_syntaxes(write: Writer) -> bytes:
    meta = b"".join(write.one(0x00020010, b"UI", one.encode()) for one in (IMPLICIT, EXPLICIT))
    return file(b"".join(naming(write, A)), meta=meta)


def _reaching_meta(write: Writer) -> bytes:
    """A group length that covers the first elements of the dataset, which DCMTK then does not see."""
    ours = naming(write, A)
    raw = file(b"".join(ours))
    (told,) = struct.unpack_from("<I", raw, 140)
    return raw[:140] + struct.pack("<I", told + len(ours[0]) + len(ours[1])) + raw[144:]


def _unlisted_syntax(write: Writer) -> bytes:
    return file(b"".join(naming(write, A)), "1.2.840.113619.5.2")


@pytest.mark.parametrize(
    "made",
    [_unknown_type, _explicit_where_implicit_is_said, _open_text, _unknown_name, _shifted_letters, _two_syntaxes,
     _reaching_meta, _unlisted_syntax],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_refused(made: Callable[[Writer], bytes]) -> None:
    with pytest.raises(Refusal):
        describe(made(Writer(EXPLICIT)))


@pytest.mark.parametrize("path", sorted(OHIF.glob("*.dcm")), ids=lambda path: path.stem)
def test_what_ohif_itself_wrote_is_read(path: Path) -> None:
    raw = path.read_bytes()
    assert describe(raw)["sop_instance_uid"] == dcmread(path).SOPInstanceUID


# DCMTK's word


def as_dcmtk_reads(raw: bytes, place: Path) -> dict[str, str] | None:
    """The naming elements of what the archive's own reader makes of the bytes; None when it refuses them."""
    place.write_bytes(raw)
    said = subprocess.run(["dcm2json", "-q", str(place)], capture_output=True, check=False, timeout=20)
    if said.returncode:
        return None
    found: dict[str, Any] = json.loads(said.stdout.decode("utf-8", "replace"))
    return {tag: str((found.get(tag, {}).get("Value") or [""])[0]).strip() for tag in TOLD}


TOLD = {
    "00080016": "sop_class_uid",
    "00080018": "sop_instance_uid",
    "0020000D": "study_instance_uid",
    "0020000E": "series_instance_uid",
    "00100020": "patient_id",
    "00080060": "modality",
}
RAW = {write.syntax: report(write, write.open_sequence(0x0040A730, write.one(0x0040A040, b"CS", b"TEXT")))
       for write in (Writer(EXPLICIT), Writer(IMPLICIT))}  # fmt: skip
PIECES = [
    *naming(Writer(EXPLICIT), B, "1.2.4.8.1"), *naming(Writer(IMPLICIT), B, "1.2.4.8.1"), b"ZZ", b"UN\0\0", b"SQ\0\0",
    b"\xff\xff\xff\xff", b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0", b"\0",
    b"\x1b(B",
]  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    raw=st.sampled_from(sorted(RAW.values())),
    changes=st.lists(
        st.tuples(st.integers(128, 420), st.sampled_from(PIECES) | st.binary(min_size=1, max_size=4), st.booleans()),
        min_size=1,
        max_size=3,
    ),
)
def test_what_passes_is_filed_under_the_names_under_which_it_was_judged(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, changes: list[tuple[int, bytes, bool]]
) -> None:
    for at, piece, is_put_in in changes:
        raw = raw[:at] + piece + raw[at if is_put_in else at + len(piece) :]
    judged = judgement(raw)
    if judged is None:
        return
    theirs = as_dcmtk_reads(raw, tmp_path_factory.getbasetemp() / "judged.dcm")
    assert theirs is None or theirs == {tag: getattr(judged, name) for tag, name in TOLD.items()}


def judgement(raw: bytes) -> Described | None:
    """What passes as a report of study A; None when it is refused."""
    try:
        found: dict[str, Any] = sandbox.call("viewer.stow_rules.describe", raw)
    except sandbox.SandboxRefused:
        return None
    one = Described(**found)
    return None if faults([one], study_uid=A.study, patient_id=A.patient_id) else one
