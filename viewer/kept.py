"""Bodies that the archive has not yet provably taken: files under DATA_DIR/kept, named by their SHA-256, fsynced."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
import uuid
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"[0-9a-f]{64}")


def folder() -> Path:
    return Path(settings.DATA_DIR) / "kept"


def keep(body: bytes) -> str:
    """Write the bytes so that a power loss does not lose them; returns their SHA-256 in hex."""
    name = hashlib.sha256(body).hexdigest()
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    staging = place / f".{name}.{uuid.uuid4().hex}"  # of this call alone: the same bytes may come twice at once
    try:
        with staging.open("xb") as stream:
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())
        staging.rename(place / name)
    except OSError:
        staging.unlink(missing_ok=True)
        raise
    _sync_folder(place)
    return name


def holds(name: str) -> bool:
    """Whether these bytes are here at this moment."""
    return bool(NAME.fullmatch(name)) and (folder() / name).exists()


def read(name: str) -> bytes:
    """The bytes of a kept body; KeyError when it is not here any more, ValueError when it was changed."""
    if not NAME.fullmatch(name):
        raise KeyError(name)
    try:
        body = (folder() / name).read_bytes()
    except FileNotFoundError:
        raise KeyError(name) from None
    if hashlib.sha256(body).hexdigest() != name:
        raise ValueError("A kept object was changed on disk.")
    return body


def drop(*names: str) -> None:
    """Let go of bodies that the archive holds."""
    for name in names:
        if NAME.fullmatch(name):
            (folder() / name).unlink(missing_ok=True)


def names(*, older_than: float = 0) -> list[str]:
    """What is kept, the oldest first; only what was put here at least so many seconds ago."""
    until, found = time.time() - older_than, []
    for path in folder().glob("*"):
        with contextlib.suppress(FileNotFoundError):  # let go of meanwhile
            if NAME.fullmatch(path.name) and path.stat().st_mtime <= until:
                found.append((path.stat().st_mtime, path.name))
    return [name for _at, name in sorted(found)]


def _sync_folder(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
