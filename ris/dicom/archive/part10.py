"""The file meta information of a Part 10 file (PS3.10 §7.1), read by hand: bounded, flat, safe on foreign bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass

PREFIX_AT = 128
META_MAX = 64 * 1024
LONG_VRS = frozenset({b"OB", b"UN", b"OW", b"SQ", b"UT"})


@dataclass(frozen=True, slots=True)
class FileMeta:
    """What a file says of itself before its dataset begins; "" where it says nothing."""

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str


def file_meta(part10: bytes) -> FileMeta:
    """The identity of a Part 10 file; ValueError when the bytes are not one."""
    if part10[PREFIX_AT : PREFIX_AT + 4] != b"DICM":
        raise ValueError("This is not a DICOM file.")
    found: dict[int, bytes] = {}
    at, end = PREFIX_AT + 4, min(len(part10), PREFIX_AT + META_MAX)
    while at + 8 <= end:
        group, element = struct.unpack_from("<HH", part10, at)
        if group != 2:
            break
        value_at, length = _value(part10, at)
        if value_at + length > end:
            raise ValueError("The file meta information is damaged.")
        found[element] = part10[value_at : value_at + length]
        at = value_at + length
    return FileMeta(*(_text(found.get(element, b"")) for element in (0x0002, 0x0003, 0x0010)))


def _value(data: bytes, at: int) -> tuple[int, int]:
    """Where the value of the explicit VR little endian element at `at` begins, and its length (PS3.5 §7.1.2)."""
    if data[at + 4 : at + 6] not in LONG_VRS:
        return at + 8, int(struct.unpack_from("<H", data, at + 6)[0])
    if at + 12 > len(data):
        raise ValueError("The file meta information is damaged.")
    return at + 12, int(struct.unpack_from("<I", data, at + 8)[0])


def _text(value: bytes) -> str:
    return value.decode("ascii", "replace").strip(" \0")
