"""The file meta information of a Part 10 file (PS3.10 §7.1), read so strictly that everybody reads the same.

Pure, and run in the sandbox. DCMTK, which files at the archive, ends it where its group length says; pydicom, which
judges here, at the first element of another group, and of two transfer syntaxes each believes another one.
"""

from __future__ import annotations

import struct

from ris.dicom.rewriting.elements import LONG_VRS, SHORT_VRS
from ris.dicom.sandbox.errors import Refusal

AT, MOST = 132, 64 * 1024
GROUP_LENGTH = 0x0000
NAMING = frozenset({0x0002, 0x0003, 0x0010})  # class, instance and transfer syntax
DAMAGED = "Its file meta information is damaged."


def file_meta(part10: bytes) -> tuple[dict[int, str], int]:
    """Group 2 as text by element number, and where it ends; Refusal when it is damaged or can be read in two ways."""
    found: dict[int, str] = {}
    at, last, told = AT, min(len(part10), MOST), None
    while at + 8 <= last and part10[at : at + 2] == b"\x02\0":
        number, vr, start, length = _head(part10, at)
        if number <= max(found, default=-1) or (number in NAMING and vr != b"UI") or start + length > last:
            raise Refusal(DAMAGED)
        value = part10[start : start + length]
        at = start + length
        if number == GROUP_LENGTH:
            told = _ends(vr, value, at)
        found[number] = value.removesuffix(b"\0").decode("ascii", "replace").rstrip(" ")
    if not found or told not in {None, at}:
        raise Refusal(DAMAGED)
    return found, at


def _head(part10: bytes, at: int) -> tuple[int, bytes, int, int]:
    """Element number, VR, where its value begins and how long it is: always in Explicit VR Little Endian."""
    number, vr, length = struct.unpack_from("<H2sH", part10, at + 2)
    if vr in SHORT_VRS:
        return number, vr, at + 8, length
    if vr not in LONG_VRS or vr == b"SQ" or at + 12 > len(part10):
        raise Refusal(DAMAGED)
    return number, vr, at + 12, struct.unpack_from("<I", part10, at + 8)[0]


def _ends(vr: bytes, value: bytes, at: int) -> int:
    """Where the group length says that the group ends."""
    if vr != b"UL" or len(value) != 4:
        raise Refusal(DAMAGED)
    return at + int(struct.unpack("<I", value)[0])
