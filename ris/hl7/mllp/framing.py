"""Cuts a stream of bytes into MLLP's blocks, however the network has cut or joined them. Pure.

A block is 0B, the message, 1C 0D. A sender that forgets the 0D is understood; bytes outside a block, a block that
begins inside another and one that is too long are reported, and the stream goes on at the next block.
"""

from __future__ import annotations

from dataclasses import dataclass

START, END, RETURN = b"\x0b", b"\x1c", b"\x0d"
# What may stand between blocks without being wrong.
BETWEEN = b"\r\n\x00 \t"


@dataclass(frozen=True, slots=True)
class Misframed:
    """What came was no block; `words` say how, `fatal` whether the stream must end here."""

    words: str
    fatal: bool = False


OUTSIDE = Misframed("Bytes came outside of an MLLP block, which begins with 0B.")
ANEW = Misframed("An MLLP block began before the one before it ended with 1C 0D.")
TOO_LONG = Misframed("The message is longer than is taken here.", fatal=True)


def wrap(message: bytes) -> bytes:
    """The message as one block."""
    return START + message + END + RETURN


class Framer:
    """`feed` takes what came and gives the whole messages and faults in it, in order."""

    __slots__ = ("_buffer", "_inside", "_limit", "_noisy", "_seen")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._inside = False
        self._noisy = False
        self._seen = 0

    @property
    def incomplete(self) -> bool:
        """Whether a block has begun and not ended."""
        return self._inside

    def feed(self, received: bytes) -> list[bytes | Misframed]:
        self._buffer += received
        found: list[bytes | Misframed] = []
        while (one := self._next()) is not None:
            found.append(one)
        return found

    def _next(self) -> bytes | Misframed | None:
        return self._inside_block() if self._inside else self._before_block()

    def _before_block(self) -> bytes | Misframed | None:
        start = self._buffer.find(START)
        noise = self._buffer if start < 0 else self._buffer[:start]
        wrong = bool(noise.strip(BETWEEN)) and not self._noisy
        self._noisy = start < 0 and (wrong or self._noisy)
        del self._buffer[: len(noise) + (start >= 0)]
        self._inside = start >= 0
        self._seen = 0
        if wrong:
            return OUTSIDE
        return self._inside_block() if self._inside else None

    def _inside_block(self) -> bytes | Misframed | None:
        end = self._buffer.find(END, self._seen)
        anew = self._buffer.rfind(START, self._seen, end if end >= 0 else len(self._buffer))
        if anew >= 0:
            del self._buffer[: anew + 1]
            self._seen = 0
            return ANEW
        if (len(self._buffer) if end < 0 else end) > self._limit:
            self._buffer.clear()
            self._inside = False
            return TOO_LONG
        if end < 0:
            self._seen = len(self._buffer)
            return None
        message = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._inside = False
        return message
