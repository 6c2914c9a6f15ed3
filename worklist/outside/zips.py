"""ZIP files from outside: opened with limits, streamed to files that we name. Pure.

An entry's name is for show: it never becomes a path, so that `../`, drive letters and links lead nowhere. What an entry
announces is not believed: bytes are counted as they come.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

BLOCK: Final = 1024 * 1024
RATIO_MAX: Final = 300
SMALL: Final = 10 * 1024 * 1024
"""Up to here nobody asks how well it was packed: an empty image shrinks a lot."""
ENCRYPTED: Final = 0x1
METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA})


class ZipRefused(ValueError):
    """The ZIP is not taken; the message is for people and says what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one delivery may hold, unpacked."""

    files: int
    bytes: int


def entries(archive: zipfile.ZipFile, limits: Limits) -> Iterator[zipfile.ZipInfo]:
    """The files of a ZIP that may be unpacked; ZipRefused for one that may not be, before a byte is written."""
    found = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(found) > limits.files:
        raise ZipRefused(f"The ZIP holds more than {limits.files} files. Bring fewer studies at once.")
    if sum(entry.file_size for entry in found) > limits.bytes:
        raise ZipRefused(
            f"Unpacked, the ZIP is larger than {limits.bytes // 1024**3 or 1} GB. Bring fewer studies at once."
        )
    for entry in found:
        _require_harmless(entry)
    yield from found


def _require_harmless(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & ENCRYPTED:
        raise ZipRefused("The ZIP is encrypted. Open it with its password first, then bring the folder.")
    if entry.compress_type not in METHODS:
        raise ZipRefused("The ZIP is packed in a way that is not read here. Unpack it first, then bring the folder.")
    if entry.file_size > SMALL and entry.file_size > RATIO_MAX * max(entry.compress_size, 1):
        raise ZipRefused("The ZIP would grow out of all measure: it is not opened.")


def is_link(entry: zipfile.ZipInfo) -> bool:
    """Whether the entry is a symbolic link or another thing that is no file."""
    mode = entry.external_attr >> 16
    return bool(mode) and not stat.S_ISREG(mode) and stat.S_IFMT(mode) != 0


def unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, *, most: int) -> int:
    """Write one entry; its true size. ZipRefused when it is larger than it said, or damaged."""
    size = 0
    try:
        with archive.open(entry) as source, target.open("wb") as file:
            while part := source.read(BLOCK):
                size += len(part)
                if size > min(most, entry.file_size):
                    raise ZipRefused("The ZIP is larger than it says: it is not opened.")
                file.write(part)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise ZipRefused("The ZIP is damaged. Copy it again from where it came.") from error
    return size


def opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ZipRefused("The ZIP is damaged. Copy it again from where it came.") from error
