"""How much of the archive one person may use at once, so that a greedy script does not slow a colleague."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

AT_ONCE = 12
WAITING = 200


class CrowdedError(Exception):
    """This person asks for too much at once (429)."""


class _Gate:
    def __init__(self, at_once: int) -> None:
        self.free = asyncio.Semaphore(at_once)
        self.present = 0


class Turnstile:
    """Per person: `at_once` requests are served, `waiting` more may wait, the rest is turned away. One event loop."""

    class Ticket:
        """A place that was taken; giving it back twice is harmless."""

        def __init__(self, turnstile: Turnstile, who: Hashable) -> None:
            self._turnstile, self._who, self._held = turnstile, who, True

        def give_back(self) -> None:
            if self._held:
                self._held = False
                self._turnstile.leave(self._who)

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._at_once, self._most = at_once, at_once + waiting
        self._gates: dict[Hashable, _Gate] = {}

    async def enter(self, who: Hashable) -> Ticket:
        """Wait for a place; CrowdedError when too many wait already."""
        gate = self._gates.setdefault(who, _Gate(self._at_once))
        if gate.present >= self._most:
            raise CrowdedError
        gate.present += 1
        try:
            await gate.free.acquire()
        except BaseException:
            self._forget(who, gate)
            raise
        return self.Ticket(self, who)

    def leave(self, who: Hashable) -> None:
        """A ticket of this person came back."""
        gate = self._gates[who]
        gate.free.release()
        self._forget(who, gate)

    def _forget(self, who: Hashable, gate: _Gate) -> None:
        gate.present -= 1
        if gate.present == 0:
            del self._gates[who]

    def present(self, who: Hashable) -> int:
        """How many requests of this person are inside or waiting."""
        gate = self._gates.get(who)
        return gate.present if gate else 0
