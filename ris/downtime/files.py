"""Snapshots as files: DATA_DIR/downtime/<site>/, and the same in a second folder where one is set."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

FOLDER = "downtime"
NEWEST = "newest.pdf"


def folder_of(code: str) -> Path:
    return Path(settings.DATA_DIR) / FOLDER / code


def second_folder_of(code: str) -> Path | None:
    """Where copies go that outlive this machine: a share, a folder that is synchronised. None without the setting."""
    return Path(settings.DOWNTIME_DIR) / code if settings.DOWNTIME_DIR else None


def write(folder: Path, name: str, body: bytes) -> None:
    """Write the file, then `newest.pdf` with the same bytes: whole or not at all, readable by the owner alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for target in (folder / name, folder / NEWEST):
        beside = target.with_name(f".{target.name}.{os.getpid()}.part")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)


def remove(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
