"""Walk the structure of a Part 10 file without building anything: how deep, how many elements, is it whole (PS3.5 §7).

Pure, and run in the sandbox. pydicom needs recursion for each nested sequence and minutes for some files of a few
megabytes; this walk is flat, so that such a file is refused before pydicom sees it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache

from pydicom.datadict import dictionary_VR

from ris.dicom.sandbox.errors import Refusal

DEPTH_MAX = 64
ELEMENTS_MAX = 2_000_000
ITEMS_MAX = 10_000  # of anything but a segmentation: pydicom takes seconds for more
UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
LONG_VRS = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
IMPLICIT = "1.2.840.10008.1.2"
NOT_WALKED = frozenset({"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"})


@dataclass(frozen=True, slots=True)
class Shape:
    """What a walk found: deepest sequence nesting (0 for a flat dataset), number of elements and items, of items."""

    depth: int
    elements: int
    items: int


@dataclass(slots=True)
class _Open:
    """A sequence, item or run of fragments that is being walked; `end` is a byte offset, None when delimited."""

    kind: str
    end: int | None
    implicit: bool


class _Walk:
    """One pass over the dataset with its own stack."""

    def __init__(self, data: bytes, at: int, *, implicit: bool) -> None:
        self.data, self.at, self.depth, self.elements, self.items = data, at, 0, 0, 0
        self.tops: list[tuple[int, int]] = []
        self.stack = [_Open("dataset", len(data), implicit)]

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
            self.push("item", length, implicit=top.implicit)
        elif tag == ITEM and top.kind == "fragments" and length != UNDEFINED:
            self.skip(length)
        elif (tag == ITEM_END and top.kind == "item") or (
            tag == SEQUENCE_END and top.kind in {"sequence", "fragments"}
        ):
            if top.end is not None:
                raise Refusal("It is damaged: a delimiter stands where none belongs.")
            self.stack.pop()
        else:
            raise Refusal("It is damaged: a delimiter stands where none belongs.")

    def element(self, tag: int, top: _Open) -> None:
        if top.kind not in {"dataset", "item"}:
            raise Refusal("It is damaged: an element stands where an item belongs.")
        if len(self.stack) == 1:
            self.tops.append((tag, self.at))
        vr, length = self.head(tag, implicit=top.implicit)
        if vr == b"SQ" or (vr == b"UN" and length == UNDEFINED):
            # UN of undefined length is a sequence in implicit VR (PS3.5 §6.2.2 note)
            self.push("sequence", length, implicit=top.implicit or vr == b"UN")
        elif length == UNDEFINED:
            self.push("fragments", length, implicit=top.implicit)
        else:
            self.skip(length)

    def head(self, tag: int, *, implicit: bool) -> tuple[bytes, int]:
        """The VR and the length; moves to the value."""
        if implicit:
            (length,) = struct.unpack_from("<I", self.data, self.at + 4)
            self.at += 8
            return _known_vr(tag, undefined=length == UNDEFINED), length
        vr = self.data[self.at + 4 : self.at + 6]
        if vr not in LONG_VRS:
            (length,) = struct.unpack_from("<H", self.data, self.at + 6)
            self.at += 8
            return vr, length
        if self.at + 12 > len(self.data):
            raise Refusal("It is damaged: it ends inside an element.")
        (length,) = struct.unpack_from("<I", self.data, self.at + 8)
        self.at += 12
        return vr, length

    def push(self, kind: str, length: int, *, implicit: bool) -> None:
        self.stack.append(_Open(kind, None if length == UNDEFINED else self.at + length, implicit))
        self.depth = max(self.depth, sum(1 for one in self.stack if one.kind == "sequence"))
        if self.depth > DEPTH_MAX:
            raise Refusal(f"It is nested more than {DEPTH_MAX} levels deep.")

    def skip(self, length: int) -> None:
        self.at += length
        if self.at > len(self.data):
            raise Refusal("It is damaged: it ends inside an element.")


@lru_cache(maxsize=8192)
def _known_vr(tag: int, *, undefined: bool) -> bytes:
    """In implicit VR the dictionary tells a sequence; what it does not know is one when its length is undefined."""
    if tag == 0x7FE00010:
        return b"OW"
    if undefined:
        return b"SQ"
    try:
        return b"SQ" if dictionary_VR(tag) == "SQ" else b"LO"
    except KeyError:
        return b"LO"


def tops(data: bytes, at: int, transfer_syntax: str) -> list[tuple[int, int]]:
    """(tag, where it begins) of each element that is in no sequence; refused like `shape`."""
    walk = _walk(data, at, transfer_syntax)
    walk.run()
    return walk.tops


def shape(data: bytes, at: int, transfer_syntax: str) -> Shape:
    """The shape of the dataset that begins at byte `at`; Refusal when it is damaged, too deep or too large."""
    return _walk(data, at, transfer_syntax).run()


def _walk(data: bytes, at: int, transfer_syntax: str) -> _Walk:
    if transfer_syntax in NOT_WALKED:
        raise Refusal("Its transfer syntax is not taken here: send Explicit VR Little Endian.")
    return _Walk(data, at, implicit=transfer_syntax == IMPLICIT)
