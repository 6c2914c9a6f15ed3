"""The items of an A-ASSOCIATE-RQ, looked over before anybody builds objects of them (PS3.8 9.3.2, PS3.7 D.3.3)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from worklist.upper.limits import CONTEXTS, ITEMS
from worklist.upper.pdus import PduError

HEADER: Final = struct.Struct(">BxH")
APPLICATION_CONTEXT: Final = 0x10
PRESENTATION_CONTEXT: Final = 0x20
USER_INFORMATION: Final = 0x50
# PS3.8 Table 9-13 and 9-16; PS3.7 D.3.3.2 to D.3.3.7
SUB_ITEMS: Final[dict[int, frozenset[int]]] = {
    APPLICATION_CONTEXT: frozenset(),
    PRESENTATION_CONTEXT: frozenset({0x30, 0x40}),
    USER_INFORMATION: frozenset({0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58}),
}
# Reserved bytes and the context's number come before the sub-items of a presentation context.
PREFIX: Final = {APPLICATION_CONTEXT: 0, PRESENTATION_CONTEXT: 4, USER_INFORMATION: 0}


def known(variable: bytes) -> bytes:
    """The items that the standard names, the others left out: unrecognized items shall be ignored (PS3.8 9.3.1).

    Raises PduError for items that do not fill their place, and for more than any device needs.
    """
    kept: list[bytes] = []
    contexts = count = 0
    for kind, body in _split(variable):
        if kind not in SUB_ITEMS:
            continue
        contexts += kind == PRESENTATION_CONTEXT
        inner, found = _known_inside(kind, body)
        count += found + 1
        if contexts > CONTEXTS or count > ITEMS:
            raise PduError("more items than any device needs")
        kept.append(HEADER.pack(kind, len(inner)) + inner)
    return b"".join(kept)


def _known_inside(kind: int, body: bytes) -> tuple[bytes, int]:
    if kind == APPLICATION_CONTEXT:
        return body, 0
    start = PREFIX[kind]
    if len(body) < start:
        raise PduError("an item is cut")
    kept = [HEADER.pack(sub, len(data)) + data for sub, data in _split(body[start:]) if sub in SUB_ITEMS[kind]]
    return body[:start] + b"".join(kept), len(kept)


def _split(items: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(items):
        if position + HEADER.size > len(items):
            raise PduError("an item is cut")
        kind, length = HEADER.unpack_from(items, position)
        start = position + HEADER.size
        position = start + length
        if position > len(items):
            raise PduError("an item is longer than its place")
        yield kind, items[start:position]
