"""The elements at the top of a Part 10 file, one after the other, by their place in it (PS3.5 §7). Pure.

Nothing is interpreted and nothing is held in memory but what is asked for: a file of gigabytes costs as much as a small
one. Sequences are stepped over with a stack of our own, so that no nesting can drive us into recursion.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

UNDEFINED: Final = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
LONG_VRS: Final = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
SHORT_VRS: Final = frozenset(
    {b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL", b"SS",
     b"ST", b"TM", b"UI", b"UL", b"US"}
)  # fmt: skip
LETTERS: Final = re.compile(b"[A-Z][A-Z]")
IMPLICIT: Final = "1.2.840.10008.1.2"
BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"
DEPTH_MAX: Final = 64
STEPS_MAX: Final = 2_000_000
META_MAX: Final = 64 * 1024


class CannotRewrite(ValueError):
    """The file cannot be read or changed; the message is for people and says why, without PHI."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """How elements are written: with their VR or not, and in which byte order."""

    implicit: bool = False
    big: bool = False

    @classmethod
    def of(cls, transfer_syntax: str) -> Syntax:
        if transfer_syntax == DEFLATED:
            raise CannotRewrite("The object is stored deflated, which is not changed here.")
        return cls(transfer_syntax == IMPLICIT, transfer_syntax == BIG_ENDIAN)

    @property
    def order(self) -> str:
        return ">" if self.big else "<"


@dataclass(frozen=True, slots=True)
class Place:
    """One element: `start` is its first byte, its value begins at `value` and the next element at `end`."""

    tag: int
    start: int
    value: int
    end: int
    undefined: bool = False


class Reader:
    """Steps through a file that can seek; CannotRewrite where it is damaged."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._size, self._steps = file, size, 0

    def bytes_at(self, start: int, end: int) -> bytes:
        self._file.seek(start)
        found = self._file.read(end - start)
        if len(found) < end - start:
            raise CannotRewrite("The file is damaged: it ends inside an element.")
        return found

    def elements(self, at: int, syntax: Syntax) -> Iterator[Place]:
        """Every element from here to the end of the file."""
        while at < self._size:
            place = self.element(at, syntax)
            yield place
            at = place.end

    def element(self, at: int, syntax: Syntax) -> Place:
        tag, value, length = self._head(at, syntax)
        if length == UNDEFINED:
            return Place(tag, at, value, self._end_of(value, syntax), undefined=True)
        if value + length > self._size:
            raise CannotRewrite("The file is damaged: it ends inside an element.")
        return Place(tag, at, value, value + length)

    def _head(self, at: int, syntax: Syntax) -> tuple[int, int, int]:
        """Tag, where the value begins, and its length."""
        self._steps += 1
        if self._steps > STEPS_MAX:
            raise CannotRewrite(f"The file has more than {STEPS_MAX} elements.")
        raw = self.bytes_at(at, at + 8)
        group, element = struct.unpack_from(syntax.order + "HH", raw)
        tag = group << 16 | element
        if syntax.implicit or group == 0xFFFE:
            return tag, at + 8, struct.unpack_from(syntax.order + "I", raw, 4)[0]
        if raw[4:6] not in LONG_VRS:
            if raw[4:6] not in SHORT_VRS and LETTERS.fullmatch(raw, 4, 6):  # DCMTK reads a long length there
                raise CannotRewrite("The file is damaged: an element is of a type that DICOM does not know.")
            return tag, at + 8, struct.unpack_from(syntax.order + "H", raw, 6)[0]
        return tag, at + 12, struct.unpack(syntax.order + "I", self.bytes_at(at + 8, at + 12))[0]

    def _end_of(self, at: int, syntax: Syntax) -> int:
        """Behind the delimiter of the sequence, or run of fragments, of undefined length that begins at `at`."""
        open_ones = [SEQUENCE_END]
        while open_ones:
            if len(open_ones) > 2 * DEPTH_MAX:
                raise CannotRewrite(f"The file is nested more than {DEPTH_MAX} levels deep.")
            tag, value, length = self._head(at, syntax)
            at = value
            if tag == open_ones[-1]:
                open_ones.pop()
            elif length == UNDEFINED:
                open_ones.append(ITEM_END if tag == ITEM else SEQUENCE_END)
            else:
                at += length
            if at > self._size:
                raise CannotRewrite("The file is damaged: it ends inside an element.")
        return at


def meta_of(reader: Reader) -> tuple[dict[int, str], int]:
    """The file meta information by its elements' numbers, and where the dataset begins (PS3.10 §7.1)."""
    if reader.bytes_at(0, 132)[128:] != b"DICM":
        raise CannotRewrite("This is not a DICOM file.")
    found: dict[int, str] = {}
    end = 132
    while reader.bytes_at(end, end + 2) == b"\x02\x00":
        place = reader.element(end, Syntax())
        if place.undefined or place.end > META_MAX or place.tag & 0xFFFF in found:
            raise CannotRewrite("The file meta information is damaged.")
        found[place.tag & 0xFFFF] = reader.bytes_at(place.value, place.end).decode("ascii", "replace").strip(" \0")
        end = place.end
    return found, end
