"""A receiver of HL7 messages for the demo, and for trying a destination out; needs no database."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from ris.demo.receiver.answering import FAULTS, Manners
from ris.demo.receiver.serving import Receiver
from ris.demo.receiver.store import Store


class Command(BaseCommand):
    help = (
        "Take HL7 messages over MLLP, keep each as a file, answer AA. A message that comes again (same MSH-10, same "
        "bytes) is answered from the store. Prints numbers and types, never a patient."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--host", default="127.0.0.1", help="address to listen at (%(default)s)")
        add("--port", type=int, default=settings.HL7_RECEIVER_PORT, help="port (%(default)s); 0 takes a free one")
        add("--folder", type=Path, default=settings.DATA_DIR / "hl7-received", help="where messages are kept")
        add("--refuse", choices=("AE", "AR"), default="", help="refuse instead of taking")
        add("--patient", default="", help="with --refuse: only messages of this patient number (PID-3)")
        add("--fault", choices=FAULTS, default="", help="take the message, then answer wrongly")
        add("--times", type=int, default=1, help="with --fault: how often (%(default)s)")

    def handle(self, *_args: Any, **options: Any) -> None:
        manners = Manners(options["refuse"], options["patient"], options["fault"], options["times"])
        address = (options["host"], options["port"])
        with Receiver(address, Store(options["folder"]), manners, self._say) as receiver:
            signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=receiver.shutdown).start())
            signal.signal(signal.SIGINT, lambda *_: threading.Thread(target=receiver.shutdown).start())
            self._say(
                f"listening at {address[0]}:{receiver.server_address[1]}, keeping messages in {options['folder']}"
            )
            receiver.serve_forever(poll_interval=0.2)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
