"""Walk an encoded dataset in one loop and note where its elements stand, within limits (PS3.5 §7).

pydicom recurses per nested sequence, and an object nested a few hundred levels deep can eat the machine. Here the raw
bytes are walked without recursion, and refused as soon as a limit is passed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from reporting.sr.errors import SrRefused
from reporting.sr.item import Item, known_vr
from reporting.sr.limits import MAX_CONTENT_ITEMS, MAX_DEPTH, MAX_ELEMENTS, MAX_ITEMS

UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
CONTENT_SEQUENCE = 0x0040A730
LONG_VRS = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
CUT_SHORT = "The object is cut short or its lengths are wrong; it cannot be read."


@dataclass(slots=True)
class Frame:
    """One open sequence or item; `end` is None when a delimiter closes it."""

    end: int | None
    implicit: bool
    is_sequence: bool
    tag: int
    item: Item
    items: list[Item] = field(default_factory=list)


class Census:
    """Walk one dataset; `run` raises SrRefused when a limit is passed or the encoding is broken.

    Afterwards `root` is the dataset. Of a tag that stands twice the last counts, as in pydicom.
    """

    def __init__(self, body: bytes, *, implicit: bool, little: bool) -> None:
        self.body = body
        order = "<" if little else ">"
        self._tag = struct.Struct(order + "HH").unpack_from
        self._short = struct.Struct(order + "H").unpack_from
        self._long = struct.Struct(order + "L").unpack_from
        self._order = order
        self.root = Item(body, order)
        self.stack = [Frame(len(body), implicit, is_sequence=False, tag=0, item=self.root)]
        self.position = 0
        self.depth = self.items = self.content_items = self.elements = 0

    def run(self) -> None:
        try:
            while self._close_finished():
                self._step()
        except struct.error as error:
            raise SrRefused(CUT_SHORT) from error

    def _close_finished(self) -> bool:
        """Pop what has ended; False when the dataset is done."""
        while self.stack and (end := self.stack[-1].end) is not None and self.position >= end:
            if self.position > end:
                raise SrRefused(CUT_SHORT)
            self._pop()
        return bool(self.stack)

    def _pop(self) -> None:
        if self.stack.pop().is_sequence:
            self.depth -= 1

    def _step(self) -> None:
        group, element = self._tag(self.body, self.position)
        tag = group << 16 | element
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise SrRefused(f"The object has more than {MAX_ELEMENTS} elements.")
        if tag in (ITEM_END, SEQUENCE_END):
            self._delimiter(tag)
        elif self.stack[-1].is_sequence:
            self._item(tag)
        else:
            self._element(tag)

    def _delimiter(self, tag: int) -> None:
        frame = self.stack[-1]
        if frame.end is not None or frame.is_sequence != (tag == SEQUENCE_END):
            raise SrRefused("A sequence delimiter stands where none belongs; the object cannot be read.")
        self.position += 8
        self._pop()

    def _item(self, tag: int) -> None:
        sequence = self.stack[-1]
        if tag != ITEM:
            raise SrRefused("A sequence holds something other than items; the object cannot be read.")
        (length,) = self._long(self.body, self.position + 4)
        self.position += 8
        self._count_item(sequence)
        item = Item(self.body, self._order, sequence.item)
        sequence.items.append(item)
        self._open(length, Frame(None, sequence.implicit, is_sequence=False, tag=ITEM, item=item))

    def _count_item(self, sequence: Frame) -> None:
        self.items += 1
        self.content_items += sequence.tag == CONTENT_SEQUENCE
        if self.content_items > MAX_CONTENT_ITEMS:
            raise SrRefused(f"The report has more than {MAX_CONTENT_ITEMS} content items.")
        if self.items > MAX_ITEMS:
            raise SrRefused(f"The object has more than {MAX_ITEMS} sequence items.")

    def _element(self, tag: int) -> None:
        implicit = self.stack[-1].implicit
        vr, length, start = self._implicit_header() if implicit else self._explicit_header()
        self.position = start
        if self._is_sequence(tag, vr, length):
            self._enter(tag, vr, length)
            return
        if length == UNDEFINED:
            raise SrRefused("An element of undefined length is not a sequence; the object cannot be read.")
        self.position = self._within(start + length)
        self.stack[-1].item.places[tag] = (vr.decode("ascii", "replace"), start, self.position)

    def _enter(self, tag: int, vr: bytes, length: int) -> None:
        implicit = self.stack[-1].implicit or vr == b"UN"
        if length not in (0, UNDEFINED) and not self._item_follows():
            self.position = self._within(self.position + length)
            return
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SrRefused(f"The object is nested more than {MAX_DEPTH} levels deep.")
        frame = Frame(None, implicit, is_sequence=True, tag=tag, item=self.stack[-1].item)
        frame.item.places[tag] = frame.items
        self._open(length, frame)

    def _open(self, length: int, frame: Frame) -> None:
        frame.end = None if length == UNDEFINED else self._within(self.position + length)
        self.stack.append(frame)

    def _within(self, end: int) -> int:
        """`end`, when it lies inside everything that is open around it."""
        for frame in reversed(self.stack):
            if frame.end is not None:
                if end > frame.end:
                    raise SrRefused(CUT_SHORT)
                break
        return end

    def _item_follows(self) -> bool:
        group, element = self._tag(self.body, self.position)
        return bool(group << 16 | element == ITEM)

    def _implicit_header(self) -> tuple[bytes, int, int]:
        (length,) = self._long(self.body, self.position + 4)
        return b"", length, self.position + 8

    def _explicit_header(self) -> tuple[bytes, int, int]:
        vr = self.body[self.position + 4 : self.position + 6]
        if vr in LONG_VRS:
            (length,) = self._long(self.body, self.position + 8)
            return vr, length, self.position + 12
        (length,) = self._short(self.body, self.position + 6)
        return vr, length, self.position + 8

    @staticmethod
    def _is_sequence(tag: int, vr: bytes, length: int) -> bool:
        if vr == b"SQ":
            return True
        if vr not in (b"", b"UN"):
            return False
        return length == UNDEFINED or _is_known_sequence(tag)


def _is_known_sequence(tag: int) -> bool:
    return known_vr(tag) == "SQ"
