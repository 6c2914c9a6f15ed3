"""What our actions refuse, as ERR says it."""

from __future__ import annotations

from typing import Final

from ris.core.errors import Collision, ConcurrentUpdateError, DomainError, InvalidInput, NotFound, Unavailable
from ris.hl7.er7 import Fault
from ris.hl7.er7.errors import (
    APPLICATION_INTERNAL_ERROR,
    APPLICATION_RECORD_LOCKED,
    DATA_TYPE_ERROR,
    UNKNOWN_KEY_IDENTIFIER,
)

# Of what the domain refuses only these can go better next time.
AGAIN: Final = (ConcurrentUpdateError, Unavailable)
CODES: Final[dict[type[DomainError], str]] = {
    InvalidInput: DATA_TYPE_ERROR,
    Collision: APPLICATION_RECORD_LOCKED,
    ConcurrentUpdateError: APPLICATION_RECORD_LOCKED,
    NotFound: UNKNOWN_KEY_IDENTIFIER,
}
LOCATIONS: Final = {
    "family_name": "PID^1^5^1^1",
    "given_name": "PID^1^5^1^2",
    "birth_date": "PID^1^7",
    "sex": "PID^1^8",
    "number": "PID^1^3",
    "value": "PID^1^3",
    "priority": "ORC^1^7",
    "procedures": "OBR^1^4",
    "referrer_name": "OBR^1^16",
    "reason": "OBR^1^31",
    "room": "AIL^1^3",
    "time": "AIS^1^4",
}


def fault_of(error: DomainError) -> Fault:
    """The fault, at the place of the first field that it names."""
    code = next((code for kind, code in CODES.items() if isinstance(error, kind)), APPLICATION_INTERNAL_ERROR)
    location = next((LOCATIONS[name] for name in error.fields if name in LOCATIONS), "")
    detail = " ".join(words for words in error.fields.values() if words not in error.message)
    return Fault(words=f"{error.message} {detail}".strip(), code=code, location=location)
