"""Elements of a file replaced, removed or put in; the old ones are handed out, so that it can be taken back. Pure."""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from ris.dicom.rewriting.elements import LONG_VRS, CannotRewrite, Place, Reader, Syntax, meta_of

BLOCK: Final = 1024 * 1024
HEAD_MAX: Final = 16 * 1024 * 1024
"""More bytes than this in the elements that are asked for: no header says so much."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the beginning of a file holds: `values` and whole `elements` as raw bytes, of the tags asked for."""

    syntax: Syntax
    transfer_syntax_uid: str
    values: Mapping[int, bytes]
    elements: Mapping[int, bytes]
    undefined: frozenset[int]


@dataclass(frozen=True, slots=True)
class Element:
    """One element to write: its VR, and its value as it stands in the file (padded here to even length)."""

    tag: int
    vr: bytes
    value: bytes

    def encoded(self, syntax: Syntax) -> bytes:
        value = self.value + (b"\0" if self.vr in {b"UI", b"OB"} else b" ") * (len(self.value) % 2)
        where = struct.pack(syntax.order + "HH", self.tag >> 16, self.tag & 0xFFFF)
        if syntax.implicit:
            return where + struct.pack(syntax.order + "I", len(value)) + value
        if self.vr in LONG_VRS:
            return where + self.vr + b"\0\0" + struct.pack(syntax.order + "I", len(value)) + value
        return where + self.vr + struct.pack(syntax.order + "H", len(value)) + value


def head(path: Path, tags: Iterable[int]) -> Head:
    """The elements of these tags at the top of the dataset; CannotRewrite for what is no whole DICOM file."""
    wanted = frozenset(tags)
    with path.open("rb") as file:
        reader = Reader(file, os.fstat(file.fileno()).st_size)
        meta, at = meta_of(reader)
        syntax = Syntax.of(meta.get(0x0010, ""))
        found = list(_of_tags(reader, at, syntax, wanted))
        if sum(place.end - place.start for place in found) > HEAD_MAX:
            raise CannotRewrite("The header of the file is too large to be read.")
        return Head(
            syntax,
            meta.get(0x0010, ""),
            {place.tag: reader.bytes_at(place.value, place.end) for place in found},
            {place.tag: reader.bytes_at(place.start, place.end) for place in found},
            frozenset(place.tag for place in found if place.undefined),
        )


def _of_tags(reader: Reader, at: int, syntax: Syntax, wanted: frozenset[int]) -> Iterator[Place]:
    last = max(wanted, default=0)
    for place in _ascending(reader.elements(at, syntax)):
        if place.tag > last:
            return
        if place.tag in wanted:
            yield place


def _ascending(places: Iterator[Place]) -> Iterator[Place]:
    before = -1
    for place in places:
        if place.tag <= before:
            raise CannotRewrite("The file is damaged: its elements are not in order.")
        before = place.tag
        yield place


def splice(source: Path, target: Path, replacements: Mapping[int, bytes | None]) -> str:
    """Write `source` to `target` with these elements (encoded whole; None: not there). SHA-256 (hex) of the result.

    Everything else is copied byte by byte. `target` is on the disk when this returns.
    """
    digest = hashlib.sha256()
    with source.open("rb") as old, target.open("wb") as new:

        def write(part: bytes) -> None:
            digest.update(part)
            new.write(part)

        _walk(old, replacements, keep=write, put=write)
        new.flush()
        os.fsync(new.fileno())
    return digest.hexdigest()


def untouched(path: Path, tags: Iterable[int]) -> str:
    """SHA-256 (hex) of everything in the file but these elements: equal before and after a splice of them."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        _walk(file, dict.fromkeys(tags), keep=digest.update, put=lambda _part: None)
    return digest.hexdigest()


def _walk(
    file: IO[bytes],
    replacements: Mapping[int, bytes | None],
    *,
    keep: Callable[[bytes], object],
    put: Callable[[bytes], object],
) -> None:
    """`keep` gets what stays and `put` what comes in, in the order of the new file."""
    size = os.fstat(file.fileno()).st_size
    reader = Reader(file, size)
    meta, at = meta_of(reader)
    todo = sorted(replacements.items())
    copied = 0
    for place in _ascending(reader.elements(at, Syntax.of(meta.get(0x0010, "")))):
        while todo and todo[0][0] <= place.tag:
            _copy(file, copied, place.start, keep)
            tag, element = todo.pop(0)
            put(element or b"")
            copied = place.end if tag == place.tag else place.start
        if not todo:
            break
    _copy(file, copied, size, keep)
    for _tag, element in todo:
        put(element or b"")


def _copy(file: IO[bytes], start: int, end: int, out: Callable[[bytes], object]) -> None:
    file.seek(start)
    while start < end:
        part = file.read(min(BLOCK, end - start))
        if not part:
            raise CannotRewrite("The file is damaged: it ends inside an element.")
        out(part)
        start += len(part)
