"""What an N-CREATE or N-SET can be answered with (PS3.4 F.7.2, PS3.7 10.1.3.1.9, 10.1.5.1.6 and Annex C)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class MppsStatus:
    """A DIMSE-N status: its code, when we send it, to which operations, and where the standard names it."""

    code: int
    meaning: str
    operations: tuple[str, ...]
    citation: str


CREATE: Final = ("N-CREATE",)
SET: Final = ("N-SET",)
BOTH: Final = ("N-CREATE", "N-SET")

SUCCESS: Final = MppsStatus(0x0000, "Recorded", BOTH, "PS3.7 C.1.1")
INVALID_VALUE: Final = MppsStatus(0x0106, "A value that is not allowed here, or unreadable", BOTH, "PS3.7 C.5.11")
PROCESSING_FAILURE: Final = MppsStatus(0x0110, "It could not be recorded now: send again", BOTH, "PS3.7 C.5.23")
NO_LONGER_UPDATABLE: Final = MppsStatus(
    0x0110, "Performed Procedure Step Object may no longer be updated (Error ID A710)", SET, "PS3.4 F.7.2.2.2"
)
DUPLICATE: Final = MppsStatus(0x0111, "This SOP Instance UID was created before", CREATE, "PS3.7 C.5.5")
NO_SUCH_INSTANCE: Final = MppsStatus(0x0112, "Nothing was created under this UID", SET, "PS3.7 C.5.18")
INVALID_INSTANCE: Final = MppsStatus(0x0117, "The SOP Instance UID is missing or no UID", BOTH, "PS3.7 C.5.12")
MISSING_ATTRIBUTE: Final = MppsStatus(0x0120, "A type 1 attribute is absent", BOTH, "PS3.7 C.5.14")
MISSING_VALUE: Final = MppsStatus(0x0121, "A type 1 attribute is empty", BOTH, "PS3.7 C.5.15")
NOT_AUTHORIZED: Final = MppsStatus(0x0124, "The device is unknown or switched off", BOTH, "PS3.7 C.5.21")
UNRECOGNIZED_OPERATION: Final = MppsStatus(
    0x0211, "N-GET, N-DELETE or another operation that is not offered", (), "PS3.7 C.5.24"
)

# Error ID (0000,0903) that goes with NO_LONGER_UPDATABLE, PS3.4 F.7.2.2.2
ERROR_ID_FINAL: Final = 0xA710

STATUSES: Final = (
    SUCCESS,
    INVALID_VALUE,
    PROCESSING_FAILURE,
    NO_LONGER_UPDATABLE,
    DUPLICATE,
    NO_SUCH_INSTANCE,
    INVALID_INSTANCE,
    MISSING_ATTRIBUTE,
    MISSING_VALUE,
    NOT_AUTHORIZED,
    UNRECOGNIZED_OPERATION,
)
