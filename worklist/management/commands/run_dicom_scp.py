from __future__ import annotations

import os
import resource
import signal
import ssl
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ris.core.identifiers import is_ae_title
from ris.dicom import tls
from worklist.scp import Address, WorklistServer, start, stop
from worklist.upper.limits import Limits


class Command(BaseCommand):
    help = "Answer devices over DICOM: worklist (C-FIND), performed procedure steps (MPPS), verification."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.DICOM_SCP_HOST)
        parser.add_argument("--port", type=int, default=settings.DICOM_SCP_PORT, help="0 lets the system choose.")
        parser.add_argument("--ae-title", default=settings.DICOM_AET)

    def handle(self, *_args: Any, **options: Any) -> None:
        address = Address(options["ae_title"], options["host"], options["port"])
        if not is_ae_title(address.ae_title):
            raise CommandError("DICOM_AET is at most 16 capitals, digits, _ or -.")
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        _allow_connections()
        servers = [_listening(address), *_secured(address.ae_title)]
        for server, way in zip(servers, ("", " over TLS"), strict=False):
            host, port = server.server_address[:2]
            self.stdout.write(f"DICOM worklist and MPPS{way}: {address.ae_title} on {host} port {port}")
        self.stdout.flush()
        stopped.wait()
        for server in servers:
            stop(server)
        self.stdout.flush()
        # Threads that wait for a silent peer would hold the process; a transaction of theirs is rolled back.
        os._exit(0)


def _allow_connections() -> None:
    """Many systems allow a process 1,024 files unasked: fewer than the connections that we take."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * Limits().connections
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _secured(ae_title: str) -> list[WorklistServer]:
    """The second port, over TLS, when there is a certificate for it."""
    files = tls.configured()
    if not files.complete:
        return []
    try:
        context = tls.server_context(files)
    except tls.TlsFault as fault:
        raise CommandError(str(fault)) from fault
    address = Address(ae_title, settings.DICOM_TLS_HOST, settings.DICOM_TLS_PORT)
    return [_listening(address, context, setting="DICOM_TLS_PORT")]


def _listening(
    address: Address, context: ssl.SSLContext | None = None, setting: str = "DICOM_SCP_PORT"
) -> WorklistServer:
    try:
        return start(address, context)
    except OSError as error:
        raise CommandError(
            f"Port {address.port} on {address.host} cannot be opened: {error.strerror}. "
            f"Set {setting}, or stop what uses it."
        ) from error
