"""Hours and closures of rooms, and the times that are free for an exam, as programs set and ask them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from ris.audit.models import AuditEvent
from ris.scheduling.models import Appointment, Block, Closure, Holiday, Opening
from tests.api.conftest import program_of
from tests.world import World

pytestmark = pytest.mark.db
OPEN = {"hours": [{"weekday": 0, "opens": "08:00", "closes": "12:00"}, {"weekday": 0, "opens": "13:00",
                                                                        "closes": "24:00"}]}  # fmt: skip


@pytest.fixture
def administrator(world: World) -> APIClient:
    return program_of(world.siteadmin)


def hours(world: World) -> str:
    return f"/api/v1/rooms/{world.room().pk}/hours/"


def far_day(days: int = 30) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_weekly_hours_are_set_in_the_place_of_the_old_ones_and_read_again(
    world: World, administrator: APIClient
) -> None:
    Opening.objects.create(resource=world.room(), weekday=4, opens="07:00", closes="08:00")
    answer = administrator.put(hours(world), OPEN, format="json")
    assert (answer.status_code, answer.json()["hours"]) == (200, OPEN["hours"])
    assert administrator.get(hours(world)).json() == answer.json()
    assert list(Opening.objects.filter(resource=world.room()).values_list("weekday", flat=True)) == [0, 0]
    assert AuditEvent.objects.get(action="hours.changed").actor_display == world.siteadmin.display
    assert administrator.put(hours(world), {"hours": []}, format="json").json()["hours"] == []
    assert not Opening.objects.filter(resource=world.room()).exists()


def test_hours_say_how_many_stand_outside_them(world: World, administrator: APIClient) -> None:
    start = world.booking().start.astimezone(world.north.zone)
    other = {"weekday": (start.weekday() + 3) % 7, "opens": "08:00", "closes": "12:00"}
    assert administrator.put(hours(world), {"hours": [other]}, format="json").json()["booked_outside"] == 1


def test_hours_that_overlap_or_are_no_hours_are_refused_in_words(world: World, administrator: APIClient) -> None:
    before = list(Opening.objects.filter(resource=world.room()).values_list("pk", flat=True))
    twice = [{"weekday": 0, "opens": "08:00", "closes": "12:00"}, {"weekday": 0, "opens": "11:00", "closes": "13:00"}]
    overlap = administrator.put(hours(world), {"hours": twice}, format="json")
    assert (overlap.status_code, overlap.json()["message"]) == (422, "Mon 08:00-12:00 and Mon 11:00-13:00 overlap.")
    eight = [{"weekday": 0, "opens": "eight", "closes": "12:00"}]
    unread = administrator.put(hours(world), {"hours": eight}, format="json")
    assert unread.status_code == 400
    assert "Write the time as 08:00." in unread.json()["fields"]["hours"]
    assert list(Opening.objects.filter(resource=world.room()).values_list("pk", flat=True)) == before


def test_a_closure_is_added_each_week_listed_and_removed(world: World, administrator: APIClient) -> None:
    stretch = {"room": world.room().pk, "day": far_day(), "begins": "08:00", "ends": "09:00", "weeks": 2}
    added = administrator.post("/api/v1/closures/", {**stretch, "reason": "Service"}, format="json")
    assert added.status_code == 201, added.json()
    assert [row["booked_inside"] for row in added.json()["added"]] == [0, 0]
    listed = administrator.get("/api/v1/closures/", {"site": "north"}).json()["results"]
    assert [(row["room"], row["reason"]) for row in listed] == [(world.room().pk, "Service")] * 2
    removed = administrator.post(f"/api/v1/closures/{listed[0]['id']}/remove/")
    assert removed.status_code == 204
    assert list(Closure.objects.values_list("pk", flat=True)) == [listed[1]["id"]]


def test_closing_a_room_tells_who_is_booked_then(world: World, administrator: APIClient) -> None:
    start = (timezone.now() + timedelta(days=30)).replace(minute=0, second=0, microsecond=0)
    booked = world.booking(start=start).start.astimezone(world.north.zone)
    stretch = {"room": world.room().pk, "day": f"{booked:%Y-%m-%d}", "begins": f"{booked:%H:%M}", "ends": "23:59"}
    (added,) = administrator.post("/api/v1/closures/", {**stretch, "reason": "Service"}, format="json").json()["added"]
    assert added["booked_inside"] == 1
    assert Appointment.objects.get().state == "booked"


def test_time_is_kept_for_a_purpose_and_given_back(world: World, administrator: APIClient) -> None:
    kept = {"room": world.room().pk, "day": far_day(), "begins": "08:00", "ends": "09:00", "purpose": "emergency"}
    (added,) = administrator.post("/api/v1/kept-times/", kept, format="json").json()["added"]
    assert (added["purpose"], Block.objects.get().pk) == ("emergency", added["id"])
    assert administrator.post(f"/api/v1/kept-times/{added['id']}/remove/").status_code == 204
    assert not Block.objects.exists()
    wrong = administrator.post("/api/v1/kept-times/", {**kept, "purpose": "lunch"}, format="json")
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["purpose"])


def test_a_holiday_stands_once_a_day(world: World, administrator: APIClient) -> None:
    day = {"site": "north", "day": far_day(), "name": "Founders' day"}
    assert administrator.post("/api/v1/holidays/", day, format="json").status_code == 201
    again = administrator.post("/api/v1/holidays/", day, format="json")
    assert (again.status_code, again.json()["fields"]) == (422, {"day": "Stands in the list."})
    (listed,) = administrator.get("/api/v1/holidays/").json()["results"]
    assert administrator.post(f"/api/v1/holidays/{listed['id']}/remove/").status_code == 204
    assert not Holiday.objects.exists()


def test_hours_are_for_administrators_of_the_site(world: World, clerk: APIClient, outsider: APIClient) -> None:
    closure = {"room": world.room().pk, "day": far_day(), "begins": "08:00", "ends": "09:00", "reason": "Service"}
    for program in (clerk, outsider):
        assert program.post("/api/v1/closures/", closure, format="json").status_code == 403
        assert program.put(hours(world), OPEN, format="json").status_code == 403
    assert not Closure.objects.exists()


def test_the_first_free_times_stand_where_nobody_is_booked(world: World, clerk: APIClient) -> None:
    waiting = world.requested().steps.get()
    first = clerk.get(f"/api/v1/steps/{waiting.pk}/free-times/", {"first": far_day(), "after": "10:00"}).json()
    local = [datetime.fromisoformat(offer["start"]).astimezone(world.north.zone) for offer in first]
    assert local
    assert all(f"{start:%H:%M}" >= "10:00" and f"{start:%Y-%m-%d}" >= far_day() for start in local)
    booking = {"procedures": [waiting.requested_procedure_id], "room": first[0]["room"]["id"], "minutes": 20}
    booked = clerk.post("/api/v1/appointments/", {**booking, "start": first[0]["start"]}, format="json")
    assert booked.status_code == 201, booked.json()
    other = world.requested().steps.get()
    taken = {"room": first[0]["room"]["id"], "start": first[0]["start"]}
    again = clerk.get(f"/api/v1/steps/{other.pk}/free-times/", {"first": far_day(), "after": "10:00"}).json()
    assert taken not in [{"room": offer["room"]["id"], "start": offer["start"]} for offer in again]


def test_free_times_are_for_those_who_book_and_bad_wishes_are_told(
    world: World, clerk: APIClient, radiologist: APIClient
) -> None:
    address = f"/api/v1/steps/{world.requested().steps.get().pk}/free-times/"
    assert radiologist.get(address).status_code == 403
    for name, value in {"first": "9998-01-01", "weekday": "7", "after": "noon"}.items():
        answer = clerk.get(address, {name: value})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [name])
