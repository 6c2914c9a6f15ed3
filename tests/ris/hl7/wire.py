"""A listener of our own on loopback, and a sender at the other end of a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connections

from ris.hl7.incoming.serving import answer, refuse
from ris.hl7.mllp.framing import Framer, Misframed, wrap
from ris.hl7.mllp.limits import Limits
from ris.hl7.mllp.listener import Address, Listener

PATIENCE = 60.0


@dataclass
class Line:
    """One connection."""

    socket: socket.socket

    def __post_init__(self) -> None:
        self.framer = Framer(1 << 26)
        self.waiting: list[bytes] = []

    def put(self, raw: bytes) -> None:
        self.socket.sendall(raw)

    def get(self) -> bytes:
        """The next answer; empty when the other side has closed."""
        while not self.waiting:
            received = self.socket.recv(65536)
            if not received:
                return b""
            self.waiting += [one for one in self.framer.feed(received) if not isinstance(one, Misframed)]
        return self.waiting.pop(0)

    def ask(self, message: bytes) -> bytes:
        self.put(wrap(message))
        return self.get()


@contextlib.contextmanager
def line(port: int, context: ssl.SSLContext | None = None) -> Iterator[Line]:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain:
        if context is None:
            yield Line(plain)
        else:
            with context.wrap_socket(plain, server_hostname="localhost") as secured:
                yield Line(secured)


def _answer(message: bytes, peer: str) -> bytes:
    """As the server does it; the thread's connection is closed, so that the test's database can be emptied."""
    try:
        return answer(message, peer)
    finally:
        connections.close_all()


@contextlib.contextmanager
def listening(limits: Limits | None = None, secured: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a listener that runs in a thread until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="mllp-under-test", daemon=True)
    thread.start()
    listener = Listener(_answer, refuse, limits)
    try:
        made = asyncio.run_coroutine_threadsafe(listener.listen(Address("127.0.0.1", 0, secured)), loop)
        yield made.result(PATIENCE)[1]
    finally:
        asyncio.run_coroutine_threadsafe(listener.stop(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()
