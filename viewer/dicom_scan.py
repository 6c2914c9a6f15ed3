"""Walk the structure of a Part 10 file without building anything: how deep, how many elements, is it whole (PS3.5 §7).

Pure, and run in the sandbox. pydicom needs recursion for each nested sequence and minutes for some files of a few
megabytes; this walk is flat, so that such a file is refused before pydicom sees it.

What passes is read alike by everybody. pydicom, which judges here, keeps the second of two equal elements, and DCMTK,
which files at the archive, the first; they also measure elements of unknown types differently, and where a length is
left open or an encoding is doubtful, pydicom guesses. Nothing that leaves such a choice goes on.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache

from pydicom.datadict import dictionary_VR

from ris.dicom.rewriting.elements import IMPLICIT, LETTERS, LONG_VRS, SHORT_VRS
from ris.dicom.sandbox.errors import Refusal

DEPTH_MAX = 64
ELEMENTS_MAX = 2_000_000
ITEMS_MAX = 10_000  # of anything but a segmentation: pydicom takes seconds for more
UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
JPEG, EXPLICIT = "1.2.840.10008.1.2.4.", "1.2.840.10008.1.2.1"
# PS3.5 annex A: little endian. Of one that is not in its tables, a reader has to guess the encoding.
WALKED = frozenset(
    {IMPLICIT, EXPLICIT, "1.2.840.10008.1.2.5", *(f"{JPEG}{last}" for last in (50, 51, 57, 70, 80, 81, 90, 91))}
)
# What says where an object belongs stands in the type that the dictionary gives it (PS3.6), and in plain bytes.
NAMING = {
    0x00080005: b"CS", 0x00080016: b"UI", 0x00080018: b"UI", 0x00100020: b"LO", 0x0020000D: b"UI", 0x0020000E: b"UI",
}  # fmt: skip
PIXELS = 0x7FE00010
# Groups below are of messages, of the file meta information and of directories (PS3.5 §7.1, §7.8.1).
FIRST_GROUP = 0x0008
STRAY = "It is damaged: a delimiter stands where none belongs."


@dataclass(frozen=True, slots=True)
class Shape:
    """What a walk found: deepest sequence nesting (0 for a flat dataset), number of elements and items, of items."""

    depth: int
    elements: int
    items: int


@dataclass(slots=True)
class _Open:
    """A sequence, item or run of fragments that is being walked; `end` is a byte offset, None when delimited.

    `last` is the tag that was met last in it. `guessed`: pydicom looks at its first element, or at that of its items,
    to find out how they are encoded.
    """

    kind: str
    end: int | None
    implicit: bool
    guessed: bool = False
    last: int = -1


class _Walk:
    """One pass over the dataset with its own stack."""

    def __init__(self, data: bytes, at: int, *, implicit: bool) -> None:
        self.data, self.at, self.depth, self.elements, self.items = data, at, 0, 0, 0
        self.tops: list[tuple[int, int]] = []
        self.stack = [_Open("dataset", len(data), implicit, guessed=implicit)]

    def run(self) -> Shape:
        while self.stack:
            top = self.stack[-1]
            if top.end is not None and self.at >= top.end:
                if self.at > top.end:
                    raise Refusal("It is damaged: a value reaches beyond its container.")
                self.stack.pop()
                continue
            self.step(top)
        return Shape(self.depth, self.elements, self.items)

    def step(self, top: _Open) -> None:
        self.elements += 1
        if self.elements > ELEMENTS_MAX:
            raise Refusal(f"It has more than {ELEMENTS_MAX} elements.")
        if self.at + 8 > len(self.data):
            raise Refusal("It is damaged: it ends inside an element.")
        group, element = struct.unpack_from("<HH", self.data, self.at)
        tag = group << 16 | element
        if group == 0xFFFE:
            self.delimiter(tag, top)
        else:
            self.element(tag, top)

    def delimiter(self, tag: int, top: _Open) -> None:
        (length,) = struct.unpack_from("<I", self.data, self.at + 4)
        self.at += 8
        if tag == ITEM and top.kind == "sequence":
            self.items += 1
            self.push("item", length, implicit=top.implicit, guessed=top.guessed)
        elif tag == ITEM and top.kind == "fragments" and length != UNDEFINED:
            self.skip(length)
        elif (tag == ITEM_END and top.kind == "item") or (
            tag == SEQUENCE_END and top.kind in {"sequence", "fragments"}
        ):
            if top.end is not None or length:
                raise Refusal(STRAY)
            self.stack.pop()
        else:
            raise Refusal(STRAY)

    def element(self, tag: int, top: _Open) -> None:
        if top.kind not in {"dataset", "item"}:
            raise Refusal("It is damaged: an element stands where an item belongs.")
        self.place(tag, top)
        vr, length = self.head(tag, implicit=top.implicit)
        if len(self.stack) == 1 and tag in NAMING:
            self.naming(tag, vr, length)
        if vr == b"SQ":
            self.push("sequence", length, implicit=top.implicit)
        elif vr == b"UN" and (length == UNDEFINED or _known_vr(tag, undefined=False) == b"SQ"):
            # such a sequence is in implicit VR (PS3.5 §6.2.2 note)
            self.push("sequence", length, implicit=True, guessed=True)
        elif length == UNDEFINED:
            if tag != PIXELS or vr not in {b"OB", b"OW"}:
                raise Refusal("It is damaged: a value without a length is no sequence and no image.")
            self.push("fragments", length, implicit=top.implicit)
        else:
            self.skip(length)

    def place(self, tag: int, top: _Open) -> None:
        """Each element once, in ascending order (PS3.5 §7.1)."""
        if tag <= top.last:
            how = "stands twice" if tag == top.last else "is out of order or stands twice"
            raise Refusal(f"It is damaged: the element {tag_words(tag)} {how}.")
        if tag >> 16 < FIRST_GROUP:
            raise Refusal(f"It is damaged: the element {tag_words(tag)} belongs into no object.")
        if top.guessed and top.implicit and top.last < 0 and LETTERS.match(self.data, self.at + 4):
            raise Refusal("It is damaged: it is not encoded as it says.")
        if len(self.stack) == 1:
            self.tops.append((tag, self.at))
        top.last = tag

    def naming(self, tag: int, vr: bytes, length: int) -> None:
        """What says where it belongs cannot be read in two ways."""
        value = self.data[self.at : self.at + length].removesuffix(b"\0")
        if vr not in {NAMING[tag], b""} or any(letter < 0x20 or letter == 0x7F for letter in value):
            raise Refusal(f"It is damaged: {tag_words(tag)} is not written as DICOM writes it.")

    def head(self, tag: int, *, implicit: bool) -> tuple[bytes, int]:
        """The VR, b"" where it goes without saying, and the length; moves to the value."""
        if implicit:
            (length,) = struct.unpack_from("<I", self.data, self.at + 4)
            self.at += 8
            return _known_vr(tag, undefined=length == UNDEFINED), length
        vr = self.data[self.at + 4 : self.at + 6]
        if vr in SHORT_VRS:
            (length,) = struct.unpack_from("<H", self.data, self.at + 6)
            self.at += 8
            return vr, length
        if vr not in LONG_VRS:
            raise Refusal(f"It is damaged: the element {tag_words(tag)} is of a type that DICOM does not know.")
        if self.at + 12 > len(self.data):
            raise Refusal("It is damaged: it ends inside an element.")
        (length,) = struct.unpack_from("<I", self.data, self.at + 8)
        self.at += 12
        return vr, length

    def push(self, kind: str, length: int, *, implicit: bool, guessed: bool = False) -> None:
        self.stack.append(_Open(kind, None if length == UNDEFINED else self.at + length, implicit, guessed))
        self.depth = max(self.depth, sum(1 for one in self.stack if one.kind == "sequence"))
        if self.depth > DEPTH_MAX:
            raise Refusal(f"It is nested more than {DEPTH_MAX} levels deep.")

    def skip(self, length: int) -> None:
        self.at += length
        if self.at > len(self.data):
            raise Refusal("It is damaged: it ends inside an element.")


@lru_cache(maxsize=8192)
def _known_vr(tag: int, *, undefined: bool) -> bytes:
    """SQ, OW or b"" for all else: in implicit VR the dictionary tells a sequence.

    What it does not know is a sequence when its length is undefined.
    """
    if tag == PIXELS:
        return b"OW"
    try:
        return b"SQ" if dictionary_VR(tag) == "SQ" else b""
    except KeyError:
        return b"SQ" if undefined else b""


def tag_words(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def tops(data: bytes, at: int, transfer_syntax: str) -> list[tuple[int, int]]:
    """(tag, where it begins) of each element that is in no sequence; refused like `shape`."""
    walk = _walk(data, at, transfer_syntax)
    walk.run()
    return walk.tops


def shape(data: bytes, at: int, transfer_syntax: str) -> Shape:
    """The shape of the dataset that begins at byte `at`; Refusal when it is damaged, too deep or too large."""
    return _walk(data, at, transfer_syntax).run()


def _walk(data: bytes, at: int, transfer_syntax: str) -> _Walk:
    if transfer_syntax not in WALKED:
        raise Refusal("Its transfer syntax is not taken here: send Explicit VR Little Endian.")
    return _Walk(data, at, implicit=transfer_syntax == IMPLICIT)
