"""A few threads for what may block, and their way back to the loop."""

from __future__ import annotations

import logging
import threading
from asyncio import AbstractEventLoop
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

log = logging.getLogger(__name__)

Job = tuple[Callable[[], Any], Callable[[Any], None]]


class Pool:
    """`threads` threads over one queue. Each calls `leave` at its end: what it holds open, it closes."""

    def __init__(self, name: str, threads: int, loop: AbstractEventLoop, leave: Callable[[], None]) -> None:
        self._loop = loop
        self._leave = leave
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, name=f"{name}-{number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def run(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Do `work()` in a thread and call `then` on the loop with its result, or with the exception that it raised."""
        self._jobs.put((work, then))

    def stop(self) -> None:
        """After what is queued. A thread that does not come back is left to the process's end."""
        for _ in self._threads:
            self._jobs.put(None)

    def join(self, timeout: float) -> None:
        for thread in self._threads:
            thread.join(timeout)

    def _serve(self) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                work, then = job
                result = self._result(work)
                try:
                    self._loop.call_soon_threadsafe(then, result)
                except RuntimeError:
                    # The loop has ended: nobody waits for it any more.
                    return
                del job, work, then, result
        finally:
            self._leave()

    @staticmethod
    def _result(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Exception as error:  # noqa: BLE001  one failed answer, not a dead thread; its text may hold a name
            log.error("an answer failed: %s in %s", type(error).__name__, _where(error))
            return error


def _where(error: BaseException) -> str:
    """File and line, which hold no value of a patient, as the message might."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
