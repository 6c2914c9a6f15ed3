"""Protocol data units between bytes and meaning (PS3.8 Section 9.3), as far as the server itself reads them.

The items inside A-ASSOCIATE-RQ and -AC are pynetdicom's to read and write: see `negotiation`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from worklist.upper.limits import PDU_BYTES, REQUEST_BYTES
from worklist.upper.states import Event

HEADER: Final = struct.Struct(">BxI")
PDV: Final = struct.Struct(">IBB")
REQUEST: Final = struct.Struct(">H2x16s16s32x")

# Tables 9-11 to 9-26: PDU type → (event, shortest, longest) length of what follows the header.
KINDS: Final[dict[int, tuple[Event, int, int]]] = {
    0x01: (Event.PDU_ASSOCIATE_RQ, REQUEST.size, REQUEST_BYTES),
    0x02: (Event.PDU_ASSOCIATE_AC, REQUEST.size, REQUEST_BYTES),
    0x03: (Event.PDU_ASSOCIATE_RJ, 4, 4),
    0x04: (Event.PDU_DATA, PDV.size, PDU_BYTES),
    0x05: (Event.PDU_RELEASE_RQ, 4, 4),
    0x06: (Event.PDU_RELEASE_RP, 4, 4),
    0x07: (Event.PDU_ABORT, 4, 4),
}

RELEASE_RQ: Final = bytes.fromhex("05000000000400000000")
RELEASE_RP: Final = bytes.fromhex("06000000000400000000")

# Table 9-26: reasons of an abort by the provider
UNSPECIFIED, UNRECOGNIZED_PDU, UNEXPECTED_PDU, INVALID_PARAMETER = 0, 1, 2, 6

COMMAND_BIT, LAST_BIT = 1, 2


class PduError(ValueError):
    """Bytes that are no PDU, or none that may be so long. Never quotes them."""


@dataclass(frozen=True, slots=True)
class Request:
    """An A-ASSOCIATE-RQ: what its fixed part says, and the whole to negotiate from."""

    version: int
    called: str
    calling: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fragment:
    """One presentation data value (Annex E): a piece of a command or of a dataset."""

    context: int
    command: bool
    last: bool
    data: bytes = field(repr=False)


def abort(*, by_provider: bool, reason: int = UNSPECIFIED) -> bytes:
    """A-ABORT (9.3.8); the reason counts only when the provider aborts."""
    return bytes([7, 0, 0, 0, 0, 4, 0, 0, 2 if by_provider else 0, reason if by_provider else 0])


def reject(result: int, source: int, reason: int) -> bytes:
    """A-ASSOCIATE-RJ (9.3.4)."""
    return bytes([3, 0, 0, 0, 0, 4, 0, result, source, reason])


def request(body: bytes) -> Request:
    """The fixed part of an A-ASSOCIATE-RQ, without its header. AE titles are ISO 646, spaces around insignificant."""
    version, called, calling = REQUEST.unpack_from(body)
    return Request(version, _title(called), _title(calling), body)


def fragments(body: bytes) -> list[Fragment]:
    """The presentation data values of a P-DATA-TF. Raises PduError when they do not fill it exactly."""
    found, position = [], 0
    while position < len(body):
        if position + PDV.size > len(body):
            raise PduError("a presentation data value is cut")
        length, context, control = PDV.unpack_from(body, position)
        end = position + 4 + length
        if length < 2 or end > len(body):
            raise PduError("a presentation data value is longer than its PDU")
        data = body[position + PDV.size : end]
        found.append(Fragment(context, bool(control & COMMAND_BIT), bool(control & LAST_BIT), data))
        position = end
    return found


def data(context: int, payload: bytes, longest: int, *, command: bool) -> Iterator[bytes]:
    """`payload` as P-DATA-TF PDUs, none longer than `longest` (the length field, as PS3.8 D.1.1 counts).

    Each piece has an even number of bytes (PS3.8 E.1), also for a peer that names an odd length.
    """
    room = (longest - PDV.size) // 2 * 2
    kind = COMMAND_BIT if command else 0
    for start in range(0, max(1, len(payload)), room):
        piece = payload[start : start + room]
        last = LAST_BIT if start + room >= len(payload) else 0
        yield HEADER.pack(4, len(piece) + PDV.size) + PDV.pack(len(piece) + 2, context, kind | last) + piece


def _title(written: bytes) -> str:
    return written.decode("ascii", "replace").strip(" \0")
