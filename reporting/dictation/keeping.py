"""Recordings at rest: each a sealed file under DATA_DIR/dictations, on disk before its row exists."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cryptography.fernet import InvalidToken
from django.conf import settings

from ris.core.errors import NotFound
from ris.core.sealing import own_ring

PURPOSE: Final = "isocenter dictations"
YOUNG: Final = 3600
"""Seconds for which a file without a row may still get one."""


def folder() -> Path:
    return Path(settings.DATA_DIR) / "dictations"


def keep(body: bytes) -> str:
    """Seal and write a recording durably; the name of its file, which says nothing about it."""
    name = secrets.token_hex(16)
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder() / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as target:
        target.write(own_ring(PURPOSE).encrypt(body))
        target.flush()
        os.fsync(target.fileno())
    return name


def read(name: str, sha256: str) -> bytes:
    """The bytes that were kept; raises NotFound when they are gone, damaged or another recording's."""
    try:
        body = own_ring(PURPOSE).decrypt((folder() / name).read_bytes())
    except FileNotFoundError:
        raise NotFound("This recording is not kept any more.") from None
    except InvalidToken:
        raise NotFound("This recording cannot be opened. Tell your administrator.") from None
    if hashlib.sha256(body).hexdigest() != sha256:
        raise NotFound("This recording is not the one that was dictated. Tell your administrator.")
    return body


def drop(name: str) -> None:
    (folder() / name).unlink(missing_ok=True)


def grown_up() -> Iterator[str]:
    """Names of the files that should have a row by now."""
    place = folder()
    if not place.is_dir():
        return
    for path in place.iterdir():
        if time.time() - path.stat().st_mtime > YOUNG:
            yield path.name
