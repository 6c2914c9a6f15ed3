"""The first free times over rooms and days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ris.scheduling.finder import Wish, offers
from ris.scheduling.models import Block, Closure, Holiday, Opening, Resource
from tests.world import World

TUESDAY = date(2027, 3, 2)
EIGHT = datetime(2027, 3, 2, 8)  # noqa: DTZ001  put into the site's zone where it is used


@pytest.fixture
def room(world: World) -> Resource:
    """CT 1, open on Tuesdays from 8 to 12."""
    found = world.room()
    Opening.objects.filter(resource=found).delete()
    Opening.objects.create(resource=found, weekday=1, opens=time(8), closes=time(12))
    return found


def at(world: World, hours: float) -> datetime:
    return EIGHT.replace(tzinfo=world.north.zone) + timedelta(hours=hours)


def found(
    world: World, room: Resource, wish: Wish | None = None, *, minutes: int = 20, code: str = "CTCHEST"
) -> list[str]:
    wanted = wish or Wish(first=TUESDAY)
    starts = offers(world.requested(world.order(code=code)), [room], wanted, minutes=minutes)
    return [f"{offer.start.astimezone(world.north.zone):%m-%d %H:%M}" for offer in starts]


def test_five_times_are_offered_one_a_day_in_an_empty_room(world: World, room: Resource) -> None:
    assert found(world, room) == ["03-02 08:00", "03-09 08:00", "03-16 08:00", "03-23 08:00", "03-30 08:00"]


def test_not_before_the_hour_that_was_wished(world: World, room: Resource) -> None:
    assert found(world, room, Wish(first=TUESDAY, after=time(10, 42)))[0] == "03-02 10:45"
    assert found(world, room, Wish(first=TUESDAY, after=time(11, 45))) == []


def test_only_on_the_weekday_that_was_wished(world: World) -> None:
    starts = found(world, world.room(), Wish(first=TUESDAY, weekday=4))
    assert [date.fromisoformat(f"2027-{start[:5]}").weekday() for start in starts] == [4] * 5


def test_the_gap_that_is_filled_best_comes_first(world: World, room: Resource) -> None:
    for name, begins, minutes in (("A", 1.0, 20), ("B", 1 + 40 / 60, 20)):
        world.booking(world.order(world.patient(name)), start=at(world, begins))
        assert minutes == 20
    # free: 8:00-9:00, 9:20-9:40, 10:00-12:00
    assert found(world, room)[:3] == ["03-02 09:20", "03-02 08:00", "03-02 10:00"]


def test_closures_holidays_and_kept_time_are_passed_over(world: World, room: Resource) -> None:
    Closure.objects.create(resource=room, start=at(world, 0), end=at(world, 2), reason="Service")
    Block.objects.create(resource=room, start=at(world, 2), end=at(world, 3))
    Holiday.objects.create(site=world.north, day=TUESDAY + timedelta(weeks=1), name="Founders' day")
    assert found(world, room)[:2] == ["03-02 11:00", "03-16 08:00"]


def test_an_emergency_is_offered_what_is_kept_for_it(world: World, room: Resource) -> None:
    Block.objects.create(resource=room, start=at(world, 0), end=at(world, 4))
    urgent = world.requested(world.order(priority="STAT"))
    assert offers(urgent, [room], Wish(first=TUESDAY))[0].start == at(world, 0)


def test_nothing_is_offered_while_the_patient_is_elsewhere(world: World, room: Resource) -> None:
    patient = world.patient()
    world.booking(world.order(patient, code="MRBRAIN"), room="MR 1", start=at(world, 0))
    wanted = world.requested(world.order(patient))
    assert offers(wanted, [room], Wish(first=TUESDAY))[0].start == at(world, 1 / 3)


def test_the_search_takes_as_many_queries_for_one_room_as_for_four(world: World) -> None:
    requested = world.requested()
    rooms = [world.room(name) for name in ("CT 1", "MR 1", "Ultrasound", "X-ray")]
    counts = []
    for some in (rooms[:1], rooms):
        with CaptureQueriesContext(connection) as asked:
            offers(requested, some, Wish(first=TUESDAY))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8


def test_the_page_offers_links_that_fill_in_the_form(world: World, room: Resource, client: Client) -> None:
    client.force_login(world.clerk, "allauth.account.auth_backends.AuthenticationBackend")
    address = reverse("scheduling:book", args=[world.requested().pk])
    page = client.get(f"{address}?find=1&first={TUESDAY}&after=09:00&weekday=1").content.decode()
    link = f"{address}?room={room.pk}&amp;day=2027-03-02&amp;time=09:00"
    assert link in page
    filled = client.get(link.replace("&amp;", "&")).content.decode()
    assert 'value="09:00"' in filled
    assert 'value="2027-03-02"' in filled
