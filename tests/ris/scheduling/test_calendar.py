"""What the calendar's widget reads and writes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ris.orders.models import RequestedProcedure
from ris.scheduling.actions import arrive, move, overbook
from ris.scheduling.actions.slots import Slot
from ris.scheduling.calendar import daytime, feed, period, token, week_of
from ris.scheduling.models import Appointment, Block, Closure, Opening
from tests.world import World

START = datetime(2027, 3, 2, 10)  # noqa: DTZ001  put into the site's zone where it is used
DAY = "2027-03-02"
JSON: dict[str, Any] = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def clerk(world: World, client: Client) -> Client:
    client.force_login(world.clerk, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def booked(world: World, *, hour: int = 10, name: str = "Booked") -> Appointment:
    return world.booking(world.order(world.patient(name)), start=START.replace(hour=hour, tzinfo=world.north.zone))


def events(world: World, **options: bool) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = feed(period(world.north, DAY, DAY, ""), **({"may_book": True} | options))["events"]
    return found


def url(name: str, **args: int) -> str:
    return reverse(f"scheduling:calendar-{name}", kwargs=args)


def fields(world: World, time: str = "11:00", *, room: str = "CT 1", **more: str) -> dict[str, str]:
    return {"room": str(world.room(room).pk), "day": DAY, "time": time, "minutes": "20", **more}


def test_a_visit_stands_in_wall_clock_time_with_all_that_the_widget_needs(world: World) -> None:
    found = booked(world)
    event = next(event for event in events(world) if event["id"] == str(found.pk))
    assert (event["start"], event["end"]) == ("2027-03-02T10:00:00", "2027-03-02T10:20:00")
    assert event["title"] == "Booked, Åse"
    assert set(event["extendedProps"]["refusals"]) == {
        str(world.room(name).pk) for name in ("MR 1", "Ultrasound", "X-ray")
    }
    assert event["editable"] is True
    assert not any(event["editable"] for event in events(world, may_book=False) if event["id"] == str(found.pk))


def test_who_has_arrived_is_not_dragged(world: World) -> None:
    found = arrive(booked(world), by=world.clerk)
    event = next(event for event in events(world) if event["id"] == str(found.pk))
    assert event["editable"] is False


def test_closed_and_kept_times_stand_behind_the_visits_with_their_reason(world: World) -> None:
    room, start = world.room(), START.replace(tzinfo=world.north.zone)
    Closure.objects.create(resource=room, start=start, end=start + timedelta(hours=1), reason="Service")
    Block.objects.create(resource=room, start=start + timedelta(hours=2), end=start + timedelta(hours=3))
    shown = [event for event in events(world) if event.get("display") == "background"]
    assert [(event["title"], event["classNames"][1]) for event in shown] == [
        ("Service", "shut--closed"),
        ("kept for emergencies", "shut--kept"),
    ]


def test_a_lane_is_named(world: World) -> None:
    first = booked(world)
    slot = Slot(resource=first.resource, start=first.start, minutes=20)
    second = overbook([world.requested()], slot=slot, lane_name="Second", reason="Why", by=world.technologist)
    event = next(event for event in events(world) if event["id"] == str(second.pk))
    assert event["extendedProps"]["state"] == "Second"


def test_what_nobody_changed_is_answered_with_204(world: World, clerk: Client) -> None:
    found = booked(world)
    address = f"{url('events')}?from={DAY}&to={DAY}"
    version = clerk.get(address).json()["version"]
    assert clerk.get(f"{address}&seen={version}").status_code == 204
    move(found, slot=Slot(resource=found.resource, start=found.end, minutes=20), by=world.clerk)
    assert clerk.get(f"{address}&seen={version}").status_code == 200


@pytest.mark.parametrize("query", ["", "?from=x&to=y", f"?from={DAY}&to=2027-04-02", f"?from={DAY}&to=2027-03-01"])
def test_a_period_of_no_use_is_refused(clerk: Client, query: str) -> None:
    assert clerk.get(url("events") + query, **JSON).status_code == 422


def test_the_number_of_queries_does_not_grow_with_the_appointments(world: World, clerk: Client) -> None:
    addresses = [f"{url('events')}?from={DAY}&to={DAY}", f"{reverse('scheduling:day')}?day={DAY}",
                 f"{reverse('scheduling:calendar')}?day={DAY}"]  # fmt: skip
    booked(world)
    world.order(world.patient("Waits"))
    before = [queries(clerk, address) for address in addresses]
    for hour in range(11, 19):
        booked(world, hour=hour, name=f"Number{hour}")
        world.order(world.patient(f"Waits{hour}"))
    assert [queries(clerk, address) for address in addresses] == before


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_an_order_is_let_go_on_a_slot_and_taken_back(world: World, clerk: Client) -> None:
    requested = world.requested()
    answer = clerk.post(url("book", procedure_id=requested.pk), fields(world), **JSON)
    found = Appointment.objects.get()
    assert answer.json()["message"] == "Booked: CT 1, Tue 02 Mar, 11:00."
    assert (answer.json()["appointment"], found.state) == (found.pk, "booked")
    was = {"was": answer.json()["was"]}
    assert clerk.post(url("undo", appointment_id=found.pk), was, **JSON).status_code == 200
    found.refresh_from_db()
    assert found.state == "cancelled"
    assert requested.steps.get().appointment is None


def test_what_was_changed_since_the_booking_is_not_taken_back_by_a_late_key(world: World, clerk: Client) -> None:
    first, second = (
        clerk.post(url("book", procedure_id=world.requested().pk), fields(world, time=time), **JSON).json()
        for time in ("11:00", "14:00")
    )
    arrive(Appointment.objects.get(pk=first["appointment"]), by=world.technologist)
    other = Appointment.objects.get(pk=second["appointment"])
    move(other, slot=Slot(resource=other.resource, start=other.start + timedelta(hours=1), minutes=20), by=world.clerk)
    for made in (first, second):
        answer = clerk.post(url("undo", appointment_id=made["appointment"]), {"was": made["was"]}, **JSON)
        assert answer.status_code == 409
    assert sorted(Appointment.objects.values_list("state", flat=True)) == ["arrived", "booked"]


def test_a_room_that_cannot_do_the_exam_refuses_with_the_reason(world: World, clerk: Client) -> None:
    answer = clerk.post(url("book", procedure_id=world.requested().pk), fields(world, room="MR 1"), **JSON)
    assert answer.status_code == 422
    assert answer.json()["message"] == "MR 1 cannot do this exam. CT chest needs Computed tomography."
    assert not Appointment.objects.exists()


def test_a_drag_moves_and_its_answer_leads_back(world: World, clerk: Client) -> None:
    found = booked(world)
    was = token(found)
    there = clerk.post(url("place", appointment_id=found.pk), fields(world, "14:05", was=was), **JSON).json()
    found.refresh_from_db()
    assert f"{found.start.astimezone(world.north.zone):%H:%M}" == "14:05"
    clerk.post(url("place", appointment_id=found.pk), fields(world, "10:00", was=there["was"]), **JSON)
    found.refresh_from_db()
    assert token(found) == was


def test_what_somebody_moved_meanwhile_is_not_moved(world: World, clerk: Client) -> None:
    found = booked(world)
    was = token(found)
    elsewhere = Slot(resource=found.resource, start=found.start + timedelta(hours=5), minutes=20)
    move(found, slot=elsewhere, by=world.technologist)
    answer = clerk.post(url("place", appointment_id=found.pk), fields(world, was=was), **JSON)
    assert answer.status_code == 409
    found.refresh_from_db()
    assert found.start == elsewhere.start


@pytest.mark.parametrize(("minutes", "status"), [("4", 422), ("5", 200), ("480", 200), ("481", 422), ("x", 422)])
def test_an_appointment_is_stretched_within_limits(world: World, clerk: Client, minutes: str, status: int) -> None:
    found = booked(world)
    body = fields(world, "00:00", minutes=minutes, keep_start="1")
    assert clerk.post(url("place", appointment_id=found.pk), body, **JSON).status_code == status
    after = Appointment.objects.get(pk=found.pk)
    assert after.start == found.start
    assert after.end - after.start == timedelta(minutes=int(minutes) if status == 200 else 20)


def test_stretching_over_the_next_patient_is_refused(world: World, clerk: Client) -> None:
    found = booked(world)
    booked(world, hour=11, name="Next")
    body = fields(world, "10:00", minutes="70", keep_start="1")
    assert clerk.post(url("place", appointment_id=found.pk), body, **JSON).json()["error"] == "slot-taken"


def test_the_page_shows_only_the_hours_in_which_some_room_is_open(world: World) -> None:
    rooms = [world.room(), world.room("MR 1")]
    Opening.objects.filter(resource__in=rooms).delete()
    assert daytime(rooms) == ("00:00", "24:00")
    Opening.objects.create(resource=rooms[0], weekday=0, opens="08:00", closes="16:30")
    Opening.objects.create(resource=rooms[1], weekday=0, opens="09:00", closes="17:00")
    assert daytime(rooms) == ("07:00", "18:00")


def test_a_week_goes_from_monday_to_sunday(world: World, clerk: Client) -> None:
    first, last = week_of(START.date())
    assert (first.isoformat(), last.isoformat()) == ("2027-03-01", "2027-03-07")
    page = clerk.get(f"{reverse('scheduling:calendar')}?view=week&day={DAY}&room={world.room('MR 1').pk}")
    assert "MR 1, week of 1 March 2027" in page.content.decode()


def test_what_waits_to_be_scheduled_can_be_dragged_and_names_the_rooms_that_cannot(world: World, clerk: Client) -> None:
    requested: RequestedProcedure = world.requested()
    page = clerk.get(url("waiting")).content.decode()
    assert url("book", procedure_id=requested.pk) in page
    assert f"{world.room('MR 1').pk}=CT chest needs Computed tomography.|" in page
    assert f"{world.room('CT 1').pk}=" not in page.partition("data-refusals")[2].partition(">")[0]
