"""The association server: a loop in a thread of its own, a listening socket, and the pools that answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import uvloop

from worklist.upper.connection import Connection
from worklist.upper.dialogue import Offer
from worklist.upper.limits import Limits
from worklist.upper.pool import Pool

log = logging.getLogger(__name__)

BACKLOG: Final = 512
# Reading and writing apart: a query never waits behind an MPPS message that waits for the database's lock.
READERS: Final = 3
WRITERS: Final = 2


class Server:
    """Serves from `start()` until `stop()`; both are called from any thread but the loop's own."""

    def __init__(self, offer: Offer, limits: Limits, *, leave: Callable[[], None]) -> None:
        self.offer = offer
        self.limits = limits
        self.loop = uvloop.new_event_loop()
        self.server_address: tuple[str, int] = ("", 0)
        self.associations = 0
        self._connections: dict[Connection, None] = {}
        self._listener: asyncio.AbstractServer | None = None
        self._readers = Pool("dicom-read", READERS, self.loop, leave)
        self._writers = Pool("dicom-write", WRITERS, self.loop, leave)
        self._thread = threading.Thread(target=self._run, name="dicom-scp", daemon=True)

    # -- from outside ------------------------------------------------------------------------------------------------

    def start(self, host: str, port: int, secured: ssl.SSLContext | None) -> None:
        """Listen and serve. Raises OSError when the port is taken; nothing is left running then."""
        try:
            listening = socket.create_server((host, port), backlog=BACKLOG)
        except OSError:
            self._end()
            self.loop.close()
            raise
        self.server_address = listening.getsockname()[:2]
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(listening, secured), self.loop).result()

    def stop(self) -> None:
        """Stop listening, abort what is open, wait shortly for what is being answered. Twice is as good as once."""
        if not self._thread.is_alive():
            return
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._close(), self.loop).result(2 * self.limits.grace + 1)
        self._end()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(self.limits.grace)
        for pool in (self._readers, self._writers):
            pool.join(self.limits.grace)

    @property
    def connections(self) -> int:
        """Open ones, associated or not."""
        return len(self._connections)

    # -- for connections, on the loop --------------------------------------------------------------------------------

    @property
    def full(self) -> bool:
        return self.associations >= self.limits.associations

    def opened(self, connection: Connection) -> None:
        """Beyond the limit the oldest that has said nothing makes room; without one the new has none."""
        self._connections[connection] = None
        if len(self._connections) <= self.limits.connections:
            return
        silent = next((one for one in self._connections if one.silent), connection)
        silent.cut()

    def gone(self, connection: Connection) -> None:
        self._connections.pop(connection, None)

    def run(self, work: Callable[[], Any], then: Callable[[Any], None], *, writes: bool) -> None:
        (self._writers if writes else self._readers).run(work, then)

    # -- on the loop -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.call_later(self.limits.sweep, self._sweep)
        try:
            self.loop.run_forever()
        finally:
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()

    async def _listen(self, listening: socket.socket, secured: ssl.SSLContext | None) -> None:
        handshake = self.limits.artim if secured else None
        self._listener = await self.loop.create_server(
            lambda: Connection(self),
            sock=listening,
            ssl=secured,
            backlog=BACKLOG,
            ssl_handshake_timeout=handshake,
            ssl_shutdown_timeout=handshake,
        )

    def _sweep(self) -> None:
        now = time.monotonic()
        for connection in list(self._connections):
            connection.check(now)
        self.loop.call_later(self.limits.sweep, self._sweep)

    async def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        for connection in list(self._connections):
            connection.drop()
        deadline = self.loop.time() + self.limits.grace
        while self._connections and self.loop.time() < deadline:
            await asyncio.sleep(0.01)
        for connection in list(self._connections):
            connection.cut()
        await asyncio.sleep(0)

    def _end(self) -> None:
        self._readers.stop()
        self._writers.stop()
