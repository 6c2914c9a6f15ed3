"""What shall go onto a shelf waits in memory until nobody asks for images, since writing costs more than fetching.

It waits PATIENCE_SECONDS at most. A burst that is larger than the waiting room is kept in part; the rest is kept when
it is asked for again.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from viewer.caching.shelf import Shelf

Bytes = bytes | bytearray | memoryview
ROOM = 192 * 1024 * 1024
CALM_SECONDS = 0.25
PATIENCE_SECONDS = 4.0


class Behind:
    """A waiting room of at most `room` bytes before the shelf that `shelf()` names at the time of writing."""

    def __init__(self, shelf: Callable[[], Shelf], room: int = ROOM) -> None:
        self._shelf, self._room = shelf, room
        self._waiting: OrderedDict[str, tuple[Shelf, tuple[Bytes, ...], float]] = OrderedDict()
        self._held = 0
        self._asked = 0.0
        self._change = threading.Condition()
        self._writer: threading.Thread | None = None

    def get(self, name: str) -> tuple[Bytes, ...] | None:
        """The parts that wait under this name, for the shelf of now."""
        self._asked = time.monotonic()
        found = self._waiting.get(name)
        return found[1] if found is not None and found[0] is self._shelf() else None

    def put(self, name: str, *parts: Bytes) -> None:
        self._asked = time.monotonic()
        size = sum(map(len, parts))
        with self._change:
            if name in self._waiting or self._held + size > self._room:
                return
            self._waiting[name] = (self._shelf(), parts, self._asked)
            self._held += size
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="frames", daemon=True)
                self._writer.start()
            self._change.notify()

    def _write(self) -> None:
        while True:
            with self._change:
                while not self._waiting:
                    self._change.wait()
                name, (shelf, parts, since) = next(iter(self._waiting.items()))
            self._await_calm(since + PATIENCE_SECONDS)
            shelf.put(name, *parts)
            with self._change:
                del self._waiting[name]
                self._held -= sum(map(len, parts))

    def _await_calm(self, latest: float) -> None:
        while (busy := min(self._asked + CALM_SECONDS, latest) - time.monotonic()) > 0:
            time.sleep(busy)
