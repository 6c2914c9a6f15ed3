"""Worklist files in a folder for each site: Orthanc's plugin up to 1.12.9 and dcmtk's wlmscpfs read them.

A file appears whole or not at all (written beside, then renamed), and goes when its step leaves the list. Whatever
else lies in the folder is not ours and stays. Names are made of our numbers, never of what a peer or a person wrote.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OURS: Final = re.compile(r"isocenter-(\d+)\.wl")
LEFTOVER: Final = re.compile(r"\.isocenter-\d+\.new")
LOCK: Final = "lockfile"  # wlmscpfs serves no folder without it


@dataclass(frozen=True, slots=True)
class Tally:
    """What a round changed."""

    written: int = 0
    removed: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.written + other.written, self.removed + other.removed)


class Folder:
    """One site's folder. Keeps what it wrote in mind, so that a round that changes nothing reads no file."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._seen: dict[str, tuple[bytes, int, int]] = {}

    def reconcile(self, wanted: Mapping[int, bytes]) -> Tally:
        """Make the folder hold exactly `wanted`, by step; raises OSError when it cannot be written."""
        self._place.mkdir(parents=True, exist_ok=True)
        (self._place / LOCK).touch()
        names = {f"isocenter-{pk}.wl": content for pk, content in wanted.items()}
        there = {entry.name: entry.stat() for entry in os.scandir(self._place)}
        gone = [name for name in there if LEFTOVER.fullmatch(name) or (OURS.fullmatch(name) and name not in names)]
        for name in gone:
            (self._place / name).unlink(missing_ok=True)
            self._seen.pop(name, None)
        changed = [name for name, content in names.items() if not self._holds(name, content, there.get(name))]
        for name in changed:
            self._write(name, names[name])
        return Tally(len(changed), len(gone))

    def _holds(self, name: str, content: bytes, stat: os.stat_result | None) -> bool:
        if stat is None:
            return False
        if self._seen.get(name) == (content, stat.st_mtime_ns, stat.st_size):
            return True
        held = stat.st_size == len(content) and (self._place / name).read_bytes() == content
        if held:
            self._seen[name] = (content, stat.st_mtime_ns, stat.st_size)
        return held

    def _write(self, name: str, content: bytes) -> None:
        file, beside = self._place / name, self._place / f".{name.removesuffix('.wl')}.new"
        with beside.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        beside.replace(file)
        stat = file.stat()
        self._seen[name] = (content, stat.st_mtime_ns, stat.st_size)
