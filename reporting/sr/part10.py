"""From the bytes of a DICOM file to a dataset that is small and flat enough to walk (PS3.10 §7)."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from reporting.sr.census import CUT_SHORT, LONG_VRS, Census
from reporting.sr.errors import SrRefused
from reporting.sr.item import Item
from reporting.sr.limits import MAX_BYTES

PREAMBLE = 132
TRANSFER_SYNTAX = (0x0002, 0x0010)
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
SYNTAXES = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", DEFLATED, BIG_ENDIAN})  # PS3.5 annex A


@dataclass(frozen=True, slots=True)
class Encoded:
    """A dataset without its file meta information, inflated."""

    body: bytes
    implicit: bool
    little: bool


def parse(part10: bytes) -> Item:
    """The dataset of a Part 10 file, within the limits.

    Raises SrRefused: too large, not DICOM, nested too deep, too many items, cut short.
    """
    encoded = decode(part10)
    census = Census(encoded.body, implicit=encoded.implicit, little=encoded.little)
    census.run()
    return census.root


def decode(part10: bytes) -> Encoded:
    """Find the transfer syntax and the dataset, inflating it when it is deflated. Raises SrRefused."""
    if len(part10) > MAX_BYTES:
        raise SrRefused(f"The file is larger than {MAX_BYTES // 1_000_000} MB.")
    if part10[128:PREAMBLE] != b"DICM":
        raise SrRefused("This is not a DICOM file: the mark DICM is missing.")
    syntax, start = _transfer_syntax(part10)
    if syntax not in SYNTAXES:
        raise SrRefused(f"The transfer syntax {syntax[:64] or '(none)'} is not one for structured reports.")
    body = _inflate(part10[start:]) if syntax == DEFLATED else part10[start:]
    return Encoded(body, implicit=_looks_implicit(body), little=syntax != BIG_ENDIAN)


def _transfer_syntax(part10: bytes) -> tuple[str, int]:
    """The value of (0002,0010) and where group 2 ends; group 2 is always Explicit VR Little Endian."""
    position, syntax = PREAMBLE, ""
    try:
        while position < len(part10):
            group, element, vr = struct.unpack_from("<HH2s", part10, position)
            if group != 0x0002:
                break
            start, width = (position + 12, "<L") if vr in LONG_VRS else (position + 8, "<H")
            (length,) = struct.unpack_from(width, part10, start - struct.calcsize(width))
            if (group, element) == TRANSFER_SYNTAX:
                syntax = part10[start : start + length].decode("ascii", "replace").strip("\0 ")
            position = start + length
    except struct.error as error:
        raise SrRefused(CUT_SHORT) from error
    return syntax, position


def _inflate(deflated: bytes) -> bytes:
    """PS3.5 §A.5. Never more than the limit comes out, however small the input is."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        body = inflater.decompress(deflated, MAX_BYTES + 1)
    except zlib.error as error:
        raise SrRefused("The deflated object cannot be inflated.") from error
    if len(body) > MAX_BYTES:
        raise SrRefused(f"The object is larger than {MAX_BYTES // 1_000_000} MB when inflated.")
    if not inflater.eof:
        raise SrRefused(CUT_SHORT)
    return body


def _looks_implicit(body: bytes) -> bool:
    """Some writers declare one encoding and use the other; as in pydicom, the first element decides."""
    vr = body[4:6]
    if len(vr) < 2:
        raise SrRefused(CUT_SHORT)
    return not all(0x41 <= byte <= 0x5A for byte in vr)
