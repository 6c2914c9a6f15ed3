"""A thread for each part that has something due, so that one whose peer hangs holds up nobody else.

Our own parts go by app, in order; each subscriber that is a row (a webhook) goes by itself.
"""

from __future__ import annotations

import logging
import threading
from typing import Final

from django.db import DatabaseError, close_old_connections, connections

from ris.events.outbox import attempt, due, due_rows
from ris.events.registry import is_routed

log = logging.getLogger(__name__)

# So many rows at once: their threads wait most of the time, and PostgreSQL's pool has only so many connections.
MOST_ROUTED: Final = 8

_lanes: dict[str, threading.Thread] = {}


def lane_of(subscriber: str) -> str:
    return subscriber if is_routed(subscriber) else subscriber.partition(".")[0]


def tick() -> None:
    """See that each lane with something due is on its way. Run by `run_deliveries`; asks no peer."""
    for lane in waiting():
        if not _busy(lane) and not (is_routed(lane) and _routed_busy() >= MOST_ROUTED):
            _lanes[lane] = threading.Thread(target=_run, args=(lane,), name=f"lane-{lane}")
            _lanes[lane].start()


def waiting() -> list[str]:
    """Lanes with something due."""
    names = due_rows().order_by().values_list("subscriber", flat=True).distinct()
    return sorted({lane_of(name) for name in names})


def stopping() -> bool:
    """The process ends: what was not begun is done after the next start."""
    return not threading.main_thread().is_alive()


def _busy(lane: str) -> bool:
    return (thread := _lanes.get(lane)) is not None and thread.is_alive()


def _routed_busy() -> int:
    return sum(is_routed(lane) and _busy(lane) for lane in _lanes)


def _run(lane: str) -> None:
    close_old_connections()
    try:
        for pk in due(lane=lane):
            if stopping():
                break
            attempt(pk)
    except DatabaseError as error:
        log.warning("lane %s waits for the database (%s)", lane, type(error).__name__)
    except Exception:
        log.exception("lane %s failed", lane)
    finally:
        connections.close_all()
