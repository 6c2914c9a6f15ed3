"""The listener's worker: a process of its own, begun when it is first needed, that ends when the listener does.

The listener writes a byte into its standard input for what it leaves to it. At the end of the input, which is also what
it reads when the listener is killed, it ends; what is left is in the database, and done by the next one.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import subprocess
import sys
import threading
import time
from typing import Final

from django.conf import settings

log = logging.getLogger(__name__)

COMMAND: Final = (sys.executable, "-m", "django", "do_hl7")
# One that cannot even begin is not begun a hundred times a second.
ANEW_AFTER: Final = 5.0
BYTES: Final = 4096


class Worker:
    """The listener's end; `ring` may be called in any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._began = -ANEW_AFTER

    def ring(self) -> None:
        """There is something to do."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                if time.monotonic() - self._began < ANEW_AFTER:
                    return
                self._begin()
            with contextlib.suppress(BlockingIOError, BrokenPipeError):
                os.write(self._pipe, b".")

    def _begin(self) -> None:
        self._began = time.monotonic()
        self._process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, cwd=settings.BASE_DIR)
        os.set_blocking(self._pipe, False)
        log.info("the worker has begun")

    @property
    def _pipe(self) -> int:
        assert self._process is not None  # noqa: S101  called once it has begun
        assert self._process.stdin is not None  # noqa: S101  it is a pipe
        return self._process.stdin.fileno()

    def stop(self) -> None:
        """Let it finish the message on which it is."""
        with self._lock:
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()
                self._process.wait()


class Bell:
    """The worker's end of the pipe."""

    def __init__(self, number: int = 0) -> None:
        self._number = number
        self._ended = False

    def listen(self, seconds: float) -> None:
        """Until somebody rings, for so long at most."""
        ready, _, _ = select.select([self._number], [], [], seconds)
        if ready and not os.read(self._number, BYTES):
            self._ended = True

    def ended(self) -> bool:
        """Whether the listener is gone."""
        if not self._ended:
            self.listen(0)
        return self._ended
