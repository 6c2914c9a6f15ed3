"""How long senders are kept waiting for what becomes of their messages. Pure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

# How long nobody waits after one was not waited for.
LONGEST_HURRY: Final = 1.0


class Patience:
    """So many seconds of doing; what was spent is regained with time. Once it is over, answers do not wait any more.

    A message now and then is answered with what became of it; a burst uses the patience up and is only taken.
    """

    def __init__(
        self, seconds: float = 2.0, *, regained: float = 0.5, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._regained, self._clock = seconds, regained, clock
        self._left, self._at, self._hurried_until = seconds, clock(), clock()
        self._lock = threading.Lock()

    @property
    def over(self) -> bool:
        return self._now(0.0) <= 0 or self._clock() < self._hurried_until

    def spend(self, seconds: float) -> None:
        """So long somebody waited."""
        self._now(seconds)

    def lose(self) -> None:
        """Somebody was not waited for, and for a while nobody is."""
        self._hurried_until = self._clock() + LONGEST_HURRY

    def _now(self, spent: float) -> float:
        with self._lock:
            now = self._clock()
            self._left = min(self._most, self._left + (now - self._at) * self._regained) - spent
            self._at = now
            return self._left
