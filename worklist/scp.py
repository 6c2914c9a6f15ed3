"""The DICOM server of the RIS: verification, modality worklist and performed procedure step, on one AE title."""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass
from typing import Final

import pydicom.config
from pynetdicom import _config

from worklist.answering import Answers
from worklist.association import leave
from worklist.upper.dialogue import Offer
from worklist.upper.limits import Limits
from worklist.upper.operations import PERFORMED, PERFORMED_RETRIEVE, VERIFICATION, WORKLIST
from worklist.upper.server import Server

__all__ = ["SOP_CLASSES", "Address", "WorklistServer", "start", "stop"]

WorklistServer = Server
log = logging.getLogger(__name__)

SOP_CLASSES: Final = (VERIFICATION, WORKLIST, PERFORMED, PERFORMED_RETRIEVE)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen and under which AE title; port 0 lets the system choose."""

    ae_title: str
    host: str
    port: int


def start(address: Address, secured: ssl.SSLContext | None = None, *, limits: Limits | None = None) -> WorklistServer:
    """Listen (over TLS with `secured`) and return at once; stop it with `stop`. OSError when the port is taken."""
    keep_names_out_of_logs()
    answers = Answers()
    server = WorklistServer(Offer(address.ae_title, SOP_CLASSES, answers), limits or Limits(), leave=leave)
    try:
        server.start(address.host, address.port, secured)
    except OSError:
        answers.close()
        raise
    log.info("listening as %s on %s port %s", address.ae_title, *server.server_address)
    return server


def stop(server: WorklistServer) -> None:
    """Stop listening, abort what is open, wait shortly for what is being answered."""
    server.stop()
    if isinstance(server.offer.service, Answers):
        server.offer.service.close()


def keep_names_out_of_logs() -> None:
    """Identifiers are never logged, and pydicom does not quote a bad value in a warning (DESIGN.md §5.12)."""
    _config.LOG_REQUEST_IDENTIFIERS = False
    _config.LOG_RESPONSE_IDENTIFIERS = False
    _config.LOG_HANDLER_LEVEL = "none"
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE
