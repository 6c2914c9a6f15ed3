"""The connection to the archive's DICOMweb: one aiohttp session per event loop, our credentials, nothing foreign.

The archive's fixed address comes from the settings; redirects are not followed; the Accept header is ours, since one
that asks for JPEG-LS of an uncompressed image ends Orthanc 1.10.1.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from weakref import WeakKeyDictionary

import aiohttp
from django.conf import settings
from yarl import URL

from viewer.caching.inventory import Inventories
from viewer.caching.wire import TooLong, Wires
from viewer.turnstile import Turnstile

CONNECTIONS = 40
CHUNK = 128 * 1024
JSON_MAX = 128 * 1024 * 1024
CONNECT_SECONDS, READ_SECONDS = 3.0, 30.0
# Orthanc closes an idle connection after a second.
KEEP_SECONDS = 0.8
# Of one person one store is under way, so that it never takes both readers of the sandbox, and a few wait: OHIF sends
# one for each exam at once. Of all together so many, each of STOW_MAX_BYTES at most, are in memory; the others' bodies
# wait in files.
STORES_WAITING, STORES_AT_ONCE = 7, 6


class UpstreamError(Exception):
    """The archive did not answer as it should; `status` is what the client is told."""

    def __init__(self, status: int) -> None:
        super().__init__(f"archive: {status}")
        self.status = status


class Upstream:
    """The session and the turnstile of one event loop."""

    def __init__(self) -> None:
        self.turnstile = Turnstile()
        self.stores = Turnstile(at_once=1, waiting=STORES_WAITING)
        self.storing = asyncio.Semaphore(STORES_AT_ONCE)
        self.inventories = Inventories()
        self.wires = Wires(READ_SECONDS)
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEEP_SECONDS),
            timeout=aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS, connect=READ_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )

    def __del__(self) -> None:
        """Its event loop is over, and its connections with it: nobody is left who could await their closing."""
        self.session.detach()

    async def get(self, path: str, query: str, accept: str) -> aiohttp.ClientResponse:
        """A GET below the DICOMweb root; the status is not judged here. Raises UpstreamError 502, 503 or 504."""
        try:
            return await self._once_more_if_dropped(address(path, query), headers(accept))
        except TimeoutError as error:
            raise UpstreamError(504) from error
        except aiohttp.ClientError as error:
            raise UpstreamError(502) from error

    async def get_native(self, path: str) -> aiohttp.ClientResponse:
        """A GET of the archive's own REST, at a path that is built of its own names; raises UpstreamError."""
        try:
            return await self._once_more_if_dropped(native_address(path), headers("*/*"))
        except TimeoutError as error:
            raise UpstreamError(504) from error
        except aiohttp.ClientError as error:
            raise UpstreamError(502) from error

    async def small(self, path: str, limit: int) -> bytearray | TooLong | None:
        """A GET of the archive's own REST by the shortest way; None for all but a 200."""
        return await self.wires.get(native_address(path), headers("*/*"), limit)

    async def native(self, path: str, limit: int) -> bytes | None:
        """The body of a 200 of at most `limit` bytes; None for any other answer, or none."""
        try:
            response = await self.get_native(path)
            if response.status == 200:
                return await whole(response, limit)
        except UpstreamError:
            return None
        response.close()
        return None

    async def _once_more_if_dropped(self, url: URL, sent: dict[str, str]) -> aiohttp.ClientResponse:
        try:
            return await self.session.get(url, headers=sent, allow_redirects=False)
        except aiohttp.ServerDisconnectedError:
            return await self.session.get(url, headers=sent, allow_redirects=False)


def address(path: str, query: str) -> URL:
    """The archive's address of a path that the grammar built; nothing is decoded or joined again."""
    root = settings.ORTHANC_URL.rstrip("/") + "/" + settings.ORTHANC_DICOMWEB_ROOT.strip("/")
    return URL(f"{root}{path}" + (f"?{query}" if query else ""), encoded=True)


def native_address(path: str) -> URL:
    return URL(settings.ORTHANC_URL.rstrip("/") + path, encoded=True)


def headers(accept: str) -> dict[str, str]:
    """All that the archive gets to see."""
    sent = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": "Isocenter"}
    if settings.ORTHANC_TOKEN:
        sent["Authorization"] = f"Bearer {settings.ORTHANC_TOKEN}"
    elif settings.ORTHANC_USERNAME:
        pair = f"{settings.ORTHANC_USERNAME}:{settings.ORTHANC_PASSWORD}".encode()
        sent["Authorization"] = f"Basic {b64encode(pair).decode('ascii')}"
    return sent


_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Upstream] = WeakKeyDictionary()


def upstream() -> Upstream:
    """The connection of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _of_loop.get(loop)
    if found is None or found.session.closed:
        found = _of_loop[loop] = Upstream()
    return found


async def close() -> None:
    """End the connections of the running event loop, at its shutdown."""
    found = _of_loop.pop(asyncio.get_running_loop(), None)
    if found is not None:
        found.wires.close()
        await found.session.close()


async def whole(response: aiohttp.ClientResponse, limit: int = JSON_MAX) -> bytes:
    """The body, read and released; UpstreamError when it is longer than `limit` bytes or breaks off."""
    chunks, size = [], 0
    try:
        async for chunk in response.content.iter_chunked(CHUNK):
            size += len(chunk)
            if size > limit:
                raise UpstreamError(502)
            chunks.append(chunk)
    except TimeoutError as error:
        raise UpstreamError(504) from error
    except aiohttp.ClientError as error:
        raise UpstreamError(502) from error
    finally:
        response.close() if size > limit else response.release()
    return b"".join(chunks)


class Stream:
    """A body passed on as it arrives, begun only after its first bytes are there. Closing it twice is harmless."""

    def __init__(self, response: aiohttp.ClientResponse, first: bytes, ticket: Turnstile.Ticket) -> None:
        self._response, self._first, self._ticket = response, first, ticket
        self._loop = asyncio.get_running_loop()

    @classmethod
    async def begin(cls, response: aiohttp.ClientResponse, ticket: Turnstile.Ticket) -> Stream:
        """Wait for the first bytes; UpstreamError when none come."""
        try:
            first = await response.content.readany()
        except BaseException as error:
            response.close()
            if isinstance(error, TimeoutError):
                raise UpstreamError(504) from error
            if isinstance(error, aiohttp.ClientError):
                raise UpstreamError(502) from error
            raise
        return cls(response, first, ticket)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            yield self._first
            async for chunk in self._response.content.iter_chunked(CHUNK):
                yield chunk
        finally:
            self._end()

    def close(self) -> None:
        """From any thread: Django closes responses from a worker thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()
        self._ticket.give_back()
