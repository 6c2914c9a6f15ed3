"""Cuts a stream of bytes into PDUs, however the network has cut or joined them."""

from __future__ import annotations

from worklist.upper.pdus import HEADER, KINDS, PduError
from worklist.upper.states import Event


class Frames:
    """Takes what the transport reads; gives whole PDUs, one at a time.

    The length of a PDU is judged as soon as its header is there, so that no peer makes us keep more than the longest.
    """

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def incomplete(self) -> bool:
        """Whether the start of a PDU is here and its end is not."""
        return bool(self._buffer)

    def add(self, received: bytes) -> None:
        self._buffer += received

    def clear(self) -> None:
        self._buffer.clear()

    def next(self) -> tuple[Event, bytes] | None:
        """The next PDU, without its header, and the event that it is; None when more bytes are needed.

        Raises PduError for a type that is none and a length that is not allowed: there is no next PDU after that.
        """
        if len(self._buffer) < HEADER.size:
            return None
        kind, length = HEADER.unpack_from(self._buffer)
        if kind not in KINDS:
            raise PduError("no PDU type")
        event, shortest, longest = KINDS[kind]
        if not shortest <= length <= longest:
            raise PduError("a PDU of a length that is not allowed")
        end = HEADER.size + length
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[HEADER.size : end])
        del self._buffer[:end]
        return event, body
