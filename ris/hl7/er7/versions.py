"""MSH-12: which version of HL7 a message is of (table 0104). Pure."""

from __future__ import annotations

import re
from typing import Final

VERSION: Final = re.compile(r"(2(?:\.[0-9]){1,2})[A-Z]?")
# Messages of these are read by the same map; earlier ones have their numbers and orders elsewhere.
SINCE: Final = (2, 3)
OURS: Final = "2.5.1"


def version_of(text: str) -> tuple[int, ...] | None:
    """`2.3.1` as numbers; None for what is no version of HL7 v2."""
    match = VERSION.fullmatch(text)
    return tuple(int(part) for part in match[1].split(".")) if match else None


def is_read(text: str) -> bool:
    """Whether messages of this version are; one that names none is taken for ours."""
    return not text or (version_of(text) or (0,)) >= SINCE
