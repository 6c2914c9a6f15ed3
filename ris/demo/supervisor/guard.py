"""Two processes watch each other, so that nothing is left running even when one of them is killed outright.

The guard is what `make` started: it hands signals on and waits. The supervisor is its child and does the work. When the
guard dies, the supervisor is told and stops everything. When the supervisor dies, the kernel makes the guard the parent
of all that ran under it, and the guard ends them.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from types import FrameType

from ris.demo.supervisor import kernel

STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS = 10.0


def split() -> None:
    """Return in a new process, the supervisor's. This one becomes its guard and ends when it ends, as it ends."""
    kernel.adopt_orphans()
    kernel.stop_with_parent()
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING_SIGNALS)
    pid = os.fork()
    if pid == 0:
        os.setsid()  # the terminal's Ctrl-C reaches the guard alone, which hands it on once
        kernel.adopt_orphans()
        kernel.stop_with_parent()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING_SIGNALS)
        return
    sys.exit(_stand(pid))


def _stand(supervisor: int) -> int:
    """Hand signals on until the supervisor has ended, then end what it left; returns its exit code."""

    def hand_on(number: int, _frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            os.kill(supervisor, number)

    for number in STOPPING_SIGNALS:
        signal.signal(number, hand_on)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING_SIGNALS)
    _, status = os.waitpid(supervisor, 0)
    end_strangers(known=(), grace=GRACE_SECONDS)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def end_strangers(known: Collection[int], grace: float) -> None:
    """End and reap every child of this process but the `known` ones, and the children that those leave behind."""
    deadline = time.monotonic() + grace
    asked: set[int] = set()
    while strangers := [pid for pid in kernel.children() if pid not in known]:
        late = time.monotonic() >= deadline
        for pid in strangers:
            if late or pid not in asked:
                os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
                asked.add(pid)
            os.waitpid(pid, 0 if late else os.WNOHANG)
        if not late:
            time.sleep(0.05)
