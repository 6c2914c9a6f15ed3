"""The warm pool: a few children, each used by one thread at a time, replaced when they die or have served long."""

from __future__ import annotations

import atexit
import json
import os
import threading
from collections import deque
from typing import Any

from ris.dicom.sandbox.errors import SandboxRefused
from ris.dicom.sandbox.worker import MEMORY, PAYLOAD_MAX, Worker

SIZE = 2
CALLS_PER_CHILD = 200
DEADLINE = 10.0


class Places:
    """So many at once, first come, first served: who gives a place back cannot take it again before those who wait."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    def acquire(self, patience: float) -> bool:
        """Wait for a place for so many seconds at most; whether there is one."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(patience):
            return True
        with self._lock:
            if turn.is_set():  # given in the moment in which the wait ended
                return True
            self._waiting.remove(turn)
            return False

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def release(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


class Pool:
    """At most `size` children; started when first needed and kept warm."""

    def __init__(self, size: int = SIZE, memory: int = MEMORY) -> None:
        self._memory = memory
        self._places = Places(size)
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()

    def call(
        self, function: str, payload: bytes, *args: object, deadline: float = DEADLINE, patience: float | None = None
    ) -> Any:
        """Run `function(payload, *args)` in a child; SandboxRefused when it yields nothing in time.

        It may run for `deadline` seconds, once a child was free within `patience` seconds (as many, where not told).
        """
        if len(payload) > PAYLOAD_MAX:
            raise SandboxRefused("It is too large to be read.", code="too-large")
        if not self._places.acquire(deadline if patience is None else patience):
            raise SandboxRefused("All readers are busy. Try again in a moment.", code="busy")
        try:
            return self._ask(json.dumps({"function": function, "args": args}).encode(), payload, deadline)
        finally:
            self._places.release()

    def _ask(self, request: bytes, payload: bytes, deadline: float) -> Any:
        worker = self._take()
        try:
            return worker.ask(request, payload, deadline)
        finally:
            self._give_back(worker)

    def _take(self) -> Worker:
        worker = self._idle_one() or Worker(self._memory)
        with self._lock:
            self._busy.add(worker)
        return worker

    def _idle_one(self) -> Worker | None:
        """A warm child that still lives (the kernel may have taken one meanwhile)."""
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.alive:
                    return worker
                worker.close()
        return None

    def _give_back(self, worker: Worker) -> None:
        keep = worker.usable and worker.served < CALLS_PER_CHILD
        with self._lock:
            self._busy.discard(worker)
            if keep:
                self._idle.append(worker)
        if not keep:
            worker.close()

    def pids(self) -> set[int]:
        """The children alive in this pool."""
        with self._lock:
            return {worker.pid for worker in [*self._idle, *self._busy]}

    def close(self) -> None:
        """End all children."""
        with self._lock:
            workers = [*self._idle, *self._busy]
            self._idle.clear()
            self._busy.clear()
        for worker in workers:
            worker.close()

    def forget(self) -> list[Worker]:
        """After a fork: the children are the parent's; close our copies of their pipes and start afresh."""
        workers = [*self._idle, *self._busy]
        for worker in workers:
            worker.forget()
        return workers


class _Current:
    """The pool of this process. A forked process gets one of its own."""

    def __init__(self) -> None:
        self.pool = Pool()
        self._inherited: list[Worker] = []
        os.register_at_fork(after_in_child=self._renew)
        atexit.register(self._end)

    def _end(self) -> None:
        self.pool.close()

    def _renew(self) -> None:
        # Kept for the life of the process: to collect them would look like leaving children behind.
        self._inherited += self.pool.forget()
        self.pool = Pool()


_current = _Current()


def call(
    function: str, payload: bytes, *args: object, deadline: float = DEADLINE, patience: float | None = None
) -> Any:
    """Run the function of this dotted path on `payload` in the sandbox; see the package's docstring and `Pool.call`."""
    return _current.pool.call(function, payload, *args, deadline=deadline, patience=patience)
