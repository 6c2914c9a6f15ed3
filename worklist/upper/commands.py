"""Command sets: group 0000 in Implicit VR Little Endian (PS3.7 Section 6.3, 9.3 and 10.3, Annex E).

Read and written here and not by pynetdicom's dataset code, since a command set is a dozen flat elements and this is the
code that a stranger's bytes reach first; tests/worklist/upper holds it against pynetdicom's.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from worklist.upper.contract import Status


class Field(IntEnum):
    """(0000,0100) Command Field of requests (PS3.7 E.1); a response has the highest bit besides."""

    C_STORE = 0x0001
    C_GET = 0x0010
    C_FIND = 0x0020
    C_MOVE = 0x0021
    C_ECHO = 0x0030
    N_EVENT_REPORT = 0x0100
    N_GET = 0x0110
    N_SET = 0x0120
    N_ACTION = 0x0130
    N_CREATE = 0x0140
    N_DELETE = 0x0150
    C_CANCEL = 0x0FFF


RESPONSE: Final = 0x8000
NO_DATASET: Final = 0x0101
HAS_DATASET: Final = 0x0001
REQUESTED: Final = frozenset({Field.N_GET, Field.N_SET, Field.N_ACTION, Field.N_DELETE})

ELEMENT: Final = struct.Struct("<HHI")
US: Final = struct.Struct("<H")
UID_TEXT: Final = re.compile(r"[0-9.]{1,64}")


class CommandError(ValueError):
    """Bytes that are no command set that can be answered. Never quotes them."""


@dataclass(frozen=True, slots=True)
class Command:
    """A request, as far as its answer depends on it."""

    field: Field
    message_id: int
    has_dataset: bool
    sop_class: str = ""
    sop_instance: str = ""
    priority: int = 0
    attributes: tuple[int, ...] = ()


def read(encoded: bytes) -> Command:
    """Raises CommandError for what is no command set, and for a response: we never ask anything."""
    elements = dict(_elements(encoded))
    try:
        field = Field(_number(elements, 0x0100))
    except ValueError:
        raise CommandError("no request of PS3.7") from None
    asked = field in REQUESTED
    return Command(
        field=field,
        message_id=_number(elements, 0x0120 if field is Field.C_CANCEL else 0x0110),
        has_dataset=_number(elements, 0x0800) != NO_DATASET,
        sop_class=_text(elements, 0x0003 if asked else 0x0002),
        sop_instance=_text(elements, 0x1001 if asked else 0x1000),
        priority=_number(elements, 0x0700) if 0x0700 in elements else 0,
        attributes=_tags(elements.get(0x1005, b"")),
    )


def respond(command: Command, status: Status, *, has_dataset: bool = False, sop_instance: str = "") -> bytes:
    """The response's command set, elements in order, the group length first."""
    instance = sop_instance or command.sop_instance
    parts = [
        _ui(0x0002, command.sop_class),
        _us(0x0100, command.field | RESPONSE),
        _us(0x0120, command.message_id),
        _us(0x0800, HAS_DATASET if has_dataset else NO_DATASET),
        _us(0x0900, status.code),
        _at(0x0901, status.offending),
        _lo(0x0902, status.comment),
        b"" if status.error_id is None else _us(0x0903, status.error_id),
        _ui(0x1000, instance),
    ]
    body = b"".join(parts)
    return ELEMENT.pack(0, 0, 4) + struct.pack("<I", len(body)) + body


def _elements(encoded: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(encoded):
        if position + ELEMENT.size > len(encoded):
            raise CommandError("an element is cut")
        group, element, length = ELEMENT.unpack_from(encoded, position)
        start = position + ELEMENT.size
        position = start + length
        if group != 0 or position > len(encoded):
            raise CommandError("an element of another group, or longer than the command")
        yield element, encoded[start:position]


def _number(elements: Mapping[int, bytes], element: int) -> int:
    value = elements.get(element, b"")
    if len(value) != US.size:
        raise CommandError(f"(0000,{element:04X}) is no unsigned short")
    return int(US.unpack(value)[0])


def _text(elements: Mapping[int, bytes], element: int) -> str:
    return elements.get(element, b"").decode("ascii", "replace").strip(" \0")


def _tags(value: bytes) -> tuple[int, ...]:
    if len(value) % 4:
        raise CommandError("(0000,1005) is no list of tags")
    return tuple(group << 16 | element for group, element in struct.iter_unpack("<HH", value))


def _us(element: int, value: int) -> bytes:
    return ELEMENT.pack(0, element, 2) + US.pack(value)


def _ui(element: int, value: str) -> bytes:
    """Left out when it is none: nothing that a peer made up is said back."""
    if not UID_TEXT.fullmatch(value):
        return b""
    encoded = value.encode() + b"\0" * (len(value) % 2)
    return ELEMENT.pack(0, element, len(encoded)) + encoded


def _lo(element: int, value: str) -> bytes:
    if not value:
        return b""
    encoded = value.encode("ascii", "replace")[:64].replace(b"\\", b"/")
    encoded += b" " * (len(encoded) % 2)
    return ELEMENT.pack(0, element, len(encoded)) + encoded


def _at(element: int, tags: tuple[int, ...]) -> bytes:
    if not tags:
        return b""
    encoded = b"".join(struct.pack("<HH", tag >> 16, tag & 0xFFFF) for tag in tags)
    return ELEMENT.pack(0, element, len(encoded)) + encoded
