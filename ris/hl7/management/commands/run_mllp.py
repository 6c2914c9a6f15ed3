"""`manage.py run_mllp`: take HL7 v2 messages over MLLP."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ris.dicom import tls
from ris.hl7.incoming.serving import Reception, refuse
from ris.hl7.mllp.listener import Address, Listener


class Command(BaseCommand):
    help = "Take HL7 v2 messages over MLLP on HL7_HOST:HL7_PORT, on each of HL7_LISTEN, and over TLS on HL7_TLS_PORT."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.HL7_HOST)
        parser.add_argument("--port", type=int, default=settings.HL7_PORT, help="0 lets the system choose.")

    def handle(self, *_args: Any, **options: Any) -> None:
        addresses = [Address(options["host"], options["port"]), *_more(), *_secured()]
        asyncio.run(self._serve(addresses))

    async def _serve(self, addresses: list[Address]) -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        reception = Reception()
        listener = Listener(reception.answer, refuse)
        for address in addresses:
            try:
                host, port = await listener.listen(address)
            except OSError as error:
                words = f"Port {address.port} on {address.host} cannot be opened: {error.strerror}."
                raise CommandError(f"{words} Set HL7_PORT, HL7_LISTEN or HL7_TLS_PORT.") from error
            self.stdout.write(f"HL7 over MLLP{' and TLS' if address.secured else ''}: {host} port {port}")
            self.stdout.flush()
        await asyncio.to_thread(reception.take_up)
        await stopped.wait()
        await listener.stop()
        await asyncio.to_thread(reception.stop)


def _more() -> list[Address]:
    """HL7_LISTEN: host:port, host:port."""
    found = []
    for item in settings.HL7_LISTEN:
        host, _, port = item.rpartition(":")
        if not host or not port.isdecimal():
            raise CommandError(f"HL7_LISTEN holds “{item}”, which is no host:port.")
        found.append(Address(host.strip("[]"), int(port)))
    return found


def _secured() -> list[Address]:
    """The port over TLS, with the certificate that the DICOM server has too."""
    if not settings.HL7_TLS_PORT:
        return []
    try:
        context = tls.server_context(tls.configured())
    except tls.TlsFault as fault:
        raise CommandError(str(fault)) from fault
    return [Address(settings.HL7_HOST, settings.HL7_TLS_PORT, context)]
