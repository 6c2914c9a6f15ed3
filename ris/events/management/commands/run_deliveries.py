"""manage.py run_deliveries: sweeps the outbox, seals the audit trail, runs the timers. Needs only the database."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections, connections

from ris.audit.sealing import seal
from ris.core.timers import APART, TIMERS
from ris.events import lanes
from ris.events.outbox import sweep

log = logging.getLogger(__name__)
SEAL_EVERY = 2.0
Jobs = dict[str, tuple[float, Callable[[], object]]]


class Command(BaseCommand):
    help = "Deliver what is due, seal the audit trail, run the timers. Stops on SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between sweeps")
        parser.add_argument("--once", action="store_true", help="one round, then stop")

    def handle(self, *args: object, **options: object) -> None:
        stop = threading.Event()

        def on_signal(_number: int, _frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, on_signal)
        signal.signal(signal.SIGINT, on_signal)
        sealing: Jobs = {"seal": (SEAL_EVERY, seal)}
        every = float(str(options["interval"]))
        if options["once"]:
            _round({**sealing, "sweep": (every, sweep), **TIMERS, **APART}, {})
            return
        # A timer may wait for a peer that hangs; the audit trail waits for nobody (DESIGN.md §5.9),
        # and neither do the lanes and the timers that are set apart.
        apart: Jobs = {"lanes": (every, lanes.tick), **APART}
        beside = [threading.Thread(target=_repeat, args=(jobs, stop)) for jobs in (sealing, apart)]
        for thread in beside:
            thread.start()
        _repeat(TIMERS, stop)
        for thread in beside:
            thread.join()


def _repeat(jobs: Jobs, stop: threading.Event) -> None:
    due: dict[str, float] = {}
    while not stop.is_set():
        _round(jobs, due)
        stop.wait(0.2)
    connections.close_all()


def _round(jobs: Jobs, due: dict[str, float]) -> None:
    for name, (seconds, action) in jobs.items():
        if time.monotonic() < due.get(name, 0.0):
            continue
        due[name] = time.monotonic() + seconds
        close_old_connections()
        try:
            action()
        except DatabaseError as error:
            log.warning("%s waits for the database (%s)", name, type(error).__name__)
        except Exception:
            log.exception("%s failed", name)
