"""Files of a cache: bounded, those that nobody asked for longest go first.

A shelf knows no person: whoever takes from it has asked the grant before. Names are letters, digits, dots and hyphens.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

NAME = re.compile(r"[0-9a-z][0-9a-z.\-]{3,200}")
SWEEP_EVERY = 16
ROOM_AFTER_SWEEP = 0.85


@dataclass(slots=True)
class Later:
    """An open file whose bytes are not in memory yet, or not all."""

    file: int
    size: int

    def at_once(self) -> bytearray | None:
        body = bytearray(self.size)
        try:
            got = os.preadv(self.file, [body], 0, os.RWF_NOWAIT)
        except OSError:
            return None
        if got < self.size:
            return None
        os.utime(self.file)
        self.close()
        return body

    def read(self) -> bytearray:
        """Waits for the disk; to be called in a thread."""
        body, at = bytearray(self.size), 0
        try:
            while at < self.size and (got := os.preadv(self.file, [memoryview(body)[at:]], at)):
                at += got
            os.utime(self.file)
        finally:
            self.close()
        return body[:at]

    def close(self) -> None:
        os.close(self.file)


class Shelf:
    """Bytes under a name, at most about `limit` bytes together. Safe from any thread and any process."""

    def __init__(self, place: Path, limit: int) -> None:
        self.place, self.limit = place, limit
        self._written = 0
        self._lock = threading.Lock()

    def path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError("This is no name of a cached file.")
        return self.place / name[:2] / name

    def get(self, name: str, longest: int | None = None) -> bytes | None:
        """The bytes, or None when they are not here or more than `longest`."""
        try:
            with self.path(name).open("rb", buffering=0) as stream:
                if longest is not None and os.fstat(stream.fileno()).st_size > longest:
                    return None
                os.utime(stream.fileno())
                return stream.readall()
        except OSError:
            return None

    def get_at_once(self, name: str, longest: int) -> bytearray | Later | None:
        """The bytes when they are in the machine's memory; `Later` when a disk must be waited for."""
        try:
            file = os.open(self.path(name), os.O_RDONLY)
        except OSError:
            return None
        later = Later(file, os.fstat(file).st_size)
        if later.size > longest:
            later.close()
            return None
        return later.at_once() or later

    def open(self, name: str) -> tuple[BinaryIO, int] | None:
        """The open file and its size, for what is too long to be held."""
        try:
            stream = self.path(name).open("rb")
        except OSError:
            return None
        os.utime(stream.fileno())
        return stream, os.fstat(stream.fileno()).st_size

    def put(self, name: str, *parts: bytes | bytearray | memoryview) -> None:
        """Keep bytes; a disk that is full costs the cache, not the caller."""
        size = sum(map(len, parts))
        with contextlib.suppress(OSError):
            draft = self.draft(name)
            file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                if os.writev(file, parts) == size:
                    self.keep(draft, name, size)
            finally:
                os.close(file)
                draft.unlink(missing_ok=True)

    def draft(self, name: str) -> Path:
        """Where to write what shall be kept; nobody reads it before `keep`."""
        final = self.path(name)
        if not final.parent.is_dir():
            final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return final.with_name(f".{secrets.token_hex(8)}")

    def keep(self, draft: Path, name: str, size: int) -> None:
        draft.rename(self.path(name))
        with self._lock:
            self._written += size
            full = self._written * SWEEP_EVERY > self.limit
            self._written = 0 if full else self._written
        if full:
            self.sweep()

    def sweep(self) -> int:
        """Let go of the longest unasked until there is room again; returns the bytes that are left."""
        found = sorted(self._files())
        left = sum(size for _used, size, _path in found)
        if left <= self.limit:
            return left
        for _used, size, path in found:
            if left <= self.limit * ROOM_AFTER_SWEEP:
                break
            with contextlib.suppress(OSError):
                Path(path).unlink()
                left -= size
        return left

    def _files(self) -> Iterable[tuple[float, int, str]]:
        """(last asked for, bytes, path) of every file, drafts of the dead among them."""
        with contextlib.suppress(FileNotFoundError):
            for folder in os.scandir(self.place):
                for entry in os.scandir(folder.path) if folder.is_dir() else ():
                    with contextlib.suppress(FileNotFoundError):
                        facts = entry.stat()
                        yield facts.st_mtime, facts.st_size, entry.path
