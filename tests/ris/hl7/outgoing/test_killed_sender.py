"""The sender is killed while it sends, again and again: nothing is lost or has its effect twice, order is kept."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from ris.events.models import Delivery
from ris.hl7.outgoing.models import OutgoingMessage
from ris.scheduling.actions import complete_step, start_step
from tests.conformance.scp_process import ROOT, environment
from tests.ris.hl7.outgoing import destination
from tests.ris.hl7.outgoing.receiver import eventually, receiver
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]
LIVES = 4


def sender(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "run_deliveries"]
    with (folder / "sender.log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, env=environment(1), stdout=log, stderr=log)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    connection.close()
    # As if the leases of what it held, and of what it was writing, had run out.
    over = timezone.now() - timedelta(seconds=1)
    OutgoingMessage.objects.filter(state="sending").update(lease_until=over)
    Delivery.objects.filter(lease_until__isnull=False).update(lease_until=over)


def test_a_killed_sender_loses_nothing_and_doubles_nothing(live_world: World, tmp_path: Path) -> None:
    world = live_world
    with receiver(tmp_path / "received", "--fault", "silent") as hospital:
        destination(world.north, port=hospital.port, reports=False, answer_seconds=60)
        for number in range(6):
            step = world.step(world.booking(world.order(world.patient(f"Patient{number}"))))
            complete_step(start_step(step, by=world.technologist), by=world.technologist)
        process = sender(tmp_path)
        eventually(lambda: hospital.journal)  # taken, and not answered
        kill(process)
        for life in range(LIVES):
            before, process = len(hospital.journal), sender(tmp_path)
            eventually(lambda: len(hospital.journal) > before or not _left())  # noqa: B023  used within the round
            time.sleep(life * 0.03)  # at another place each time
            kill(process)
        process = sender(tmp_path)
        eventually(lambda: not _left())
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in {0, -signal.SIGTERM}, "it may be told before it listens for that"
        written = list(OutgoingMessage.objects.order_by("event_id", "pk").values_list("control_id", flat=True))
        taken = hospital.taken()
        assert len(written) == 24  # an appointment and three states of each order
        assert sorted(taken) == sorted(written)
        assert any(line.startswith("repeated") for line in hospital.journal)
        for patient in set(OutgoingMessage.objects.values_list("patient_id", flat=True)):
            own = OutgoingMessage.objects.filter(patient_id=patient).order_by("event_id", "pk")
            mine = list(own.values_list("control_id", flat=True))
            assert [number for number in taken if number in mine] == mine
        assert "Patient1" not in (tmp_path / "sender.log").read_text()


def _left() -> int:
    """Messages that are not acknowledged; before any was written, some are."""
    rows = OutgoingMessage.objects.all()
    return rows.exclude(state="accepted").count() if rows.exists() else 1
