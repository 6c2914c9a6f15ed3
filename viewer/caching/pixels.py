"""Single frames as they are stored: from the shelf, else from Orthanc's REST, which needs a tenth of its WADO-RS.

They leave as multipart with the stored transfer syntax: single-part, OHIF draws large images blank (ohif.md B2).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import aiohttp

from ris.core.identifiers import is_uid
from viewer.caching import shelves, stored
from viewer.caching.behind import Behind
from viewer.caching.inventory import FACTS_MAX, Inventory
from viewer.caching.shelf import Later
from viewer.caching.wire import TooLong
from viewer.turnstile import Turnstile
from viewer.upstream import CHUNK, Stream, Upstream, UpstreamError, whole

# Up to here a frame is held in memory; what is larger passes through in pieces.
WHOLE_MAX = 2 * 1024 * 1024
KEEP_MAX = 64 * 1024 * 1024
BOUNDARY = "isocenter-7d1f9a35c0e84b6f"
SYNTAX_BYTES = 64
CLOSING = f"\r\n--{BOUNDARY}--\r\n".encode()
SYNTAXES_MAX = 200_000
Bytes = bytes | bytearray | memoryview
_disk = ThreadPoolExecutor(4, "pixels")


@dataclass(frozen=True, slots=True)
class Place:
    """One frame of one stored file; `number` counts from 1."""

    series: str
    instance: str
    file: str
    number: int

    @property
    def name(self) -> str:
        return f"{self.file}.f{self.number}"

    @property
    def raw_path(self) -> str:
        return f"/instances/{self.instance}/frames/{self.number - 1}/raw"


@dataclass(frozen=True, slots=True)
class Frame:
    """The stored bytes of a frame, as they go into a multipart body."""

    syntax: str
    body: Bytes


class Syntaxes:
    """The transfer syntax of stored files, remembered: one never changes."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, str] = OrderedDict()

    async def of(self, link: Upstream, place: Place) -> str | None:
        found = self._known.get(place.file)
        if found is None:
            body = await link.small(f"/instances/{place.instance}/metadata/TransferSyntax", FACTS_MAX)
            found = body.decode("ascii", "replace").strip() if isinstance(body, bytearray) else ""
            if not is_uid(found):
                return None
            self.note(place.file, found)
        return found

    def note(self, file: str, syntax: str) -> None:
        self._known[file] = syntax
        if len(self._known) > SYNTAXES_MAX:
            self._known.popitem(last=False)


class _Bounded:
    """Names that were seen; when there are too many, all are forgotten."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def add(self, name: str) -> None:
        if len(self._names) > SYNTAXES_MAX:
            self._names.clear()
        self._names.add(name)


_syntaxes = Syntaxes()
_behind = Behind(shelves.pixels)
_large = _Bounded()
_other = _Bounded()  # series whose files are not plain


def place_of(inventory: Inventory, series: str, instance: str, number: int) -> Place | None:
    found = inventory.file_of(series, instance)
    return Place(series, *found, number) if found else None


async def syntax_of(link: Upstream, place: Place) -> str | None:
    """The stored transfer syntax, asked once for each file; None when the archive does not say."""
    return await _syntaxes.of(link, place)


def content_type(syntax: str) -> str:
    return f'multipart/related; type="application/octet-stream"; transfer-syntax={syntax}; boundary={BOUNDARY}'


def opening(syntax: str, length: int) -> bytes:
    """All that stands before the bytes of the only part."""
    return (
        f"--{BOUNDARY}\r\nContent-Type: application/octet-stream; transfer-syntax={syntax}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


async def small(link: Upstream, place: Place) -> Frame | None:
    """A frame of at most WHOLE_MAX bytes; None for a larger one, or when the archive has no such frame."""
    if place.file in _large:
        return None
    return await shelved(place) or await _only_small(link, place)


async def _only_small(link: Upstream, place: Place) -> Frame | None:
    if place.number == 1 and place.series not in _other:
        file = await link.small(f"/instances/{place.instance}/file", WHOLE_MAX)
        found = stored.frame_of(file) if isinstance(file, bytearray) else None
        if found is not None:
            _syntaxes.note(place.file, stored.EXPLICIT_LITTLE_ENDIAN)
            return _taken(stored.EXPLICIT_LITTLE_ENDIAN, place, found)
        _other.add(place.series)
    syntax, body = await asyncio.gather(_syntaxes.of(link, place), link.small(place.raw_path, WHOLE_MAX))
    if isinstance(body, TooLong):
        _large.add(place.file)
    if syntax is None or not isinstance(body, bytearray):
        return None
    return _taken(syntax, place, body)


async def laid_by(link: Upstream, place: Place) -> bool:
    """Put a frame of moderate size onto the shelf now; whether it was not there and now is."""
    if await shelved(place) is not None:
        return False
    frame = await _only_small(link, place)
    if frame is None:
        return False
    put = shelves.pixels().put
    await asyncio.get_running_loop().run_in_executor(_disk, put, place.name, header(frame.syntax), frame.body)
    return True


async def picture(place: Place) -> bytes | None:
    """The JPEG of an image as a list of series shows it, from the shelf alone."""
    return await asyncio.get_running_loop().run_in_executor(_disk, shelves.pixels().get, _of_picture(place), WHOLE_MAX)


async def keep_picture(place: Place, body: bytes) -> None:
    await asyncio.get_running_loop().run_in_executor(_disk, shelves.pixels().put, _of_picture(place), body)


def _of_picture(place: Place) -> str:
    return f"{place.file}.jpg"


async def any_size(link: Upstream, place: Place, ticket: Turnstile.Ticket) -> Frame | Large | Kept | None:
    """A frame, held or passed on in pieces; None when the archive has none."""
    held = await shelved(place)
    if held is not None:
        return held
    kept = await asyncio.get_running_loop().run_in_executor(_disk, Kept.of, place, ticket)
    if kept is not None:
        return kept
    syntax = await _syntaxes.of(link, place)
    response = await fetched(link, place) if syntax else None
    if response is None or not syntax:
        return None
    if length_of(response) < 0:
        response.close()
        raise UpstreamError(502)
    if length_of(response) <= WHOLE_MAX:
        return _taken(syntax, place, await whole(response, WHOLE_MAX))
    return Large(syntax, length_of(response), place, await Stream.begin(response, ticket))


def _taken(syntax: str, place: Place, body: Bytes) -> Frame:
    _behind.put(place.name, header(syntax), body)
    return Frame(syntax, body)


async def shelved(place: Place) -> Frame | None:
    """From the shelf alone, or from before it."""
    waiting = _behind.get(place.name)
    if waiting is not None:
        return Frame(bytes(waiting[0]).decode("ascii").strip(), waiting[1])
    kept = shelves.pixels().get_at_once(place.name, WHOLE_MAX + SYNTAX_BYTES)
    if kept is None:
        return None
    if isinstance(kept, Later):
        kept = await asyncio.get_running_loop().run_in_executor(_disk, kept.read)
    syntax = bytes(kept[:SYNTAX_BYTES]).decode("ascii", "replace").strip()
    return Frame(syntax, memoryview(kept)[SYNTAX_BYTES:]) if is_uid(syntax) else None


def header(syntax: str) -> bytes:
    return syntax.encode().ljust(SYNTAX_BYTES)


async def fetched(link: Upstream, place: Place) -> aiohttp.ClientResponse | None:
    """The archive's answer with the bytes of a frame, None when it has none."""
    response = await link.get_native(place.raw_path)
    if response.status == 200:
        return response
    response.close()
    return None


def length_of(response: aiohttp.ClientResponse) -> int:
    """-1 when the archive does not say how much comes."""
    given = response.headers.get("Content-Length", "")
    return int(given) if given.isascii() and given.isdigit() else -1


@dataclass(slots=True)
class Large:
    """A frame on its way through; a copy of it is put on the shelf when all of it came."""

    syntax: str
    length: int
    place: Place
    stream: Stream

    @property
    def total(self) -> int:
        return len(opening(self.syntax, self.length)) + self.length + len(CLOSING)

    def close(self) -> None:
        self.stream.close()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield opening(self.syntax, self.length)
        copy = _Copy(self.place.name, self.length, header(self.syntax))
        try:
            async for chunk in self.stream:
                await copy.write(chunk)
                yield chunk
            await copy.finish()
        finally:
            copy.abandon()
        yield CLOSING


class Kept:
    """A large frame from the shelf, read in pieces."""

    def __init__(self, file: BinaryIO, syntax: str, length: int, ticket: Turnstile.Ticket) -> None:
        self._file, self.syntax, self.length, self._ticket = file, syntax, length, ticket

    @classmethod
    def of(cls, place: Place, ticket: Turnstile.Ticket) -> Kept | None:
        opened = shelves.pixels().open(place.name)
        if opened is None:
            return None
        file, size = opened
        syntax = file.read(SYNTAX_BYTES).decode("ascii", "replace").strip()
        if is_uid(syntax):
            return cls(file, syntax, size - SYNTAX_BYTES, ticket)
        file.close()
        return None

    @property
    def total(self) -> int:
        return len(opening(self.syntax, self.length)) + self.length + len(CLOSING)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            yield opening(self.syntax, self.length)
            while chunk := await asyncio.get_running_loop().run_in_executor(_disk, self._file.read, CHUNK):
                yield chunk
            yield CLOSING
        finally:
            self.close()

    def close(self) -> None:
        self._file.close()
        self._ticket.give_back()


class _Copy:
    """The file beside the stream; whatever goes wrong with it does not touch the stream."""

    def __init__(self, name: str, length: int, head: bytes) -> None:
        self._name, self._left = name, length
        self._draft: Path | None = None
        self._file: BinaryIO | None = None
        with contextlib.suppress(OSError):
            if length <= KEEP_MAX:
                # between the first byte and the last, only this stream knows the file
                self._draft = shelves.pixels().draft(name)
                self._file = self._draft.open("wb")
                self._file.write(head)

    async def write(self, chunk: bytes) -> None:
        if self._file is None:
            return
        try:
            await asyncio.get_running_loop().run_in_executor(_disk, self._file.write, chunk)
            self._left -= len(chunk)
        except OSError:
            self.abandon()

    async def finish(self) -> None:
        if self._file is not None and self._draft is not None and self._left == 0:
            with contextlib.suppress(OSError):
                self._file.close()
                keep = shelves.pixels().keep
                size = self._draft.stat().st_size
                await asyncio.get_running_loop().run_in_executor(_disk, keep, self._draft, self._name, size)

    def abandon(self) -> None:
        if self._file is not None:
            self._file.close()
        if self._draft is not None:
            self._draft.unlink(missing_ok=True)
        self._file = self._draft = None
