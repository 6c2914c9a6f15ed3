"""Things that must happen every so often, whether or not Celery lives: run by `run_deliveries`."""

from __future__ import annotations

from collections.abc import Callable

TIMERS: dict[str, tuple[float, Callable[[], object]]] = {}


def every(seconds: float, name: str, action: Callable[[], object]) -> None:
    """Run `action()` about every so many seconds; registered in AppConfig.ready()."""
    TIMERS[name] = (seconds, action)
