"""The elements of an answer as bytes, Little Endian (PS3.5 §7.1), made once and put together as each query asks.

Pure: no Django, no socket. What pydicom writes for the same values is the same, byte for byte; a test compares them.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable
from typing import Final

from pydicom.charset import convert_encodings, encode_string
from pydicom.tag import BaseTag, Tag
from pydicom.valuerep import PersonName

from worklist.mwl.attributes import Attribute
from worklist.mwl.charset import ASCII_TERMS, GB2312, SINGLE_BYTE
from worklist.mwl.query import Key
from worklist.mwl.style import TEXTS, IncompleteEntryError, Style, written

CHARSET: Final = Tag("SpecificCharacterSet")
ESCAPE: Final = b"\x1b$)A"
DELIMITER: Final = re.compile(r"([\^=\r\n])")
ITEM: Final = Tag(0xFFFE, 0xE000)
LONG: Final = frozenset({"SQ", "UC", "UR", "UT"})  # those of our table whose length has 32 bits (PS3.5 Table 7.1-1)


class Encoded:
    """One entry, or one item of a sequence, for one device: each element is encoded when it is first asked for."""

    __slots__ = ("_elements", "_items", "_latest", "_source", "_style")

    def __init__(self, source: object, style: Style) -> None:
        self._source = source
        self._style = style
        self._elements: dict[str, bytes] = {}
        self._items: dict[str, tuple[Encoded, ...]] = {}
        self._latest: tuple[tuple[Key, ...], bytes] = ((), b"")

    def answer(self, keys: tuple[Key, ...]) -> bytes:
        """The identifier of one response: exactly `keys`, which are in the order of their tags.

        Raises IncompleteEntryError when a type 1 value is missing.
        """
        asked, answer = self._latest
        if asked is not keys:  # a device asks the same keys all day
            answer = charset_element(self._style) + self._join(keys)
            self._latest = keys, answer
        return answer

    def _join(self, keys: tuple[Key, ...]) -> bytes:
        return b"".join([self._sequence(key) if key.attribute.items else self._element(key.attribute) for key in keys])

    def _element(self, attribute: Attribute) -> bytes:
        known = self._elements.get(attribute.keyword)
        if known is None:
            known = self._elements[attribute.keyword] = self._encode(attribute)
        return known

    def _encode(self, attribute: Attribute) -> bytes:
        values = written(attribute, getattr(self._source, attribute.source), self._style)
        if any(values):
            return element(attribute.tag, attribute.vr, value_bytes(attribute.vr, values, self._style), self._style)
        return _absent(attribute, self._style)

    def _sequence(self, key: Key) -> bytes:
        attribute = key.attribute
        items = self._items.get(attribute.keyword)
        if items is None:
            known = getattr(self._source, attribute.source)
            items = self._items[attribute.keyword] = tuple(Encoded(item, self._style) for item in known)
        if not items:
            return _absent(attribute, self._style)
        body = b"".join([_item(item._join(key.keys)) for item in items])  # noqa: SLF001  its own kind
        return element(attribute.tag, "SQ", body, self._style)


def charset_element(style: Style) -> bytes:
    """(0008,0005), unless the answer is plain ASCII."""
    if not set(style.charset) - ASCII_TERMS:
        return b""
    return element(CHARSET, "CS", _padded("\\".join(style.charset).encode("ascii"), b" "), style)


def element(tag: BaseTag, vr: str, value: bytes, style: Style) -> bytes:
    """Tag, representation, length, value (PS3.5 §7.1.2, §7.1.3)."""
    if style.implicit:
        return struct.pack("<HHL", tag.group, tag.element, len(value)) + value
    if vr in LONG:
        return struct.pack("<HH2sHL", tag.group, tag.element, vr.encode("ascii"), 0, len(value)) + value
    return struct.pack("<HH2sH", tag.group, tag.element, vr.encode("ascii"), len(value)) + value


def value_bytes(vr: str, values: tuple[str, ...], style: Style) -> bytes:
    """Values of one element, padded to an even length."""
    if vr == "US":
        return b"".join(struct.pack("<H", int(value)) for value in values)
    encode = _encoder(vr, style)
    return _padded(b"\\".join(encode(value) for value in values), b"\0" if vr == "UI" else b" ")


def _encoder(vr: str, style: Style) -> Callable[[str], bytes]:
    if GB2312 in style.charset and vr in TEXTS:
        return _in_gb2312
    if style.charset[0] in SINGLE_BYTE and len(style.charset) == 1 and vr in TEXTS:
        return lambda value: value.encode("shift_jis")  # both halves stand at once; pydicom writes a "?" for either
    encodings = convert_encodings(list(style.charset))
    if vr == "PN":
        return lambda value: PersonName(value).encode(encodings)
    if vr in TEXTS:
        return lambda value: encode_string(value, encodings)
    return lambda value: value.encode("ascii", "replace")


def _in_gb2312(value: str) -> bytes:
    """pydicom leaves out the escape sequence, which each part with a Chinese character begins with (PS3.5 §6.1.2.5)."""
    parts = DELIMITER.split(value)
    return b"".join(part.encode("ascii") if part.isascii() else ESCAPE + part.encode("gb2312") for part in parts)


def _absent(attribute: Attribute, style: Style) -> bytes:
    """Type 1 must be there, an unknown 1C is left out, an unknown 2, 2C or 3 is empty (PS3.4 K.2.2.1.2)."""
    if attribute.returned == "1":
        raise IncompleteEntryError(attribute.keyword)
    return b"" if attribute.returned == "1C" else element(attribute.tag, attribute.vr, b"", style)


def _item(body: bytes) -> bytes:
    return struct.pack("<HHL", ITEM.group, ITEM.element, len(body)) + body


def _padded(value: bytes, pad: bytes) -> bytes:
    return value + pad if len(value) % 2 else value


def ordered(keys: Iterable[Key]) -> tuple[Key, ...]:
    """In ascending order of tags, as a dataset is written (PS3.5 §7.1)."""
    return tuple(sorted(keys, key=lambda key: key.attribute.tag))
