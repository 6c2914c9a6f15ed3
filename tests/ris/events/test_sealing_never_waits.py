"""The audit trail is sealed within seconds, also while a timer hangs at a peer; timers set apart run too."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest
from django.core.management import call_command

from ris import audit
from ris.audit.models import AuditSeal
from ris.core.actors import SystemActor

PATIENCE = 8.0


def test_a_timer_that_hangs_does_not_hold_up_the_seal(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    sealed: list[bool] = []

    def hanging() -> None:
        audit.record("order.placed", ("orders.order", "1"), by=SystemActor("system"))
        until = time.monotonic() + PATIENCE
        while not AuditSeal.objects.exists() and time.monotonic() < until:
            time.sleep(0.1)
        sealed.append(AuditSeal.objects.exists())
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("ris.events.management.commands.run_deliveries.TIMERS", {"hangs": (60.0, hanging)})
    try:
        call_command("run_deliveries")
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    assert sealed == [True]


def test_a_timer_set_apart_runs_while_another_hangs(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    ran = threading.Event()

    def hanging() -> None:
        ran.wait(PATIENCE)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("ris.events.management.commands.run_deliveries.APART", {"apart": (0.1, ran.set)})
    monkeypatch.setattr("ris.events.management.commands.run_deliveries.TIMERS", {"hangs": (60.0, hanging)})
    try:
        call_command("run_deliveries")
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    assert ran.is_set()
