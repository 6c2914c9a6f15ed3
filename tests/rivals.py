"""Many who act on the same exams at the same moment, each on a connection of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import OperationalError, connection

from ris.core.errors import DomainError
from ris.orders.models import Order
from ris.scheduling.lifecycle import APPOINTMENT, STEP
from ris.scheduling.models import Appointment, Reservation, ScheduledProcedureStep

Act = Callable[[], object]


def at_once(piles: list[list[Act]]) -> list[int]:
    """How many acts of each pile succeeded. A refusal is an answer; hanging is not."""
    gate = threading.Barrier(len(piles))

    def work(pile: list[Act]) -> int:
        gate.wait()
        try:
            return sum(succeeds(act) for act in pile)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(piles)) as pool:
        return list(pool.map(work, piles))


def succeeds(act: Act) -> bool:
    try:
        act()
    except DomainError:
        return False
    except OperationalError as error:
        raise AssertionError(f"two acts waited for each other: {act}: {error}") from error
    return True


def makes_sense() -> None:
    """Whatever won: order, step, appointment and reservation tell one story."""
    steps = ScheduledProcedureStep.objects.select_related("appointment", "requested_procedure__order")
    for step in steps:
        order, visit = step.requested_procedure.order, step.appointment
        assert (order.state == "cancelled") <= STEP.within(step, "gone"), (order.state, step.state)
        if STEP.within(step, "begun"):  # what was put back of a discontinued order may be begun again
            assert order.state in ("in-progress", "discontinued"), (order.state, step.state)
        if visit is not None and STEP.within(step, "begun"):
            assert visit.state == "arrived", (visit.state, step.state)
        if visit is not None and STEP.within(step, "waiting"):
            assert visit.state in ("booked", "arrived", "noshow"), (visit.state, step.state)
    live = STEP.groups["live"]
    assert not Appointment.objects.filter(state="fulfilled", steps__state__in=live).exists()
    assert not Order.objects.filter(state="completed", procedures__steps__state__in=live).exists()
    held = Reservation.objects.filter(active=True).exclude(appointment__state__in=APPOINTMENT.groups["holding"])
    assert not held.exists()
