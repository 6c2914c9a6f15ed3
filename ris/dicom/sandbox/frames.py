"""The pipe protocol of parent and child: length-prefixed frames, eight bytes big endian. Pure."""

from __future__ import annotations

import struct
from typing import IO

LENGTH = struct.Struct(">Q")


def write(pipe: IO[bytes], *frames: bytes) -> None:
    for frame in frames:
        pipe.write(LENGTH.pack(len(frame)))
        pipe.write(frame)
    pipe.flush()


def read(pipe: IO[bytes], limit: int) -> bytes:
    """One frame; EOFError when the other side is gone, ValueError when the frame is longer than `limit` bytes."""
    (length,) = LENGTH.unpack(_exactly(pipe, LENGTH.size))
    if length > limit:
        raise ValueError("frame too long")
    return _exactly(pipe, length)


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data
