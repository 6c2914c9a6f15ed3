"""How long something takes on a machine that does other things beside: the quickest of some tries counts."""

from __future__ import annotations

import time
from collections.abc import Callable

TRIES = 3


def quickest(act: Callable[[], object], tries: int = TRIES) -> float:
    """Seconds. What `act` asserts must hold at every try."""
    took = []
    for _ in range(tries):
        began = time.monotonic()
        act()
        took.append(time.monotonic() - began)
    return min(took)
