"""Which message is done by what. Inside the caller's transaction; the caller marks the message in the same one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from ris.core.actors import Actor, SystemActor
from ris.core.errors import DomainError
from ris.hl7.er7 import Fault, Message
from ris.hl7.er7.errors import (
    UNSUPPORTED_EVENT_CODE,
    UNSUPPORTED_MESSAGE_TYPE,
    UNSUPPORTED_PROCESSING_ID,
    UNSUPPORTED_VERSION_ID,
)
from ris.hl7.er7.versions import is_read
from ris.hl7.incoming import admitting, noting, ordering, visiting
from ris.hl7.incoming.announcing import study_available
from ris.hl7.incoming.arrival import Arrival, arrival_of
from ris.hl7.incoming.faults import AGAIN, fault_of
from ris.hl7.incoming.outcomes import Done, Refused
from ris.hl7.incoming.record import Sender
from ris.hl7.incoming.tables import MOVES, NOTED

HL7: Final = SystemActor("hl7")
PRODUCTION: Final = "P"

HANDLERS: Final[dict[str, Callable[[Arrival], Done]]] = {
    "ORM^O01": ordering.orders,
    "OMI^O23": ordering.orders,
    "OMG^O19": ordering.orders,
    "ADT^A01": admitting.admit,
    "ADT^A04": admitting.admit,
    "ADT^A05": admitting.admit,
    "ADT^A28": admitting.admit,
    "ADT^A08": admitting.update,
    "ADT^A31": admitting.update,
    "ADT^A40": admitting.merge,
    "ADT^A47": admitting.renumber,
    "ADT^A11": noting.called_off,
    "ADT^A38": noting.called_off,
    "ADT^A29": noting.deleted,
    **dict.fromkeys(MOVES, noting.moved),
    **dict.fromkeys(NOTED, noting.noted),
    "SIU^S12": visiting.booked,
    "SIU^S13": visiting.moved,
    "SIU^S14": visiting.moved,
    "SIU^S15": visiting.cancelled,
    "SIU^S26": visiting.missed,
    "ORU^R01": study_available,
}
# How orders are answered where the sender takes more than ACK (chapter 4.4.2, 4.4.5, 4.4.9)
ANSWERS: Final[dict[str, tuple[str, ...]]] = {
    "ORM^O01": ("ORR", "O02", "ORR_O02"),
    "OMI^O23": ("ORI", "O24", "ORI_O24"),
    "OMG^O19": ("ORG", "O20", "ORG_O20"),
}


class Again(Exception):
    """Somebody was in the way: the same message can go better a little later."""


def do(message: Message, sender: Sender, *, by: Actor = HL7) -> Done:
    """Do what the message says. Raises Refused, Waits, Again."""
    handler = HANDLERS.get(message.kind)
    faults = faults_of_header(message)
    if faults or handler is None:
        raise Refused(*faults, rejected=True)
    try:
        return handler(arrival_of(message, sender, by))
    except AGAIN as error:
        raise Again(error.message) from error
    except DomainError as error:
        raise Refused(fault_of(error)) from error


def faults_of_header(message: Message) -> Sequence[Fault]:
    """Why a message is refused before anything else of it is read; none where it can be acted on."""
    if message.header.text(11) != PRODUCTION:
        words = "Only messages of production (MSH-11 P) are acted on."
        return [Fault(words=words, code=UNSUPPORTED_PROCESSING_ID, location="MSH^1^11")]
    if not is_read(message.version):
        words = "Messages of this version (MSH-12) are not read here: 2.3 and later ones of HL7 v2 are."
        return [Fault(words=words, code=UNSUPPORTED_VERSION_ID, location="MSH^1^12")]
    if message.kind in HANDLERS:
        return []
    same_type = any(kind.startswith(f"{message.header.text(9)}^") for kind in HANDLERS)
    code = UNSUPPORTED_EVENT_CODE if same_type else UNSUPPORTED_MESSAGE_TYPE
    return [Fault(words="Messages of this kind are not taken here.", code=code, location="MSH^1^9")]
