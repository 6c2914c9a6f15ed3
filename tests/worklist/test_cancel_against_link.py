"""Two who change the same exam at once: one of both waits for the other, on either database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from reporting.models import ReportVersion
from ris.core.actors import SystemActor
from ris.core.errors import ConcurrentUpdateError, InvalidInput, TransitionError
from ris.orders.actions import cancel_order
from ris.orders.models import Order, RequestedProcedure
from ris.scheduling.models import ScheduledProcedureStep
from tests.exam import MATCHER, case, draft, sign, study_row
from tests.worklist.mpps.samples import created
from tests.world import World
from worklist.actions.performed import start_procedure
from worklist.actions.studies import note_study
from worklist.actions.wrong_patient import wrong_patient
from worklist.models import ReadingTask, Study, StudyLink
from worklist.mpps import messages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]

SLOW = 0.5


@contextmanager
def held_open(act: Callable[[], Any]) -> Iterator[None]:
    """`act` has run in a transaction of another thread, which commits only half a second after we go on."""
    done, go = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with transaction.atomic():
                act()
                done.set()
                go.wait(SLOW)
        finally:
            done.set()
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        assert done.wait(10)
        yield
        running.result()


def linked(requested: RequestedProcedure) -> bool:
    return StudyLink.objects.filter(requested_procedure=requested, active=True).exists()


def test_images_that_come_while_the_order_is_cancelled_are_not_linked_to_it(live_world: World) -> None:
    requested = live_world.requested()
    row = study_row(requested)
    with held_open(lambda: cancel_order(requested.order, reason="Not needed", by=live_world.clerk)):
        note_study(row, by=MATCHER)
    assert Order.objects.get(pk=requested.order_id).state == "cancelled"
    assert not linked(requested)
    assert Study.objects.get().state == "unmatched"
    assert not ReadingTask.objects.exists()


def test_an_order_whose_images_are_being_linked_is_not_cancelled(live_world: World) -> None:
    requested = live_world.requested()
    row = study_row(requested)
    with held_open(lambda: note_study(row, by=MATCHER)), pytest.raises(TransitionError, match="in the archive"):
        cancel_order(requested.order, reason="Not needed", by=live_world.clerk)
    assert Order.objects.get(pk=requested.order_id).state == "active"
    assert linked(requested)


def test_a_device_that_begins_while_the_order_is_cancelled_neither_hangs_nor_revives_it(live_world: World) -> None:
    step = live_world.step()
    order = step.requested_procedure.order
    message = messages.started("2.25.4001", created(step))
    with held_open(lambda: cancel_order(order, reason="Not needed", by=live_world.clerk)):
        performed = start_procedure(message, node=live_world.node(), by=SystemActor("mpps"))
    assert performed.unscheduled
    step.refresh_from_db()
    assert step.state == "CANCELED"


def test_a_signature_that_meets_the_closing_of_its_images_is_refused(live_world: World, signing_key: None) -> None:
    report = draft(live_world)
    step = ScheduledProcedureStep.objects.get()
    with (
        held_open(lambda: wrong_patient(step, reason="Not hers", by=live_world.technologist)),
        pytest.raises((InvalidInput, ConcurrentUpdateError)),
    ):
        sign(report, live_world.radiologist)
    assert not ReportVersion.objects.exists()
    assert Study.objects.get().state == "blocked"


def test_images_that_are_told_of_while_they_are_closed_stay_closed(live_world: World) -> None:
    case(live_world)
    step = ScheduledProcedureStep.objects.select_related("requested_procedure").get()
    row = study_row(step.requested_procedure, instance_count=500)
    with held_open(lambda: wrong_patient(step, reason="Not hers", by=live_world.technologist)):
        note_study(row, by=MATCHER)
    assert Study.objects.get().state == "blocked"
    assert ReadingTask.objects.get().held
