"""The DICOM server of the RIS: verification, modality worklist and performed procedure step, on one AE title."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from socketserver import BaseServer
from typing import Final

import pydicom.config
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pynetdicom import AE, _config, evt
from pynetdicom.dimse_primitives import N_CREATE, N_SET
from pynetdicom.events import Event
from pynetdicom.sop_class import (
    ModalityPerformedProcedureStep,
    ModalityWorklistInformationFind,
    Verification,
)
from pynetdicom.transport import ThreadedAssociationServer

from worklist.answering import Answers
from worklist.association import shown
from worklist.upper.service import Operation, Peer, Query, Status

log = logging.getLogger(__name__)

ASSOCIATIONS: Final = 200
SOP_CLASSES: Final = (Verification, ModalityWorklistInformationFind, ModalityPerformedProcedureStep)
SUCCESS: Final = 0x0000

# Seconds: a peer that opens a connection and says nothing, that stops in the middle of a message, that idles.
ACSE_TIMEOUT: Final = 10
DIMSE_TIMEOUT: Final = 30
NETWORK_TIMEOUT: Final = 120
POLL_SECONDS: Final = 0.25
GRACE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen and under which AE title; port 0 lets the system choose."""

    ae_title: str
    host: str
    port: int


class WorklistServer(ThreadedAssociationServer):
    """pynetdicom's server with a queue for bursts: with its five places, the sixth device at once waits a second."""

    request_queue_size = 128
    daemon_threads = True
    block_on_close = False

    def shutdown(self) -> None:
        """Stop accepting and close the listening socket."""
        BaseServer.shutdown(self)
        self.server_close()


def start(address: Address, secured: ssl.SSLContext | None = None) -> WorklistServer:
    """Listen (over TLS with `secured`) and return at once; stop it with `stop`. OSError when the port is taken."""
    keep_names_out_of_logs()
    entity = AE(ae_title=address.ae_title)
    entity.require_called_aet = True
    entity.maximum_associations = ASSOCIATIONS
    entity.acse_timeout = ACSE_TIMEOUT
    entity.dimse_timeout = DIMSE_TIMEOUT
    entity.network_timeout = NETWORK_TIMEOUT
    for sop_class in SOP_CLASSES:
        entity.add_supported_context(sop_class)
    place = (address.host, address.port)
    server: WorklistServer = entity.make_server(
        place, ssl_context=secured, server_class=WorklistServer, evt_handlers=HANDLERS
    )
    threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), name="dicom-scp", daemon=True).start()
    log.info("listening as %s on %s port %s", address.ae_title, *server.server_address[:2])
    return server


def stop(server: WorklistServer) -> None:
    """Stop listening, abort what is open, wait shortly for what is being answered."""
    server.shutdown()
    left = server.active_associations
    for association in left:
        association.abort(block=False)
    deadline = time.monotonic() + GRACE_SECONDS
    for association in left:
        association.join(max(0.0, deadline - time.monotonic()))


def keep_names_out_of_logs() -> None:
    """Identifiers are never logged, and pydicom does not quote a bad value in a warning (DESIGN.md §5.12)."""
    _config.LOG_REQUEST_IDENTIFIERS = False
    _config.LOG_RESPONSE_IDENTIFIERS = False
    _config.LOG_HANDLER_LEVEL = "none"
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE


def without_delay(event: Event) -> None:
    """Answers of many small PDUs must not wait for the peer's delayed acknowledgement: 36 ms a query."""
    connection = event.assoc.dul.socket.socket
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def peer_of(event: Event) -> Peer:
    requestor = event.assoc.requestor
    return Peer(str(requestor.primitive.calling_ae_title or "").strip(), str(requestor.address))


def handle_requested(event: Event) -> None:
    rejection = ANSWERS.admit(peer_of(event))
    if rejection is not None:
        log.warning("association of %s rejected: %s", shown(peer_of(event)), rejection.meaning)
        event.assoc.acse.send_reject(rejection.result, rejection.source, rejection.reason)
        event.assoc.kill()


def handle_echo(event: Event) -> int:
    return ANSWERS.echo(peer_of(event)).code


def handle_find(event: Event) -> Iterator[tuple[int | Dataset, Dataset | None]]:
    query = Query(MWL, event.request.Identifier.getvalue(), str(event.context.transfer_syntax))
    found = ANSWERS.find(peer_of(event), query, lambda: event.is_cancelled)
    for row in found.rows:
        if event.is_cancelled:
            yield 0xFE00, None
            return
        implicit = str(event.context.transfer_syntax) == IMPLICIT
        yield found.pending, read_dataset(BytesIO(row), is_implicit_VR=implicit, is_little_endian=True)
    if found.final.code:
        yield status_of(found.final), None


def handle_n(event: Event) -> tuple[Dataset, Dataset | None]:
    request = event.request
    if isinstance(request, N_CREATE):
        act, uid, data = ANSWERS.create, request.AffectedSOPInstanceUID, request.AttributeList
    elif isinstance(request, N_SET):
        act, uid, data = ANSWERS.set, request.RequestedSOPInstanceUID, request.ModificationList
    else:
        act, uid, data = ANSWERS.get, "", None
    operation = Operation(MPPS, str(uid or ""), str(event.context.transfer_syntax), data.getvalue() if data else None)
    return status_of(act(peer_of(event), operation).status), None


def status_of(status: Status) -> Dataset:
    answer = Dataset()
    answer.Status = status.code
    if status.comment:
        answer.ErrorComment = status.comment[:64]
    if status.offending:
        answer.OffendingElement = list(status.offending)
    if status.error_id is not None:
        answer.ErrorID = status.error_id
    return answer


ANSWERS: Final = Answers()
MWL: Final = str(ModalityWorklistInformationFind)
MPPS: Final = str(ModalityPerformedProcedureStep)
IMPLICIT: Final = "1.2.840.10008.1.2"
HANDLERS: Final = [
    (evt.EVT_CONN_OPEN, without_delay),
    (evt.EVT_REQUESTED, handle_requested),
    (evt.EVT_C_ECHO, handle_echo),
    (evt.EVT_C_FIND, handle_find),
    (evt.EVT_N_CREATE, handle_n),
    (evt.EVT_N_SET, handle_n),
    (evt.EVT_N_GET, handle_n),
]
