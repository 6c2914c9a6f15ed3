"""Several listeners over one loop; messages are worked on in a few threads, so that a slow one holds up no other."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ris.hl7.mllp.connection import Connection
from ris.hl7.mllp.limits import Limits

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; port 0 lets the system choose. With `secured`, over TLS."""

    host: str
    port: int
    secured: ssl.SSLContext | None = None


class Listener:
    """`receive` is called in a thread with a message and the peer's address, `refuse` with what was no block."""

    def __init__(
        self, receive: Callable[[bytes, str], bytes], refuse: Callable[[str], bytes], limits: Limits | None = None
    ) -> None:
        self.limits = limits or Limits()
        self._receive = receive
        self._pool = ThreadPoolExecutor(self.limits.threads, thread_name_prefix="mllp")
        self._connection = Connection(self.limits, self._answer, refuse)
        self._open: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []

    async def listen(self, address: Address) -> tuple[str, int]:
        """Begin; the address that was taken. Raises OSError when it is not to be had."""
        server = await asyncio.start_server(self._accept, address.host, address.port, ssl=address.secured, backlog=256)
        self._servers.append(server)
        host, port = server.sockets[0].getsockname()[:2]
        return host, port

    async def stop(self) -> None:
        """Take no more; what is being worked on is finished, though nobody may hear of it."""
        for server in self._servers:
            server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await asyncio.to_thread(self._pool.shutdown, wait=True, cancel_futures=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= self.limits.connections:
            log.warning("more than %s connections: one is turned away", self.limits.connections)
            writer.close()
            return
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  start_server runs this in a task of its own
        self._open.add(task)
        try:
            await self._connection.serve(reader, writer)
        finally:
            self._open.discard(task)

    async def _answer(self, message: bytes, peer: str) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._receive, message, peer)
