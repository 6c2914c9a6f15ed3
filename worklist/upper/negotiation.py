"""What an A-ASSOCIATE-RQ is answered with: presentation contexts and user information (PS3.8 7.1, PS3.7 Annex D).

pynetdicom reads the items, negotiates and writes the answer. A device sends the same request each time, so the answers
to the last few hundred different ones are kept: pynetdicom's half millisecond is paid once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    AsynchronousOperationsWindowNegotiation,
    ImplementationClassUIDNotification,
    ImplementationVersionNameNotification,
    MaximumLengthNotification,
    SCP_SCU_RoleSelectionNegotiation,
)
from pynetdicom.presentation import PresentationContext, build_context, negotiate_as_acceptor

from worklist.upper import items
from worklist.upper.contract import CONTEXT_UNSUPPORTED, NO_REASON, Rejection
from worklist.upper.limits import LONGEST_SENT, PDU_BYTES, SHORTEST_PDU
from worklist.upper.pdus import HEADER, REQUEST, PduError, Request

APPLICATION_CONTEXT: Final = "1.2.840.10008.3.1.1.1"
IMPLEMENTATION_UID: Final = UID("2.25.302043790172249692526321623266752743501")
IMPLEMENTATION_NAME: Final = "ISOCENTER"
PREVIEW_NAME: Final = "ISOCENTER_LOOK"
# The Implementation Version Name sub-item (PS3.7 D.3.3.2.4) of our page that asks as a device.
PREVIEW_ITEM: Final = b"\x55\x00" + len(PREVIEW_NAME).to_bytes(2, "big") + PREVIEW_NAME.encode("ascii")
# In the order of our preference, whatever the peer's.
TRANSFER_SYNTAXES: Final = (ImplicitVRLittleEndian, ExplicitVRLittleEndian)
KEPT: Final = 256
KEPT_BYTES: Final = 8_192


@dataclass(frozen=True, slots=True)
class Context:
    """An accepted presentation context."""

    sop_class: str
    transfer_syntax: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """The contexts by their numbers, the longest PDU that we may send, and the A-ASSOCIATE-AC."""

    contexts: dict[int, Context]
    longest: int
    answer: bytes = field(repr=False)


class RefusedError(ValueError):
    """There is nothing to agree on: the rejection says why."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.meaning)
        self.rejection = rejection


def is_preview(request: Request) -> bool:
    """Whether our own page asks. Any peer may say so: it then is not noted as seen, and nothing else."""
    return PREVIEW_ITEM in request.body


def negotiate(request: Request, sop_classes: tuple[str, ...]) -> Agreement:
    """The answer to `request`, offering `sop_classes` as their provider.

    Raises RefusedError, and PduError for items that are none.
    """
    find = _negotiate if len(request.body) > KEPT_BYTES else _kept
    try:
        return find(request.body, sop_classes)
    except (RefusedError, PduError):
        raise
    except Exception as error:  # noqa: BLE001  a peer's bytes: whatever pynetdicom raises is one bad request
        raise PduError(f"unreadable items ({type(error).__name__})") from None


def _negotiate(body: bytes, sop_classes: tuple[str, ...]) -> Agreement:
    asked = _primitive(body)
    if asked.application_context_name != APPLICATION_CONTEXT:
        raise RefusedError(CONTEXT_UNSUPPORTED)
    information = list(asked.user_information)
    longest = _longest(information)
    contexts, roles = _contexts(asked.presentation_context_definition_list, information, sop_classes)
    answer = A_ASSOCIATE()
    answer.application_context_name = UID(APPLICATION_CONTEXT)
    answer.calling_ae_title, answer.called_ae_title = asked.calling_ae_title, asked.called_ae_title
    answer.result, answer.result_source = 0x00, 0x01
    answer.presentation_context_definition_results_list = contexts
    answer.user_information = _our_information(information) + roles
    accepted = {
        context.context_id: Context(str(context.abstract_syntax), str(context.transfer_syntax[0]))
        for context in contexts
        if context.result == 0x00
    }
    return Agreement(accepted, longest, A_ASSOCIATE_AC(answer).encode())


_kept = lru_cache(maxsize=KEPT)(_negotiate)


def _primitive(body: bytes) -> Any:
    """pynetdicom's reading of the request, of whose items only those that it knows are left."""
    whole = body[: REQUEST.size] + items.known(body[REQUEST.size :])
    pdu = A_ASSOCIATE_RQ()
    pdu.decode(HEADER.pack(1, len(whole)) + whole)
    primitive = pdu.to_primitive()
    numbers = [context.context_id for context in primitive.presentation_context_definition_list]
    if not numbers or len(set(numbers)) != len(numbers):
        raise PduError("no presentation context, or two of one number")
    if any(not context.transfer_syntax for context in primitive.presentation_context_definition_list):
        raise PduError("a presentation context without a transfer syntax")
    return primitive


def _longest(information: list[Any]) -> int:
    """PS3.8 D.1: zero, or no such item, is no limit."""
    sizes = [item.maximum_length_received for item in information if isinstance(item, MaximumLengthNotification)]
    size = int(sizes[0] or 0) if sizes else 0
    if 0 < size < SHORTEST_PDU:
        raise RefusedError(NO_REASON)
    return min(size or LONGEST_SENT, LONGEST_SENT)


def _contexts(
    asked: list[PresentationContext], information: list[Any], sop_classes: tuple[str, ...]
) -> tuple[list[PresentationContext], list[Any]]:
    """PS3.7 D.3.3.4: whoever asks for roles is told that it may be the user, never the provider."""
    supported = [_supported(sop_class) for sop_class in sop_classes]
    roles = {
        item.sop_class_uid: (item.scu_role, item.scp_role)
        for item in information
        if isinstance(item, SCP_SCU_RoleSelectionNegotiation)
    }
    contexts, answers = negotiate_as_acceptor(asked, supported, roles)
    return contexts, answers


def _supported(sop_class: str) -> PresentationContext:
    context = build_context(sop_class, list(TRANSFER_SYNTAXES))
    context.scu_role, context.scp_role = True, False
    return context


def _our_information(asked: list[Any]) -> list[Any]:
    """Our limits; one operation at a time, said only to who asked (D.3.3.3). User identity is unanswered (D.3.3.7)."""
    longest = MaximumLengthNotification()
    longest.maximum_length_received = PDU_BYTES
    implementation = ImplementationClassUIDNotification()
    implementation.implementation_class_uid = IMPLEMENTATION_UID
    version = ImplementationVersionNameNotification()
    version.implementation_version_name = IMPLEMENTATION_NAME
    ours: list[Any] = [longest, implementation, version]
    if any(isinstance(item, AsynchronousOperationsWindowNegotiation) for item in asked):
        window = AsynchronousOperationsWindowNegotiation()
        window.maximum_number_operations_invoked = window.maximum_number_operations_performed = 1
        ours.append(window)
    return ours
