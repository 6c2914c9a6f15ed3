"""`manage.py send_hl7 FILE`: send one message to a listener and print its answer. Needs no database."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ris.hl7.er7.limits import MESSAGE_BYTES
from ris.hl7.mllp.framing import Framer, Misframed, wrap


class Command(BaseCommand):
    help = "Send the HL7 message of a file over MLLP, to try a sender out, and print what it is answered."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="segments end with a carriage return, or a line each")
        parser.add_argument("--host", default=settings.HL7_HOST)
        parser.add_argument("--port", type=int, default=settings.HL7_PORT)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            message = options["file"].read_bytes()
            answer = _exchanged(message.replace(b"\r\n", b"\r").replace(b"\n", b"\r"), options["host"], options["port"])
        except OSError as error:
            raise CommandError(f"It could not be sent: {error.strerror or error}.") from error
        if not answer:
            raise CommandError("The connection was closed without an answer.")
        self.stdout.write(answer.decode(errors="replace").replace("\r", "\n"))


def _exchanged(message: bytes, host: str, port: int) -> bytes:
    """The first block that comes back; empty when there is none."""
    framer = Framer(MESSAGE_BYTES)
    with socket.create_connection((host, port), timeout=30) as line:
        line.sendall(wrap(message))
        while received := line.recv(65536):
            for found in framer.feed(received):
                if not isinstance(found, Misframed):
                    return found
    return b""
