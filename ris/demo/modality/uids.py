"""UIDs of what the device makes: derived, so that a repeated step repeats its objects."""

from __future__ import annotations

import hashlib


def derived_uid(*parts: object) -> str:
    """A UID under 2.25 (PS3.5 §B.2) that depends on nothing but `parts`; at most 44 characters.

    The device has no installation id to hash over: the StudyInstanceUID that it is told is unique, and stands first.
    """
    seed = "\x1f".join(str(part) for part in parts)
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:16], "big")
    return f"2.25.{number}"
