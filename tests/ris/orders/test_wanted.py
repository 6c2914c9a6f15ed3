"""From when an exam is wanted: typed, kept, changed, and shown where it is booked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from ris.orders.actions import details_of, modify_order
from ris.orders.history import history_of
from ris.orders.models import Order
from tests.api.conftest import program_of
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def clerk(world: World, client: Client) -> Client:
    client.force_login(world.clerk, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def at(world: World, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2027, 3, 5, hour, minute, tzinfo=world.north.zone)


def wanted_at(world: World, moment: datetime) -> Order:
    order = world.order()
    return modify_order(order, details=details_of(order, wanted_from=moment), revision=0, by=world.clerk)


def typed(world: World, **changes: Any) -> dict[str, Any]:
    return {"site": world.north.pk, "procedures": [world.procedure().pk], "priority": "ROUTINE"} | changes


def test_a_clerk_types_the_day_and_it_begins_at_the_site(world: World, clerk: Client) -> None:
    place = f"/orders/place/{world.patient().pk}/"
    assert clerk.post(place, typed(world, wanted_from="2027-03-05")).status_code == 302
    assert Order.objects.get().wanted_from == at(world)
    refused = clerk.post(place, typed(world, wanted_from="0001-01-01"))
    assert refused.status_code == 422
    assert "Exams are wanted from 1990" in refused.content.decode()


def test_who_changes_something_else_keeps_the_hour_that_the_hospital_told(world: World, clerk: Client) -> None:
    order = wanted_at(world, at(world, 9, 30))
    page = f"/orders/{order.pk}/modify/"
    assert 'value="2027-03-05"' in clerk.get(page).content.decode()
    change = {"priority": "STAT", "wanted_from": "2027-03-05", "revision": order.revision}
    assert clerk.post(page, change).status_code == 302
    order.refresh_from_db()
    assert (order.priority, order.wanted_from) == ("STAT", at(world, 9, 30))
    clerk.post(page, change | {"wanted_from": "", "revision": order.revision})
    order.refresh_from_db()
    assert order.wanted_from is None
    assert any("Wanted from" in line for entry in history_of(order) for line in entry.lines)


@pytest.mark.parametrize(("hour", "shown"), [(0, "Fri 5 Mar 2027</time>"), (9, "Fri 5 Mar 2027, 09:30</time>")])
def test_it_is_shown_where_the_exam_is_booked(world: World, clerk: Client, hour: int, shown: str) -> None:
    order = wanted_at(world, at(world, hour, 30 if hour else 0))
    pages = [f"/orders/{order.pk}/", f"/schedule/book/{order.procedures.get().pk}/", "/schedule/calendar/?site=north"]
    for page in pages:
        assert shown in clerk.get(page).content.decode(), page


def test_an_order_that_is_wanted_at_any_time_says_nothing_of_it(world: World, clerk: Client) -> None:
    order = world.order()
    assert "Wanted from" not in clerk.get(f"/schedule/book/{order.procedures.get().pk}/").content.decode()


def test_programs_give_it_read_it_and_change_it(world: World) -> None:
    clerk = program_of(world.clerk)
    body = {"patient": world.patient().pk, "site": "north", "procedures": ["CTCHEST"]}
    made = clerk.post("/api/v1/orders/", body | {"wanted_from": "2027-03-05T09:30:00Z"}, format="json")
    assert made.status_code == 201, made.json()
    order = made.json()
    assert datetime.fromisoformat(order["wanted_from"]) == datetime.fromisoformat("2027-03-05T09:30:00Z")
    path = f"/api/v1/orders/{order['id']}/modify/"
    changed = clerk.post(path, {"revision": order["revision"], "wanted_from": None}, format="json")
    assert (changed.status_code, changed.json()["wanted_from"]) == (200, None)
    wrong = clerk.post("/api/v1/orders/", body | {"wanted_from": "0001-01-01T00:00:00Z"}, format="json")
    assert wrong.status_code == 422
