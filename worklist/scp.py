"""The DICOM server of the RIS: verification, modality worklist and performed procedure step, on one AE title."""

from __future__ import annotations

import logging
import socket
import threading
import time
from dataclasses import dataclass
from socketserver import BaseServer
from typing import Final

import pydicom.config
from pynetdicom import AE, _config, evt
from pynetdicom.events import Event
from pynetdicom.sop_class import (
    ModalityPerformedProcedureStep,
    ModalityWorklistInformationFind,
    Verification,
)
from pynetdicom.transport import ThreadedAssociationServer

from worklist.association import handle_requested
from worklist.mpps.handler import handle_create, handle_set, handle_unoffered
from worklist.mwl.handler import handle_find

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


def start(address: Address) -> WorklistServer:
    """Listen and return at once; stop it with `stop`. Raises OSError when the port is taken."""
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
    server: WorklistServer = entity.make_server(place, server_class=WorklistServer, evt_handlers=HANDLERS)
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


def handle_echo(_event: Event) -> int:
    """C-ECHO (PS3.4 A)."""
    return SUCCESS


HANDLERS: Final = [
    (evt.EVT_CONN_OPEN, without_delay),
    (evt.EVT_REQUESTED, handle_requested),
    (evt.EVT_C_ECHO, handle_echo),
    (evt.EVT_C_FIND, handle_find),
    (evt.EVT_N_CREATE, handle_create),
    (evt.EVT_N_SET, handle_set),
    (evt.EVT_N_GET, handle_unoffered),
    (evt.EVT_N_EVENT_REPORT, handle_unoffered),
]
