"""One server process of a test run."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

LONGEST_START = 60.0
LONGEST_STOP = 20.0


class ServerFailedError(RuntimeError):
    """A server of the test run did not come up; the message carries the end of its log."""


def free_port() -> int:
    """A TCP port on loopback that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    """Whether somebody takes connections on that port of loopback."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def folder(name: str) -> Iterator[Path]:
    """A temporary folder for one server, removed afterwards."""
    place = Path(tempfile.mkdtemp(prefix=f"isocenter-{name}-"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def running(
    command: Sequence[str], *, log: Path, ready: Callable[[], bool], user: str | None = None, stop: int = signal.SIGTERM
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; `user` is who it runs as when we are root.

    Raises ServerFailedError when `ready()` is not true within a minute, or the server ends before.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=log.parent,
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )
    try:
        _wait_until(ready, process, log)
        yield process
    finally:
        end(process, stop)


def end(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> None:
    """Ask it to stop, insist after a while."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        process.wait(LONGEST_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + LONGEST_START
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise ServerFailedError(f"{process.args!r} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)
