"""How a series of measurements is called while they are preliminary, and after. Pure."""

from __future__ import annotations

import re

MOST = 64  # LO
PRELIMINARY, FINAL = "(preliminary)", "(final)"
BEFORE, AFTER = re.compile(r"^preliminary\s+", re.IGNORECASE), re.compile(r"\s*\(preliminary\)", re.IGNORECASE)


def preliminary(description: str) -> str:
    """The description with the word in it, once."""
    return description if "preliminary" in description.lower() else _with(description, PRELIMINARY)


def final(description: str) -> str:
    """The same of the object that follows it."""
    plain, began = BEFORE.subn("", AFTER.sub("", description).strip())
    return _with(plain.capitalize() if began and plain.islower() else plain, FINAL)


def _with(description: str, word: str) -> str:
    return f"{description[: MOST - len(word) - 1].strip()} {word}".strip()
