"""Hours, closures, holidays, kept time: who is refused, and with which words."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ris.core.errors import InvalidInput, NotPermitted
from ris.orders.models import Procedure
from ris.scheduling.actions import Repeated, Slot, add_holiday, book, close_room, keep_time, move, remove
from ris.scheduling.finder import Wish, offers
from ris.scheduling.models import Block, Closure, Holiday, Opening, Resource
from ris.scheduling.opening import hours_of
from tests.world import World

MONDAY = date(2027, 3, 1)


def at(world: World, hour: int, minute: int = 0, *, day: date = MONDAY) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=world.north.zone)


def slot(world: World, hour: int, *, minutes: int = 20, room: str = "CT 1") -> Slot:
    return Slot(resource=world.room(room), start=at(world, hour), minutes=minutes)


def test_a_room_is_refused_outside_its_hours_with_the_hours(world: World) -> None:
    Opening.objects.filter(resource=world.room()).delete()
    Opening.objects.create(resource=world.room(), weekday=0, opens=time(8), closes=time(12))
    Opening.objects.create(resource=world.room(), weekday=0, opens=time(13), closes=time(17))
    book([world.requested()], slot=slot(world, 8), by=world.clerk)
    for hour in (7, 12, 17):
        with pytest.raises(InvalidInput, match="08:00 to 12:00, 13:00 to 17:00"):
            book([world.requested()], slot=slot(world, hour), by=world.clerk)


def test_an_exam_may_run_past_midnight_in_a_room_that_never_closes(world: World) -> None:
    found = world.booking(start=at(world, 23, 50))
    assert found.end.astimezone(world.north.zone).day == 2


def test_a_closure_refuses_with_its_reason_and_stops_doing_so_when_it_is_removed(world: World) -> None:
    when = Repeated(resource=world.room(), day=MONDAY, begins=time(9), ends=time(10))
    close_room(when, reason="Gantry service", by=world.siteadmin)
    with pytest.raises(InvalidInput, match="Gantry service"):
        book([world.requested()], slot=slot(world, 9), by=world.clerk)
    moved = book([world.requested()], slot=slot(world, 8), by=world.clerk)
    with pytest.raises(InvalidInput, match="Gantry service"):
        move(moved, slot=slot(world, 9), by=world.clerk)
    remove(Closure.objects.get(), by=world.siteadmin)
    assert move(moved, slot=slot(world, 9), by=world.clerk).start == at(world, 9)


def test_on_a_holiday_every_room_of_the_site_is_closed_and_no_other_site(world: World) -> None:
    add_holiday(world.north, day=MONDAY, name="Founders' day", by=world.siteadmin)
    for room in ("CT 1", "Ultrasound"):
        code = "CTCHEST" if room == "CT 1" else "USABD"
        with pytest.raises(InvalidInput, match="Founders' day"):
            book([world.requested(world.order(code=code))], slot=slot(world, 9, room=room), by=world.clerk)
    south = world.room("CT South")
    assert hours_of(world.south, [south.pk], MONDAY, MONDAY).free(south.pk, MONDAY) != []


def test_a_holiday_stands_once(world: World) -> None:
    add_holiday(world.north, day=MONDAY, name="Founders' day", by=world.siteadmin)
    with pytest.raises(InvalidInput, match="already"):
        add_holiday(world.north, day=MONDAY, name="Again", by=world.siteadmin)


def test_what_is_kept_for_emergencies_is_theirs_alone(world: World) -> None:
    when = Repeated(resource=world.room(), day=MONDAY, begins=time(9), ends=time(10))
    keep_time(when, purpose="emergency", note="stroke", by=world.siteadmin)
    with pytest.raises(InvalidInput, match=r"kept for emergencies \(stroke\)"):
        book([world.requested()], slot=slot(world, 9), by=world.clerk)
    urgent = world.requested(world.order(priority="STAT"))
    assert book([urgent], slot=slot(world, 9), by=world.clerk).start == at(world, 9)


def test_what_is_kept_for_inpatients_is_not_for_emergencies(world: World) -> None:
    Block.objects.create(resource=world.room(), start=at(world, 9), end=at(world, 10), purpose="inpatient")
    with pytest.raises(InvalidInput, match="kept for inpatients"):
        book([world.requested(world.order(priority="STAT"))], slot=slot(world, 9), by=world.clerk)


@pytest.mark.parametrize("who", ["clerk", "technologist", "radiologist", "outsider"])
def test_hours_are_for_the_administrators(world: World, who: str) -> None:
    when = Repeated(resource=world.room(), day=MONDAY, begins=time(9), ends=time(10))
    with pytest.raises(NotPermitted):
        close_room(when, reason="Service", by=world.people[who])
    with pytest.raises(NotPermitted):
        keep_time(when, purpose="emergency", note="", by=world.people[who])
    with pytest.raises(NotPermitted):
        add_holiday(world.north, day=MONDAY, name="Party", by=world.people[who])
    assert not Closure.objects.exists()


@pytest.mark.parametrize(("begins", "ends", "weeks"), [(10, 9, 1), (9, 9, 1), (9, 10, 0), (9, 10, 54)])
def test_a_time_of_no_use_is_refused(world: World, begins: int, ends: int, weeks: int) -> None:
    when = Repeated(resource=world.room(), day=MONDAY, begins=time(begins), ends=time(ends), weeks=weeks)
    with pytest.raises(InvalidInput):
        close_room(when, reason="Service", by=world.siteadmin)


def test_hours_of_many_rooms_and_days_take_four_queries(world: World) -> None:
    rooms = [world.room(name).pk for name in ("CT 1", "MR 1", "Ultrasound", "X-ray")]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        hours_of(world.north, rooms, MONDAY, MONDAY + timedelta(days=59))
    assert len(asked) == 4


def test_a_room_without_what_the_exam_needs_refuses_by_name(world: World) -> None:
    Procedure.objects.filter(code="CTCHEST").update(required_capability="injector")
    with pytest.raises(InvalidInput, match="needs a room with injector"):
        book([world.requested()], slot=slot(world, 9), by=world.clerk)
    assert offers(world.requested(), [world.room()], Wish(first=MONDAY)) == []
    Resource.objects.filter(name="CT 1").update(capabilities="cone-beam injector")
    assert book([world.requested()], slot=slot(world, 9), by=world.clerk).start == at(world, 9)


@pytest.fixture
def administrator(world: World, client: Client) -> Client:
    client.force_login(world.siteadmin, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def posted(world: World, client: Client, **fields: str) -> str:
    body = {
        "room": str(world.room().pk),
        "day": str(MONDAY),
        "begins": "09:00",
        "ends": "10:00",
        "weeks": "1",
        **fields,
    }
    return client.post(reverse("scheduling:times"), body, follow=True).content.decode()


def test_a_closure_from_the_page_says_who_is_booked_in_it(world: World, administrator: Client) -> None:
    world.booking(start=at(world, 9))
    page = posted(world, administrator, kind="closure", reason="Gantry service", weeks="2")
    assert "Added. 1 booked in it: move or call them." in page
    assert page.count("Gantry service") == Closure.objects.count() == 2


def test_what_is_kept_and_holidays_come_from_the_page_too_and_go_again(world: World, administrator: Client) -> None:
    assert "kept for emergencies" in posted(world, administrator, kind="block", purpose="emergency")
    assert "Founders" in posted(world, administrator, kind="holiday", name="Founders")
    for kind, row in (("block", Block.objects.get()), ("holiday", Holiday.objects.get())):
        administrator.post(reverse("scheduling:times-remove", args=[kind, row.pk]))
    assert not Block.objects.exists()
    assert not Holiday.objects.exists()


@pytest.mark.parametrize("fields", [{"ends": "08:00"}, {"reason": ""}, {"weeks": "99"}, {"day": "1900-01-01"}])
def test_a_fault_stands_beside_its_field_and_nothing_typed_is_lost(
    world: World, administrator: Client, fields: dict[str, str]
) -> None:
    page = posted(world, administrator, **{"kind": "closure", "reason": "Typed before", **fields})
    assert "is-invalid" in page
    assert not Closure.objects.exists()
    assert "reason" in fields or "Typed before" in page


def test_a_kind_that_is_none_is_not_there(administrator: Client) -> None:
    assert administrator.post(reverse("scheduling:times-remove", args=["party", 1])).status_code == 404
