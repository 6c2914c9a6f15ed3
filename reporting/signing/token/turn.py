"""One at a time: what must not happen to a token from two processes or threads of this machine at once."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from reporting.signing.token.faults import fault
from reporting.signing.token.place import TokenKey

PATIENCE: Final = 60.0
STEP: Final = 0.02


@contextmanager
def turn(key: TokenKey, purpose: str) -> Iterator[None]:
    """Wait for one's turn at this token; the lock ends with whoever holds it. Raises TokenFault."""
    descriptor = _opened(key, purpose)
    try:
        _await(descriptor, key)
        yield
    finally:
        os.close(descriptor)


def _opened(key: TokenKey, purpose: str) -> int:
    """The file that is locked. A full disk or a folder of somebody else is a fault like others, not a crash."""
    name = hashlib.sha256(f"{key.module}\0{key.token}".encode()).hexdigest()[:16]
    try:
        key.turns.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(key.turns / f"{name}.{purpose}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise fault("no-turn", key, str(error.strerror)) from None


def _await(descriptor: int, key: TokenKey) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise fault("busy", key) from None
            time.sleep(STEP)
        except OSError as error:
            raise fault("no-turn", key, str(error.strerror)) from None
        else:
            return
