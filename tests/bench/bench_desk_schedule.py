"""Bookings a second by twenty clerks at once; the day board over a large archive beside a small one."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from ris.orders.models import RequestedProcedure
from ris.scheduling.actions import Slot, book
from ris.scheduling.models import Appointment, Reservation, ScheduledProcedureStep
from tests.bench.figures import Figure, Record
from tests.world import World

CLERKS, EACH, ROUNDS = 20, 5, 5
SMALL, LARGE, ASKED = 100, 10_000, 40
DAY = datetime(2027, 3, 1)  # noqa: DTZ001  put into the site's zone where it is used
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
Work = list[tuple[RequestedProcedure, Slot]]


@pytest.mark.django_db(transaction=True)
def bench_bookings_by_twenty_clerks(live_world: World, record: Record) -> None:
    rates = [CLERKS * EACH / _seconds(live_world, number) for number in range(ROUNDS)]
    assert Appointment.objects.count() == CLERKS * EACH * ROUNDS
    value = round(statistics.median(rates), 1)
    record.add(Figure("desk", f"clerks={CLERKS} database={connection.vendor}", "bookings_per_s", value, "bookings/s"))


def _seconds(world: World, number: int) -> float:
    """How long it takes all clerks, each with some orders of their own, to book them in the same room."""
    slots, work = _slots(world, number), []
    for clerk in range(CLERKS):
        orders = [world.requested(world.order(world.patient(f"P{number}-{clerk}-{n}"))) for n in range(EACH)]
        work.append([(order, next(slots)) for order in orders])
    threads = [threading.Thread(target=_book_all, args=(world, mine)) for mine in work]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def _slots(world: World, number: int) -> Iterator[Slot]:
    start = DAY.replace(tzinfo=world.north.zone) + timedelta(days=7 * number)
    for place in range(CLERKS * EACH):
        yield Slot(resource=world.room(), start=start + timedelta(minutes=10 * place), minutes=10)


def _book_all(world: World, work: Work) -> None:
    for order, slot in work:
        book([order], slot=slot, by=world.clerk)
    connection.close()


@pytest.mark.django_db(transaction=True)
def bench_day_board_over_the_archive(live_world: World, record: Record) -> None:
    today = [live_world.booking(start=_at(live_world, minute)) for minute in range(0, 600, 30)]
    ask = _asking(live_world)
    p95 = {}
    for size in (SMALL, LARGE):
        _fill(live_world, today[0], size)
        p95[size] = _p95(ask)
        record.add(Figure("desk", f"appointments={size}", "board_p95_ms", p95[size], "ms"))
    growth = round(p95[LARGE] / p95[SMALL], 2)
    record.add(Figure("desk", f"appointments={LARGE} against {SMALL}", "board_p95_growth", growth, "times"))


def _at(world: World, minutes: int, *, days: int = 0) -> datetime:
    return DAY.replace(hour=8, tzinfo=world.north.zone) + timedelta(days=days, minutes=minutes)


def _asking(world: World) -> Callable[[], object]:
    client = Client()
    client.force_login(world.clerk, BACKEND)
    address = f"{reverse('scheduling:board')}?site=north&day={DAY:%Y-%m-%d}"

    def ask() -> None:
        answer = client.get(address)
        assert answer.content.count(b'class="slot__link"') == 20

    return ask


def _fill(world: World, model: Appointment, size: int) -> None:
    """Past appointments, each with its reservation and step, until there are `size`."""
    first = Appointment.objects.count()
    step = model.steps.get()
    starts = [_at(world, 20 * (number % 24), days=-1 - number // 24) for number in range(first, size)]
    rows = Appointment.objects.bulk_create(
        Appointment(site=model.site, patient=model.patient, resource=model.resource, start=start,
                    end=start + timedelta(minutes=20), state="fulfilled")
        for start in starts
    )  # fmt: skip
    Reservation.objects.bulk_create(
        Reservation(appointment=row, resource=row.resource, patient=row.patient, start=row.start, end=row.end)
        for row in rows
    )
    ScheduledProcedureStep.objects.bulk_create(
        ScheduledProcedureStep(site=row.site, requested_procedure=step.requested_procedure, appointment=row,
                               node=step.node, sps_id=f"X{row.pk}", state="COMPLETED", modality="CT",
                               description=step.description, start=row.start)
        for row in rows
    )  # fmt: skip


def _p95(ask: Callable[[], object]) -> float:
    """In milliseconds: the median of five rounds, as a machine that does something else for a moment spoils one."""
    ask()
    return round(statistics.median(_p95_of_a_round(ask) for _ in range(ROUNDS)), 2)


def _p95_of_a_round(ask: Callable[[], object]) -> float:
    durations = []
    for _ in range(ASKED):
        began = time.perf_counter()
        ask()
        durations.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(durations, n=20)[-1]
