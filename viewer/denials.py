"""Each refusal of the viewer is in the audit trail: the first one at once, what repeats it as a number a minute later.

So a flood of refusals writes two rows a minute, and none is missing. What is counted is written by the next request of
anybody, and at the latest when the server ends; only a crash loses the count of its last minute.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import Error

from ris.audit.recording import write_apart
from ris.core.actors import Actor

TOGETHER_SECONDS = 60.0
# Of one session in so many seconds: what is refused beyond them is counted together, whatever study it named.
STUDIES_MAX = 30
Key = tuple[str, str, str]


@dataclass(slots=True)
class _Run:
    """Equal refusals of one person since the row of the first one; `until` is on the monotonic clock."""

    by: Actor
    until: float
    more: int = 0


class Denials:
    """Those of one process. Threads may share it. `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._runs: dict[Key, _Run] = {}
        self._of_session: Counter[str] = Counter()
        self._next = float("inf")

    def note(self, reason: str, *, session: str, by: Actor, study_uid: str = "") -> None:
        """Somebody was refused (DICOM 110113). What cannot be written now is counted and written with the next."""
        with self._lock:
            key = (session, reason, study_uid)
            if key not in self._runs and self._of_session[session] >= STUDIES_MAX:
                key = (session, reason, "")
            run = self._runs.get(key)
            if run is not None:
                run.more += 1
            begun = self._begin(key, by) if run is None else None
        if begun is not None:
            self._write_first(key, begun)
        self.settle()

    def settle(self, *, everything: bool = False) -> None:
        """Write the numbers of what is over, or of everything; costs nothing while nothing is."""
        now = self._clock()
        if now < self._next and not everything:
            return
        with self._lock:
            over = {key: run for key, run in self._runs.items() if everything or run.until <= now}
            for key in over:
                del self._runs[key]
                self._of_session[key[0]] -= 1
            self._of_session = +self._of_session
            self._next = min((run.until for run in self._runs.values()), default=float("inf"))
        try:
            while over:
                key, run = next(iter(over.items()))
                if run.more:
                    _write(key, run.by, repeated=run.more)
                del over[key]
        finally:
            self._take_back(over)

    def _begin(self, key: Key, by: Actor, more: int = 0) -> _Run:
        until = self._clock() + TOGETHER_SECONDS
        run = self._runs[key] = _Run(by, until, more)
        self._of_session[key[0]] += 1
        self._next = min(self._next, until)
        return run

    def _write_first(self, key: Key, run: _Run) -> None:
        try:
            _write(key, run.by)
        except Error:
            with self._lock:
                held = self._runs.get(key) or self._begin(key, run.by)
                held.more += 1
                held.until = self._next = self._clock()
            raise

    def _take_back(self, unwritten: dict[Key, _Run]) -> None:
        """What could not be written is counted on, for another while."""
        with self._lock:
            for key, run in unwritten.items():
                if key in self._runs:
                    self._runs[key].more += run.more
                elif run.more:
                    self._begin(key, run.by, run.more)


def _write(key: Key, by: Actor, **more: int) -> None:
    _session, reason, study_uid = key
    about: dict[str, Any] = {"reason": reason, "study_uid": study_uid, **more}
    write_apart("security.viewer", ("url", "dicom-web"), by=by, outcome="refused", about=about)
