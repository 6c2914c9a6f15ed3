"""Things that must happen every so often, whether or not Celery lives: run by `run_deliveries`."""

from __future__ import annotations

from collections.abc import Callable

Timers = dict[str, tuple[float, Callable[[], object]]]
TIMERS: Timers = {}
# Run beside the others: what asks no peer waits for no peer that hangs.
APART: Timers = {}
# What `run_deliveries` does itself.
TAKEN = frozenset({"seal", "sweep", "lanes"})


def every(seconds: float, name: str, action: Callable[[], object], *, apart: bool = False) -> None:
    """Run `action()` about every so many seconds; registered in AppConfig.ready().

    `apart`: what must be on time while an archive hangs, and never hangs itself. Raises ValueError for a name that
    something else has: one of the two would never run.
    """
    held = TIMERS.get(name) or APART.get(name)
    if name in TAKEN or (held is not None and held[1] is not action):
        raise ValueError(f"There is a timer “{name}” already: give this one another name.")
    (APART if apart else TIMERS)[name] = (seconds, action)
