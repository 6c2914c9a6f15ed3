"""Where the receiver keeps what it took: a file for each message and each answer, named by the number (MSH-10)."""

from __future__ import annotations

import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

UNFIT = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that was taken before, and how it was answered."""

    body: bytes
    answer: bytes


class Store:
    """`<number>.hl7` and `<number>.ack`, on disk before the answer leaves; `journal.txt` has a line an arrival."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.lock = threading.Lock()

    def find(self, number: str) -> Kept | None:
        message, answer = self._paths(number)
        return Kept(message.read_bytes(), answer.read_bytes()) if answer.exists() else None

    def keep(self, number: str, body: bytes, answer: bytes) -> None:
        message, said = self._paths(number)
        _write(message, body)
        _write(said, answer)

    def note(self, line: str) -> None:
        with (self._folder / "journal.txt").open("a", encoding="utf-8") as journal:
            journal.write(f"{line}\n")

    def _paths(self, number: str) -> tuple[Path, Path]:
        name = UNFIT.sub("_", number) or "without-number"
        return self._folder / f"{name}.hl7", self._folder / f"{name}.ack"


def _write(path: Path, body: bytes) -> None:
    """Whole or not at all, whenever the process ends."""
    part = path.with_suffix(f"{path.suffix}.part")
    with part.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
