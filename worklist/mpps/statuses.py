"""What an N-CREATE, N-SET or N-GET can be answered with (PS3.4 F.7.2 and F.8.2, PS3.7 10.1 and Annex C).

`when` is when we send it; "" where the standard lists it for these operations and nothing here leads to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class MppsStatus:
    """A DIMSE-N status: its code, what it means, to which operations it may go, where it is named, and when we send it.

    `kind` is the status class of PS3.7 Annex C: success, warning (it was done), failure (nothing was done).
    """

    code: int
    meaning: str
    operations: tuple[str, ...]
    citation: str
    when: str = ""
    kind: str = "failure"


CREATE: Final = ("N-CREATE",)
SET: Final = ("N-SET",)
GET: Final = ("N-GET",)
BOTH: Final = (*CREATE, *SET)
ALL: Final = (*BOTH, *GET)

SUCCESS: Final = MppsStatus(0x0000, "Success", ALL, "PS3.7 C.1.1", "recorded", "success")
OPTIONAL_UNSUPPORTED: Final = MppsStatus(
    0x0001, "Requested optional Attributes are not supported", GET, "PS3.4 F.8.2.1.4",
    "an attribute was asked for that the step does not have", "warning",
)  # fmt: skip
NO_SUCH_ATTRIBUTE: Final = MppsStatus(0x0105, "No such Attribute", BOTH, "PS3.2 Table N.7-12")
INVALID_VALUE: Final = MppsStatus(
    0x0106, "Invalid Attribute Value", BOTH, "PS3.7 C.5.11", "a value is not allowed here, or cannot be read"
)
LIST_ERROR: Final = MppsStatus(
    0x0107, "Attribute List Error", SET, "PS3.7 C.4.2",
    "recorded, but attributes that only an N-CREATE sets were left as they are", "warning",
)  # fmt: skip
PROCESSING_FAILURE: Final = MppsStatus(
    0x0110, "Processing Failure", ALL, "PS3.7 C.5.23", "the database does not take it now: send again"
)
NO_LONGER_UPDATABLE: Final = MppsStatus(
    0x0110, "Performed Procedure Step Object may no longer be updated", SET, "PS3.4 F.7.2.2.4, Table F.7.2-2",
    "the state is final; goes with Error ID A710",
)  # fmt: skip
DUPLICATE: Final = MppsStatus(
    0x0111, "Duplicate SOP Instance", CREATE, "PS3.7 C.5.5", "this UID was created before; nothing is done again"
)
NO_SUCH_INSTANCE: Final = MppsStatus(
    0x0112, "No such SOP Instance", (*SET, *GET), "PS3.7 C.5.18",
    "nothing was created under this UID; an N-SET is kept and carried out after its N-CREATE",
)  # fmt: skip
INVALID_ARGUMENT: Final = MppsStatus(0x0115, "Invalid argument value", (), "PS3.7 C.5 (N-ACTION, N-EVENT-REPORT)")
OUT_OF_RANGE: Final = MppsStatus(0x0116, "Attribute Value Out of Range", BOTH, "PS3.7 C.4.3", kind="warning")
INVALID_INSTANCE: Final = MppsStatus(
    0x0117, "Invalid SOP Instance", ALL, "PS3.7 C.5.12", "the SOP Instance UID is missing or no UID"
)
NO_SUCH_CLASS: Final = MppsStatus(0x0118, "No such SOP Class", ALL, "PS3.2 Table N.7-12", "the SOP Class UID is no UID")
CLASS_CONFLICT: Final = MppsStatus(
    0x0119, "Class-Instance conflict", (*SET, *GET), "PS3.2 Table N.7-13",
    "a performed step was addressed under another of the three SOP Classes that share its UID",
)  # fmt: skip
MISSING_ATTRIBUTE: Final = MppsStatus(
    0x0120,
    "Missing Attribute",
    BOTH,
    "PS3.7 C.5.14",
    "what is type 1, or needed in a final state, is absent",
)
MISSING_VALUE: Final = MppsStatus(
    0x0121, "Missing Attribute Value", BOTH, "PS3.7 C.5.15", "such an attribute is there and empty"
)
CLASS_UNSUPPORTED: Final = MppsStatus(
    0x0122, "SOP Class not supported", ALL, "PS3.7 C.5 (Refused)", "another SOP Class than this server offers for it"
)
NOT_AUTHORIZED: Final = MppsStatus(
    0x0124, "Refused: Not Authorized", ALL, "PS3.7 C.5.21", "the device is unknown or switched off"
)
DUPLICATE_INVOCATION: Final = MppsStatus(0x0210, "Duplicate Invocation", ALL, "PS3.2 Table N.7-12")
UNRECOGNIZED_OPERATION: Final = MppsStatus(
    0x0211, "Unrecognized Operation", ALL, "PS3.7 C.5.24", "N-GET under the MPPS SOP Class, or what is not offered"
)
MISTYPED_ARGUMENT: Final = MppsStatus(0x0212, "Mistyped Argument", ALL, "PS3.2 Table N.7-12")
RESOURCE_LIMITATION: Final = MppsStatus(0x0213, "Resource Limitation", ALL, "PS3.2 Table N.7-12")

# Error ID (0000,0903) that goes with NO_LONGER_UPDATABLE, PS3.4 Table F.7.2-2
ERROR_ID_FINAL: Final = 0xA710

STATUSES: Final = (
    SUCCESS,
    OPTIONAL_UNSUPPORTED,
    NO_SUCH_ATTRIBUTE,
    INVALID_VALUE,
    LIST_ERROR,
    PROCESSING_FAILURE,
    NO_LONGER_UPDATABLE,
    DUPLICATE,
    NO_SUCH_INSTANCE,
    INVALID_ARGUMENT,
    OUT_OF_RANGE,
    INVALID_INSTANCE,
    NO_SUCH_CLASS,
    CLASS_CONFLICT,
    MISSING_ATTRIBUTE,
    MISSING_VALUE,
    CLASS_UNSUPPORTED,
    NOT_AUTHORIZED,
    DUPLICATE_INVOCATION,
    UNRECOGNIZED_OPERATION,
    MISTYPED_ARGUMENT,
    RESOURCE_LIMITATION,
)
SENT: Final = tuple(status for status in STATUSES if status.when)
