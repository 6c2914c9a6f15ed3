"""When a reminder is due, also over a change of the clocks, and that it is written once and cheaply."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from ris.events.models import Delivery
from ris.notifications.models import Message
from ris.scheduling.models import Appointment
from ris.scheduling.reminders import instant_of, remind_all
from tests.ris.notifications.servers import MailServer
from tests.ris.scheduling.reminding import NOW, booked, policy
from tests.world import World


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [  # Berlin goes from +1 to +2 on 29 March and back on 25 October 2026
        (datetime(2026, 3, 29, 6, tzinfo=UTC), 24, datetime(2026, 3, 28, 7, tzinfo=UTC)),
        (datetime(2026, 10, 25, 7, tzinfo=UTC), 24, datetime(2026, 10, 24, 6, tzinfo=UTC)),
        (datetime(2026, 10, 26, 7, tzinfo=UTC), 48, datetime(2026, 10, 24, 6, tzinfo=UTC)),
        (datetime(2026, 6, 10, 6, tzinfo=UTC), 24, datetime(2026, 6, 9, 6, tzinfo=UTC)),
    ],
)
def test_a_day_before_eight_is_eight_also_over_a_clock_change(
    desk: World, clock: time_machine.Traveller, start: datetime, hours: int, expected: datetime
) -> None:
    desk.north.time_zone = "Europe/Berlin"
    desk.north.save()
    assert instant_of(start, hours, desk.north) == expected
    policy(desk, confirm=False, reminder_hours=str(hours))
    clock.move_to(start - timedelta(days=20))
    booked(desk, start)
    clock.move_to(expected - timedelta(minutes=1))
    assert remind_all() == 0
    clock.move_to(expected + timedelta(minutes=1))
    assert remind_all() == 1
    assert f"{start.astimezone(desk.north.zone):%H:%M}" in Message.objects.get().subject


def test_the_hour_that_autumn_repeats_is_told_with_its_zone(desk: World, clock: time_machine.Traveller) -> None:
    desk.north.time_zone = "Europe/Berlin"
    desk.north.save()
    policy(desk, confirm=False, reminder_hours="24")
    first, second = (booked(desk, datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) for hour in (0, 1))
    clock.move_to(datetime(2026, 10, 24, 20, tzinfo=UTC))
    assert remind_all() == 2
    subjects = {row.about_id: row.subject for row in Message.objects.all()}
    assert subjects[first.pk].endswith("25 October 2026, 02:30 CEST")
    assert subjects[second.pk].endswith("25 October 2026, 02:30 CET")


def test_reminding_costs_the_same_however_many_need_none(
    desk: World, clock: time_machine.Traveller, django_assert_max_num_queries: Any
) -> None:
    policy(desk, confirm=False)
    start = NOW + timedelta(hours=20)
    for number in range(8):
        booked(desk, start + timedelta(minutes=30 * number))
    assert timezone.now() < start
    with django_assert_max_num_queries(10):
        assert remind_all() == 0


@pytest.mark.db
def test_sweepers_at_the_same_time_write_one_reminder(live_world: World, mail_server: MailServer) -> None:
    start = timezone.now() + timedelta(hours=20)
    appointment = booked(live_world, start)
    Appointment.objects.filter(pk=appointment.pk).update(placed_at=None)
    gate = threading.Barrier(4)

    def sweep() -> None:
        gate.wait()
        try:
            remind_all()
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Message.objects.filter(kind="reminder").count() == 1
    assert Delivery.objects.filter(subscriber="notifications.send").count() == 1
