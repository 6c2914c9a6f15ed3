"""N-CREATE and N-SET: translate, act, answer with the status that the standard names."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from django.db import Error as DatabaseError
from pydicom.dataset import Dataset
from pynetdicom.events import Event

from ris.core.actors import SystemActor
from ris.core.errors import DomainError, NotFound, NotPermitted
from ris.dicom.models import Node
from worklist.actions.performed import AlreadyCreatedError, FrozenError, start_procedure, update_procedure
from worklist.association import node_of, peer_of, serving
from worklist.mpps import messages, statuses
from worklist.mpps.reading import MessageError
from worklist.mpps.statuses import MppsStatus

log = logging.getLogger(__name__)

DEVICE: Final = SystemActor("mpps")
STATUS_OF: Final[dict[type[DomainError], MppsStatus]] = {
    AlreadyCreatedError: statuses.DUPLICATE,
    NotFound: statuses.NO_SUCH_INSTANCE,
    FrozenError: statuses.NO_LONGER_UPDATABLE,
    NotPermitted: statuses.NOT_AUTHORIZED,
}

Answer = tuple[int | Dataset, Dataset | None]


def handle_create(event: Event) -> Answer:
    """An N-CREATE: the device has begun."""

    def act(node: Node) -> None:
        message = messages.started(_uid(event.request.AffectedSOPInstanceUID), _decoded(event, "attribute_list"))
        start_procedure(message, node=node, by=DEVICE)

    return _answered(event, act)


def handle_set(event: Event) -> Answer:
    """An N-SET: the device tells more, or has finished."""

    def act(node: Node) -> None:
        message = messages.updated(_uid(event.request.RequestedSOPInstanceUID), _decoded(event, "modification_list"))
        update_procedure(message, node=node, by=DEVICE)

    return _answered(event, act)


def handle_unoffered(event: Event) -> Answer:
    """N-GET and the like: the retrieve and notification SOP classes of PS3.4 F.8 and F.9 are not offered."""
    log.warning("operation %s of %s is not offered", event.event.name, peer_of(event))
    return statuses.UNRECOGNIZED_OPERATION.code, None


def _answered(event: Event, act: Callable[[Node], None]) -> Answer:
    """Run the action and name the status; whatever goes wrong is one failed message, not a dead association."""
    with serving(event):
        try:
            status, keyword = _run(event, act)
        except DatabaseError as error:
            log.error("message of %s not recorded: %s", peer_of(event), type(error).__name__)
            status, keyword = statuses.PROCESSING_FAILURE, ""
    if status is statuses.SUCCESS:
        return status.code, None
    log.warning("message of %s answered 0x%04X: %s %s", peer_of(event), status.code, status.meaning, keyword)
    return _failure(status, keyword), None


def _run(event: Event, act: Callable[[Node], None]) -> tuple[MppsStatus, str]:
    node = node_of(event)
    if node is None:
        return statuses.NOT_AUTHORIZED, ""
    try:
        act(node)
    except MessageError as error:
        return error.status, error.keyword
    except DomainError as error:
        return STATUS_OF.get(type(error), statuses.PROCESSING_FAILURE), ""
    return statuses.SUCCESS, ""


def _failure(status: MppsStatus, keyword: str) -> Dataset:
    """The status with what PS3.7 Annex C lets it say: an Error Comment that names the attribute, never a value."""
    answer = Dataset()
    answer.Status = status.code
    answer.ErrorComment = (keyword or status.meaning)[:64]
    if status is statuses.NO_LONGER_UPDATABLE:
        answer.ErrorID = statuses.ERROR_ID_FINAL
    return answer


def _decoded(event: Event, attribute: str) -> Dataset:
    try:
        dataset: Dataset = getattr(event, attribute)
    except Exception as error:  # noqa: BLE001  undecodable bytes: pydicom raises whatever its reader raises
        raise MessageError(statuses.INVALID_VALUE, type(error).__name__) from None
    return dataset


def _uid(value: object) -> str:
    return "" if value is None else str(value)
