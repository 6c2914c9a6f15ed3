"""Bytes that mean harm, written by hand: pydicom itself does not survive writing some of them."""

from __future__ import annotations

import struct
import zlib

from tests.reporting.sr.builders import ENHANCED_SR

UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = (struct.pack("<HH", 0xFFFE, element) for element in (0xE000, 0xE00D, 0xE0DD))
DEFLATED = "1.2.840.10008.1.2.1.99"


def element(group: int, number: int, vr: bytes, value: bytes) -> bytes:
    """One Explicit VR Little Endian element."""
    padded = value + (b"" if len(value) % 2 == 0 else b"\0" if vr == b"UI" else b" ")
    if vr in (b"SQ", b"UT", b"OB", b"UN"):
        return struct.pack("<HH2sHL", group, number, vr, 0, len(padded)) + padded
    return struct.pack("<HH2sH", group, number, vr, len(padded)) + padded


def file(body: bytes, syntax: str = "1.2.840.10008.1.2.1") -> bytes:
    """Preamble, file meta information and a dataset."""
    meta = element(2, 0x10, b"UI", syntax.encode())
    length = element(2, 0, b"UL", struct.pack("<L", len(meta)))
    return b"\0" * 128 + b"DICM" + length + meta + body


def root(content: bytes, sop_class: str = ENHANCED_SR) -> bytes:
    """The least that makes an SR, around an encoded Content Sequence element."""
    return (
        element(8, 0x16, b"UI", sop_class.encode())
        + element(8, 0x18, b"UI", b"2.25.1")
        + element(0x40, 0xA040, b"CS", b"CONTAINER")
        + content
    )


def nested(levels: int, *, defined: bool) -> bytes:
    """Content Sequences inside each other, with lengths or with delimiters."""
    inner = b""
    for _ in range(levels):
        if defined:
            item = ITEM + struct.pack("<L", len(inner)) + inner
            inner = element(0x40, 0xA730, b"SQ", item)
        else:
            item = ITEM + struct.pack("<L", UNDEFINED) + inner + ITEM_END + b"\0" * 4
            inner = struct.pack("<HH2sHL", 0x40, 0xA730, b"SQ", 0, UNDEFINED) + item + SEQUENCE_END + b"\0" * 4
    return inner


def flat(count: int) -> bytes:
    """A Content Sequence of many TEXT items."""
    text = element(0x40, 0xA040, b"CS", b"TEXT") + element(0x40, 0xA160, b"UT", b"x")
    return element(0x40, 0xA730, b"SQ", (ITEM + struct.pack("<L", len(text)) + text) * count)


def deflated(body: bytes) -> bytes:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return file(deflater.compress(body) + deflater.flush(), DEFLATED)
