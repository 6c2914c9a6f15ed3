"""The listener: a thread for each connection, MLLP blocks in and out."""

from __future__ import annotations

import socketserver
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ris.demo.receiver.answering import Manners, answer_to
from ris.demo.receiver.store import Store
from ris.hl7.er7.limits import MESSAGE_BYTES
from ris.hl7.mllp.framing import Framer, Misframed, wrap

CHUNK = 65536
OTHER = b"MSH|^~\\&|||||20260101||ACK|X1|P|2.5.1\rMSA|AA|NOT-YOURS\r"
# Some write a block of fixed length.
PADDING = bytes(8)


class Receiver(socketserver.ThreadingTCPServer):
    """Listens at once; `say` gets a line for each message."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int], store: Store, manners: Manners, say: Callable[[str], Any]) -> None:
        super().__init__(address, Conversation)
        self.store, self.manners, self.say = store, manners, say


class Conversation(socketserver.BaseRequestHandler):
    server: Receiver

    def handle(self) -> None:
        framer = Framer(MESSAGE_BYTES)
        with suppress(ConnectionError):
            while received := self.request.recv(CHUNK):
                for block in framer.feed(received):
                    if isinstance(block, Misframed) or not self._answer(block):
                        return

    def _answer(self, raw: bytes) -> bool:
        """False when the connection is to end."""
        fault = self.server.manners.next_fault()
        answer, line = answer_to(raw, self.server.store, self.server.manners)
        self.server.say(f"{line}{f' ({fault})' if fault else ''}")
        if fault == "silent":
            return True
        if fault == "close":
            return False
        self.request.sendall(_spoilt(wrap(answer + PADDING if fault == "padded" else answer), fault))
        return fault != "half"


def _spoilt(block: bytes, fault: str) -> bytes:
    return {"half": block[: len(block) // 2], "other-number": wrap(OTHER), "noise": b"hello\r\n"}.get(fault, block)
