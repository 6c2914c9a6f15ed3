"""The weekly hours of a room, on a page of their own."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from django.test import Client
from django.urls import reverse

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted
from ris.scheduling.actions import DayHours, Slot, book, set_hours
from ris.scheduling.models import Opening
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.db]
MORNING, AFTERNOON = DayHours(0, time(8), time(12)), DayHours(0, time(13), time(17, 30))


@pytest.fixture
def administrator(world: World, client: Client) -> Client:
    client.force_login(world.siteadmin, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def told(world: World) -> list[str]:
    rows = Opening.objects.filter(resource=world.room())
    return [f"{row.weekday} {row.opens:%H:%M} {row.closes:%H:%M}" for row in rows]


def at(world: World, hour: int) -> Slot:
    start = datetime.combine(date(2027, 3, 1), time(hour), tzinfo=world.north.zone)  # a Monday
    return Slot(resource=world.room(), start=start, minutes=20)


def test_new_hours_take_the_place_of_the_old_ones_and_bind_who_books(world: World) -> None:
    set_hours(world.room(), hours=[AFTERNOON, MORNING], by=world.siteadmin)
    assert told(world) == ["0 08:00 12:00", "0 13:00 17:30"]
    book([world.requested()], slot=at(world, 9), by=world.clerk)
    with pytest.raises(InvalidInput, match="08:00 to 12:00"):
        book([world.requested()], slot=at(world, 12), by=world.clerk)
    kept = AuditEvent.objects.get(action="hours.changed").detail
    assert kept["after"] == ["Mon 08:00-12:00", "Mon 13:00-17:30"]
    assert len(kept["before"]) == 7


def test_the_same_hours_again_are_no_act(world: World) -> None:
    for _ in range(2):
        set_hours(world.room(), hours=[MORNING], by=world.siteadmin)
    assert AuditEvent.objects.filter(action="hours.changed").count() == 1


@pytest.mark.parametrize(
    "hours", [[DayHours(2, time(12), time(8))], [DayHours(2, time(8), time(12)), DayHours(2, time(11), time(15))]]
)
def test_hours_that_end_before_they_begin_or_overlap_are_refused(world: World, hours: list[DayHours]) -> None:
    before = told(world)
    with pytest.raises(InvalidInput) as refused:
        set_hours(world.room(), hours=hours, by=world.siteadmin)
    assert set(refused.value.fields) == {"day_2"}
    assert told(world) == before


@pytest.mark.parametrize("who", ["clerk", "technologist", "radiologist", "outsider"])
def test_hours_are_for_administrators(world: World, who: str) -> None:
    with pytest.raises(NotPermitted):
        set_hours(world.room(), hours=[MORNING], by=world.people[who])


def test_the_page_reads_hours_as_people_write_them(world: World, administrator: Client) -> None:
    page = reverse("scheduling:week", args=[world.room().pk])
    typed = {"day_0": "8-12, 13:00–17:30", "day_5": "22:00-24:00"}
    assert administrator.post(page, typed).status_code == 302
    assert told(world) == ["0 08:00 12:00", "0 13:00 17:30", "5 22:00 23:59"]
    shown = administrator.get(page).context["form"]
    assert (shown["day_0"].value(), shown["day_5"].value()) == ("08:00-12:00, 13:00-17:30", "22:00-24:00")
    assert "Mon 08:00 to 12:00" in administrator.get(reverse("scheduling:times")).content.decode()


def test_a_fault_stands_beside_its_day_and_nothing_typed_is_lost(world: World, administrator: Client) -> None:
    before = told(world)
    page = reverse("scheduling:week", args=[world.room().pk])
    for typed in ("morning", "08:00", "25:00-26:00", "12:00-08:00", "8-12, 11-15"):
        answer = administrator.post(page, {"day_3": typed, "day_0": "08:00-12:00"})
        text = answer.content.decode()
        assert (answer.status_code, f'value="{typed}"' in text) == (422, True), typed
        assert answer.context["form"].errors.keys() == {"day_3"}
    assert told(world) == before


def test_always_open_and_hours_together_are_asked_about(world: World, administrator: Client) -> None:
    page = reverse("scheduling:week", args=[world.room().pk])
    for typed in ({"always": "on", "day_0": "8-12"}, {"day_0": ""}):
        assert administrator.post(page, typed).status_code == 422
    assert administrator.post(page, {"always": "on"}).status_code == 302
    assert told(world) == []


def test_who_is_booked_outside_the_new_hours_is_counted(world: World, administrator: Client) -> None:
    book([world.requested()], slot=at(world, 15), by=world.clerk)
    page = reverse("scheduling:week", args=[world.room().pk])
    words = administrator.post(page, {"day_0": "08:00-12:00"}, follow=True).content.decode()
    assert "1 booked outside them" in words
