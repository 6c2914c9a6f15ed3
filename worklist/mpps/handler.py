"""N-CREATE and N-SET: translate, act, answer with the status that the standard names."""

from __future__ import annotations

import logging
from collections.abc import Callable
from io import BytesIO
from typing import Final

from django.db import Error as DatabaseError
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.uid import ImplicitVRLittleEndian

from ris.core.actors import SystemActor
from ris.core.errors import DomainError, NotFound, NotPermitted
from ris.dicom.models import Node
from worklist.actions.performed import AlreadyCreatedError, FrozenError, start_procedure, update_procedure
from worklist.association import node_of, serving, shown
from worklist.mpps import messages, statuses
from worklist.mpps.reading import MessageError
from worklist.mpps.statuses import MppsStatus
from worklist.upper.service import Operation, Outcome, Peer, Status

log = logging.getLogger(__name__)

DEVICE: Final = SystemActor("mpps")
STATUS_OF: Final[dict[type[DomainError], MppsStatus]] = {
    AlreadyCreatedError: statuses.DUPLICATE,
    NotFound: statuses.NO_SUCH_INSTANCE,
    FrozenError: statuses.NO_LONGER_UPDATABLE,
    NotPermitted: statuses.NOT_AUTHORIZED,
}


def create(peer: Peer, operation: Operation) -> Outcome:
    """An N-CREATE: the device has begun."""

    def act(node: Node) -> None:
        start_procedure(messages.started(operation.sop_instance, _decoded(operation)), node=node, by=DEVICE)

    return _answered(peer, act)


def update(peer: Peer, operation: Operation) -> Outcome:
    """An N-SET: the device tells more, or has finished."""

    def act(node: Node) -> None:
        update_procedure(messages.updated(operation.sop_instance, _decoded(operation)), node=node, by=DEVICE)

    return _answered(peer, act)


def retrieve(peer: Peer, _operation: Operation) -> Outcome:
    """An N-GET: the retrieve SOP class of PS3.4 F.8 is not offered."""
    log.warning("N-GET of %s is not offered", shown(peer))
    return Outcome(Status(statuses.UNRECOGNIZED_OPERATION.code))


def _answered(peer: Peer, act: Callable[[Node], None]) -> Outcome:
    """Run the action and name the status; whatever goes wrong is one failed message, not a dead association."""
    with serving(peer):
        try:
            status, keyword = _run(peer, act)
        except DatabaseError as error:
            log.error("message of %s not recorded: %s", shown(peer), type(error).__name__)
            status, keyword = statuses.PROCESSING_FAILURE, ""
    if status is statuses.SUCCESS:
        return Outcome()
    log.warning("message of %s answered 0x%04X: %s %s", shown(peer), status.code, status.meaning, keyword)
    return Outcome(_failure(status, keyword))


def _run(peer: Peer, act: Callable[[Node], None]) -> tuple[MppsStatus, str]:
    node = node_of(peer)
    if node is None:
        return statuses.NOT_AUTHORIZED, ""
    try:
        act(node)
    except MessageError as error:
        return error.status, error.keyword
    except DomainError as error:
        return STATUS_OF.get(type(error), statuses.PROCESSING_FAILURE), ""
    return statuses.SUCCESS, ""


def _failure(status: MppsStatus, keyword: str) -> Status:
    """The status with what PS3.7 Annex C lets it say: an Error Comment that names the attribute, never a value."""
    error_id = statuses.ERROR_ID_FINAL if status is statuses.NO_LONGER_UPDATABLE else None
    return Status(status.code, keyword or status.meaning, error_id=error_id)


def _decoded(operation: Operation) -> Dataset:
    """The message's dataset, none being empty: what is missing is then named attribute by attribute."""
    implicit = operation.transfer_syntax == ImplicitVRLittleEndian
    try:
        return read_dataset(BytesIO(operation.dataset or b""), is_implicit_VR=implicit, is_little_endian=True)
    except Exception as error:  # noqa: BLE001  undecodable bytes: pydicom raises whatever its reader raises
        raise MessageError(statuses.INVALID_VALUE, type(error).__name__) from None
