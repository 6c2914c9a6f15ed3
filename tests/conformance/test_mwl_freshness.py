"""What one process commits, the next query of another process shows: every time, and with several at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from django.db import connection
from pydicom.dataset import Dataset

from ris.scheduling.actions import cancel_appointment
from ris.scheduling.models import ScheduledProcedureStep
from tests.conformance.scanner import Scanner
from tests.conformance.scp_process import scp_process
from tests.worklist.mwl.samples import identifier
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]
WORKLIST = "1.2.840.10008.5.1.4.31"
ROUNDS = 25


def test_a_booking_and_its_end_are_seen_by_the_next_query(live_world: World, tmp_path: Path) -> None:
    with scp_process(tmp_path) as (_process, port, _log):
        ct1 = Scanner("CT1", "ISOCENTER", port)
        for _ in range(3):
            appointment = live_world.booking()
            assert len(ct1.find(identifier({}))[0]) == 1
            cancel_appointment(appointment, reason="ill", by=live_world.clerk)
            assert ct1.find(identifier({}))[0] == []


def test_every_change_is_seen_by_the_query_that_begins_after_it(live_world: World, tmp_path: Path) -> None:
    """Four writers, each with a scanner of its own that asks right after each commit."""
    steps = [live_world.step() for _ in range(4)]
    missed: list[str] = []

    def change_and_ask(step: ScheduledProcedureStep, port: int) -> None:
        asked: Dataset = identifier({"ScheduledProcedureStepID": step.sps_id}, CurrentPatientLocation="")
        with Scanner("CT1", "ISOCENTER", port).association() as association:
            for number in range(ROUNDS):
                ScheduledProcedureStep.objects.filter(pk=step.pk).update(ward=f"W{number}")
                answers = [found for _, found in association.send_c_find(asked, WORKLIST) if found is not None]
                if [found.CurrentPatientLocation for found in answers] != [f"W{number}"]:
                    missed.append(f"{step.sps_id} at {number}")
        connection.close()

    with scp_process(tmp_path) as (_process, port, _log):
        threads = [threading.Thread(target=change_and_ask, args=(step, port)) for step in steps]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
    assert missed == []
