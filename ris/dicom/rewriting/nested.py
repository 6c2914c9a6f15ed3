"""UIDs replaced inside a sequence, at any depth; lengths follow, and every other byte stays. Pure.

Items are walked with a bound on their depth (PS3.5 §7.5); what was written with an undefined length stays so.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from io import BytesIO
from typing import Final

from pydicom.datadict import dictionary_has_tag, dictionary_VR

from ris.dicom.rewriting.elements import (
    DEPTH_MAX,
    ITEM,
    ITEM_END,
    UNDEFINED,
    CannotRewrite,
    Place,
    Reader,
    Syntax,
)
from ris.dicom.rewriting.splicing import Element

HEADER: Final = 8  # bytes of an item's tag and length, and of a delimiter


def renamed(element: bytes, syntax: Syntax, uids: Mapping[int, tuple[str, str]]) -> bytes:
    """A whole sequence element, with the UID at each of these tags exchanged where it is the first of the two.

    Raises CannotRewrite for what is damaged, or nested too deeply.
    """
    walk = _Walk(Reader(BytesIO(element), len(element)), syntax, uids)
    return walk.sequence(walk.reader.element(0, syntax), DEPTH_MAX)


class _Walk:
    """One element's bytes, read once from front to back."""

    def __init__(self, reader: Reader, syntax: Syntax, uids: Mapping[int, tuple[str, str]]) -> None:
        self.reader, self.syntax, self._uids = reader, syntax, uids

    def sequence(self, place: Place, depth: int) -> bytes:
        if not depth:
            raise CannotRewrite(f"The file is nested more than {DEPTH_MAX} levels deep.")
        at, end = place.value, place.end - (HEADER if place.undefined else 0)
        body = b""
        while at < end:
            made, at = self._item(at, end, depth)
            body += made
        head = self.reader.bytes_at(place.start, place.value)
        if place.undefined:
            return head + body + self.reader.bytes_at(end, place.end)
        return head[:-4] + self._length(len(body)) + body

    def _item(self, at: int, end: int, depth: int) -> tuple[bytes, int]:
        """One item made anew, and where the next one begins."""
        tag, length = self._head(at)
        if tag != ITEM:
            raise CannotRewrite("The file is damaged: a sequence holds something that is no item.")
        head, at = self.reader.bytes_at(at, at + HEADER), at + HEADER
        stop = end if length == UNDEFINED else at + length
        body = b""
        while at < stop and not (length == UNDEFINED and self._head(at)[0] == ITEM_END):
            place = self.reader.element(at, self.syntax)
            body += self._element(place, depth)
            at = place.end
        if at > end or (length != UNDEFINED and at != stop):
            raise CannotRewrite("The file is damaged: it ends inside an item.")
        if length != UNDEFINED:
            return head[:-4] + self._length(len(body)) + body, at
        return head + body + self.reader.bytes_at(at, at + HEADER), at + HEADER

    def _element(self, place: Place, depth: int) -> bytes:
        if self._is_sequence(place):
            return self.sequence(place, depth - 1)
        old, new = self._uids.get(place.tag, ("", ""))
        raw = self.reader.bytes_at(place.start, place.end)
        if old and self.reader.bytes_at(place.value, place.end).rstrip(b" \0") == old.encode():
            return Element(place.tag, b"UI", new.encode()).encoded(self.syntax)
        return raw

    def _is_sequence(self, place: Place) -> bool:
        if not self.syntax.implicit:
            return self.reader.bytes_at(place.start + 4, place.start + 6) == b"SQ"
        return place.undefined or (dictionary_has_tag(place.tag) and dictionary_VR(place.tag) == "SQ")

    def _head(self, at: int) -> tuple[int, int]:
        group, element, length = struct.unpack(self.syntax.order + "HHI", self.reader.bytes_at(at, at + HEADER))
        return group << 16 | element, length

    def _length(self, length: int) -> bytes:
        return struct.pack(self.syntax.order + "I", length)
