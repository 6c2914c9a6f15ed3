"""A desk that writes to its patients, on a Monday morning in June, for the tests of what is written to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import time_machine

from ris.events.models import Delivery
from ris.events.outbox import attempt
from ris.notifications.models import MessagePolicy
from ris.orders.models import Procedure
from ris.scheduling.actions import Slot, move
from ris.scheduling.models import Appointment
from tests.ris.notifications.servers import MailServer
from tests.world import World

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
NUMBERS = count(1)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture
def desk(world: World, clock: time_machine.Traveller, mail_server: MailServer) -> World:
    """A desk that can write, on a Monday morning."""
    Procedure.objects.filter(code="CTCHEST").update(preparation="Drink nothing for two hours before.")
    return world


def policy(world: World, **changes: Any) -> None:
    MessagePolicy.objects.update_or_create(site=world.north, defaults=changes)


def booked(world: World, start: datetime, *, priority: str = "ROUTINE", **person: Any) -> Appointment:
    known = {"email": "aase@example.org"} | person
    patient = world.patient(f"Møller{next(NUMBERS)}", **known)
    return world.booking(world.order(patient, priority=priority), start=start)


def moved(world: World, appointment: Appointment, start: datetime) -> Appointment:
    return move(appointment, slot=Slot(resource=appointment.resource, start=start, minutes=20), by=world.clerk)


def deliver(clock: time_machine.Traveller) -> None:
    """Run all that waits, until nothing new comes of it, after the pause in which a slip can be taken back."""
    for _round in range(2):
        for pk in Delivery.objects.filter(subscriber__in=["scheduling.tell-patient", "notifications.send"],
                                          state="pending").values_list("pk", flat=True):  # fmt: skip
            attempt(pk)
        clock.shift(timedelta(minutes=3))


def kinds(server: MailServer) -> list[str]:
    """The first words of each mail that was taken."""
    return [str(mail["Subject"]).split(":", maxsplit=1)[0] for mail in server.taken]
