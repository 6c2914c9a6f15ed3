"""What a worklist query can be answered with (PS3.4 Table K.4-1, PS3.7 Annex C)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class FindStatus:
    """A C-FIND response status: its code, its class, when we send it, and where the standard names it."""

    code: int
    category: str
    meaning: str
    citation: str


SUCCESS: Final = FindStatus(0x0000, "Success", "Matching is complete", "PS3.4 Table K.4-1")
PENDING: Final = FindStatus(0xFF00, "Pending", "A match, all keys supported", "PS3.4 Table K.4-1")
PENDING_WARNING: Final = FindStatus(0xFF01, "Pending", "A match, an optional key is unsupported", "PS3.4 Table K.4-1")
CANCELLED: Final = FindStatus(0xFE00, "Cancel", "Ended by the device's C-CANCEL", "PS3.4 Table K.4-1")
OUT_OF_RESOURCES: Final = FindStatus(0xA700, "Failure", "More matches than the limit: narrow it", "PS3.4 Table K.4-1")
MISMATCH: Final = FindStatus(0xA900, "Failure", "The identifier is not a worklist query", "PS3.4 Table K.4-1")
UNABLE: Final = FindStatus(0xC001, "Failure", "The schedule cannot be read now", "PS3.4 Table K.4-1 (Cxxx)")

STATUSES: Final = (SUCCESS, PENDING, PENDING_WARNING, CANCELLED, OUT_OF_RESOURCES, MISMATCH, UNABLE)
