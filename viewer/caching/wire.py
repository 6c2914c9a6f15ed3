"""The shortest way to small answers of the archive: kept-alive HTTP/1.1 connections that read straight into place.

For one kind of request, a GET of Orthanc's own REST at a path that we built, asked hundreds of times for one series:
there a full HTTP client costs more than the archive. Whatever is not the plain 200 that is expected is None here,
and its connection is given up; the caller then asks the long way, which can tell what is wrong.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from dataclasses import dataclass

from yarl import URL

HEAD_MAX = 16 * 1024
IDLE_SECONDS = 0.8  # Orthanc closes an idle connection after a second
PATH = re.compile(r"/[0-9A-Za-z/\-]{1,300}")
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]{1,12})\r\n", re.IGNORECASE)
_OTHER_FRAMING = re.compile(rb"\r\n(?:transfer-encoding|content-encoding) *:", re.IGNORECASE)


class DroppedError(ConnectionError):
    """The archive hung up before it answered."""


@dataclass(frozen=True, slots=True)
class TooLong:
    """A good answer of so many bytes, more than were wanted."""

    length: int


class _Wire(asyncio.BufferedProtocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.idle_since = 0.0
        self.reusable = False
        self._head = memoryview(bytearray(HEAD_MAX))
        self._filled, self._limit = 0, 0
        self._body: memoryview | None = None
        self._answer: asyncio.Future[bytearray | TooLong | None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # uvloop's are no asyncio.Transport by class

    def ask(self, request: bytes, limit: int) -> asyncio.Future[bytearray | TooLong | None]:
        self._filled, self._limit, self._body, self.reusable = 0, limit, None, False
        self._answer = asyncio.get_running_loop().create_future()
        if self.transport is None or self.transport.is_closing():
            self._answer.set_exception(DroppedError())
        else:
            self.transport.write(request)
        return self._answer

    def get_buffer(self, sizehint: int) -> memoryview:
        return (self._head if self._body is None else self._body)[self._filled :]

    def buffer_updated(self, nbytes: int) -> None:
        self._filled += nbytes
        if self._body is None:
            self._read_head()
        elif self._filled == len(self._body):
            self._done(self._body.obj)  # type: ignore[arg-type]

    def _read_head(self) -> None:
        head = bytes(self._head[: self._filled])
        end = head.find(b"\r\n\r\n")
        if end < 0:
            if self._filled == HEAD_MAX:
                self._give_up(None)
            return
        length = _LENGTH.search(head, 0, end + 2)
        if not head.startswith(b"HTTP/1.1 200 ") or length is None or _OTHER_FRAMING.search(head, 0, end):
            self._give_up(None)
        elif int(length[1]) > self._limit:
            self._give_up(TooLong(int(length[1])))
        else:
            self._begin_body(int(length[1]), head[end + 4 :])

    def _begin_body(self, length: int, already: bytes) -> None:
        body = bytearray(length)
        if len(already) > length:
            self._give_up(None)
            return
        body[: len(already)] = already
        self._body, self._filled = memoryview(body), len(already)
        if self._filled == length:
            self._done(body)

    def _done(self, body: bytearray) -> None:
        self.reusable, self.idle_since = True, time.monotonic()
        # nothing is asked: what comes now is nothing that was asked for
        self._body, self._filled = None, 0
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(body)
        self._answer = None

    def _give_up(self, answer: TooLong | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)
        self._answer = None
        self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport, self.reusable = None, False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(DroppedError())

    def close(self) -> None:
        self.reusable = False
        if self.transport is not None:
            self.transport.abort()


class Wires:
    """The connections of one event loop to one archive."""

    def __init__(self, seconds: float) -> None:
        self._idle: list[_Wire] = []
        self._seconds = seconds

    async def get(self, url: URL, headers: dict[str, str], limit: int) -> bytearray | TooLong | None:
        """The body of a 200 of at most `limit` bytes, how long it would be, or None for anything else."""
        if url.scheme != "http" or not PATH.fullmatch(url.raw_path) or url.host is None or url.port is None:
            return None
        lines = {"Host": f"{url.host}:{url.port}"} | headers
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        request = f"GET {url.raw_path} HTTP/1.1\r\n{head}\r\n".encode("latin-1")
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(self._seconds):
                return await self._once_more_if_dropped(url.host, url.port, request, limit)
        return None

    async def _once_more_if_dropped(
        self, host: str, port: int, request: bytes, limit: int
    ) -> bytearray | TooLong | None:
        wire = self._kept()
        if wire is not None:
            with contextlib.suppress(DroppedError):
                return await self._ask(wire, request, limit)
        _transport, fresh = await asyncio.get_running_loop().create_connection(_Wire, host, port)
        return await self._ask(fresh, request, limit)

    async def _ask(self, wire: _Wire, request: bytes, limit: int) -> bytearray | TooLong | None:
        try:
            return await wire.ask(request, limit)
        finally:
            if wire.reusable:
                self._idle.append(wire)
            else:
                wire.close()

    def _kept(self) -> _Wire | None:
        while self._idle:
            wire = self._idle.pop()
            if wire.reusable and time.monotonic() - wire.idle_since < IDLE_SECONDS:
                return wire
            wire.close()
        return None

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()
