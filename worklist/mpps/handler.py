"""N-CREATE and N-SET: translate, act, answer with the status that the standard names."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from django.db import Error as DatabaseError

from ris.core.actors import SystemActor
from ris.core.errors import DomainError, NotFound, NotPermitted
from ris.core.identifiers import is_uid
from ris.dicom.models import Node
from worklist.actions.device_messages import Refused, decoded, keep_refused
from worklist.actions.performed import AlreadyCreatedError, FrozenError, start_procedure, update_or_park
from worklist.association import node_of, serving, shown
from worklist.mpps import messages, retrieval, statuses
from worklist.mpps.messages import Encoded
from worklist.mpps.reading import MessageError
from worklist.mpps.statuses import MppsStatus
from worklist.upper.contract import Operation, Outcome, Peer, Status

log = logging.getLogger(__name__)

DEVICE: Final = SystemActor("mpps")
STATUS_OF: Final[dict[type[DomainError], MppsStatus]] = {
    AlreadyCreatedError: statuses.DUPLICATE,
    NotFound: statuses.NO_SUCH_INSTANCE,
    FrozenError: statuses.NO_LONGER_UPDATABLE,
    NotPermitted: statuses.NOT_AUTHORIZED,
}


MPPS: Final = "1.2.840.10008.3.1.2.3.3"
MPPS_RETRIEVE: Final = "1.2.840.10008.3.1.2.3.4"
MPPS_NOTIFICATION: Final = "1.2.840.10008.3.1.2.3.5"
# What was done, with or without a warning.
DONE: Final = frozenset(status.code for status in statuses.STATUSES if status.kind != "failure")
SIBLINGS: Final = frozenset({MPPS, MPPS_RETRIEVE, MPPS_NOTIFICATION})

# What was done, what could not be said of it (a keyword or more), and for an N-GET the attributes.
Answer = tuple[MppsStatus, str, bytes | None]
Act = Callable[[Node], Answer]


def create(peer: Peer, operation: Operation) -> Outcome:
    """An N-CREATE: the device has begun."""

    def act(node: Node) -> Answer:
        _require_class(operation, MPPS)
        encoded = _encoded(operation)
        start_procedure(messages.started(operation.sop_instance, decoded(encoded), encoded), node=node, by=DEVICE)
        return statuses.SUCCESS, "", None

    return _answered(peer, operation, "N-CREATE", act)


def update(peer: Peer, operation: Operation) -> Outcome:
    """An N-SET: the device tells more, or has finished."""

    def act(node: Node) -> Answer:
        _require_class(operation, MPPS)
        encoded = _encoded(operation)
        message = messages.updated(operation.sop_instance, decoded(encoded), encoded)
        performed = update_or_park(message, node=node, by=DEVICE)
        untouched = messages.left_as_created(message, performed.created_message)
        return (statuses.LIST_ERROR if untouched else statuses.SUCCESS), " ".join(untouched), None

    return _answered(peer, operation, "N-SET", act)


def retrieve(peer: Peer, operation: Operation) -> Outcome:
    """An N-GET under the retrieve SOP class (PS3.4 F.8): what a step of the device's own site is known to be."""

    def act(node: Node) -> Answer:
        if operation.sop_class == MPPS:
            raise MessageError(statuses.UNRECOGNIZED_OPERATION)
        _require_class(operation, MPPS_RETRIEVE)
        found = retrieval.attributes_of(operation.sop_instance, operation.attributes, node=node)
        status = statuses.OPTIONAL_UNSUPPORTED if found.missing else statuses.SUCCESS
        return status, "", found.encoded(operation.transfer_syntax)

    return _answered(peer, operation, "N-GET", act)


def _answered(peer: Peer, operation: Operation, kind: str, act: Act) -> Outcome:
    """Run the action and name the status; whatever goes wrong is one failed message, not a dead association."""
    with serving(peer):
        try:
            status, keyword, dataset = _run(peer, operation, kind, act)
        except DatabaseError as error:
            log.error("message of %s not recorded: %s", shown(peer), type(error).__name__)
            status, keyword, dataset = statuses.PROCESSING_FAILURE, "", None
    if status is statuses.SUCCESS:
        return Outcome(dataset=dataset)
    log.warning("message of %s answered 0x%04X: %s %s", shown(peer), status.code, status.meaning, keyword)
    return Outcome(_said(status, keyword), dataset=dataset)


def _run(peer: Peer, operation: Operation, kind: str, act: Act) -> Answer:
    node = node_of(peer)
    if node is None:
        return statuses.NOT_AUTHORIZED, "", None
    try:
        return act(node)
    except MessageError as error:
        status, keyword = error.status, error.keyword
    except DomainError as error:
        status, keyword = STATUS_OF.get(type(error), statuses.PROCESSING_FAILURE), ""
    if kind != "N-GET" and status is not statuses.NO_SUCH_INSTANCE:  # that one is parked
        problem = keyword or status.meaning
        refused = Refused(operation=kind, sop_instance_uid=operation.sop_instance, status=status.code,
                          problem=problem, encoded=_encoded(operation))  # fmt: skip
        keep_refused(refused, node=node)
    return status, keyword, None


def _said(status: MppsStatus, keyword: str) -> Status:
    """The status with what PS3.7 Annex C lets it say: an Error Comment that names the attribute, never a value."""
    error_id = statuses.ERROR_ID_FINAL if status is statuses.NO_LONGER_UPDATABLE else None
    return Status(status.code, keyword or status.meaning, error_id=error_id)


def _require_class(operation: Operation, offered: str) -> None:
    """The three SOP Classes share their instances' UIDs; each operation belongs to one of them (PS3.4 F.7.2, F.8.2)."""
    named = operation.sop_class
    if named == offered:
        return
    if not is_uid(named):
        raise MessageError(statuses.NO_SUCH_CLASS)
    raise MessageError(statuses.CLASS_CONFLICT if named in SIBLINGS else statuses.CLASS_UNSUPPORTED)


def _encoded(operation: Operation) -> Encoded:
    """The message as it came; without a dataset it is an empty one: what is missing is named attribute by attribute."""
    return Encoded(operation.dataset or b"", operation.transfer_syntax)
