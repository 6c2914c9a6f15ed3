"""What can go wrong while an SR is read."""

from __future__ import annotations

import struct


class SrRefused(Exception):
    """The bytes are not taken in; `message` says why, in words for the person who sent them."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


# What pydicom and highdicom raise on an element that breaks the rules of its VR.
MALFORMED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
