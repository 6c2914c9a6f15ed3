"""One demo at a time on one set of data."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from ris.demo.supervisor.errors import DemoError

NAME = "demo.lock"


def take(data: Path) -> int:
    """Lock the data folder until this process, and whoever inherits the returned descriptor, has ended.

    Raises DemoError when another demo holds it.
    """
    data.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(data / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        raise DemoError(
            f"A demo is running on {data} already (process {holder}): stop it first with Ctrl-C there."
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
    return descriptor
