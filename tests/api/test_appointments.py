"""/api/v1/appointments/, rooms and waiting steps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from ris.scheduling.actions import complete_step, start_step
from ris.scheduling.models import Appointment, CallBack, Resource, ScheduledProcedureStep
from tests.exam import case
from tests.world import World
from worklist.models import Study

pytestmark = pytest.mark.db
APPOINTMENTS = "/api/v1/appointments/"


def tomorrow(hour: int = 10, minute: int = 0) -> datetime:
    return (timezone.now() + timedelta(days=1)).replace(hour=hour, minute=minute, second=0, microsecond=0)


def booking(world: World, at: datetime, **changes: object) -> dict[str, Any]:
    plain = {"procedures": [world.requested().pk], "room": world.room().pk, "start": at.isoformat(), "minutes": 20}
    return plain | changes


def test_a_room_is_booked_and_the_step_stands_on_its_device(world: World, clerk: APIClient) -> None:
    answer = clerk.post(APPOINTMENTS, booking(world, tomorrow()), format="json")
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert (made["state"], made["room"]["name"], made["room"]["ae_title"]) == ("booked", "CT 1", "CT1")
    assert [step["ae_title"] for step in made["steps"]] == ["CT1"]
    assert datetime.fromisoformat(made["start"]) == tomorrow()
    assert clerk.get("/api/v1/steps/").json()["count"] == 0


def test_a_taken_room_is_refused_and_nothing_is_written(world: World, clerk: APIClient) -> None:
    assert clerk.post(APPOINTMENTS, booking(world, tomorrow()), format="json").status_code == 201
    answer = clerk.post(APPOINTMENTS, booking(world, tomorrow(10, 10)), format="json")
    assert (answer.status_code, answer.json()["error"]) == (409, "slot-taken")
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize(
    ("start", "status"),
    [
        ("0001-01-01T00:00:00Z", 422),
        ("0001-01-01T00:00:00+14:00", 400),
        ("9999-12-31T23:59:59Z", 422),
        ("9999-12-31T23:59:59-12:00", 400),
        ("2026-03-05T10:00:00", 400),
        ("tomorrow", 400),
        (1e30, 400),
    ],
)
def test_an_impossible_instant_is_refused(world: World, clerk: APIClient, start: object, status: int) -> None:
    answer = clerk.post(APPOINTMENTS, booking(world, tomorrow(), start=start), format="json")
    assert answer.status_code == status, answer.json()
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("minutes", [0, -1, 1441, 2**70, "many", None])
def test_an_impossible_length_is_refused(world: World, clerk: APIClient, minutes: object) -> None:
    answer = clerk.post(APPOINTMENTS, booking(world, tomorrow(), minutes=minutes), format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["minutes"])


def test_a_room_of_another_kind_is_refused(world: World, clerk: APIClient) -> None:
    answer = clerk.post(APPOINTMENTS, booking(world, tomorrow(), room=world.room("MR 1").pk), format="json")
    assert answer.status_code == 422
    assert "Computed tomography" in answer.json()["fields"]["room"]


@pytest.mark.parametrize("name", ["CT South", "CT 1"])
def test_a_room_that_is_not_yours_or_out_of_use_is_refused(world: World, clerk: APIClient, name: str) -> None:
    Resource.objects.filter(name="CT 1").update(active=False)
    answer = clerk.post(APPOINTMENTS, booking(world, tomorrow(), room=world.room(name).pk), format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["room"])


def test_an_appointment_moves_with_its_steps(world: World, clerk: APIClient) -> None:
    appointment = world.booking(start=tomorrow(8))
    body = {"room": world.room().pk, "start": tomorrow(15).isoformat(), "minutes": 30}
    answer = clerk.post(f"{APPOINTMENTS}{appointment.pk}/move/", body, format="json")
    assert answer.status_code == 200, answer.json()
    assert datetime.fromisoformat(answer.json()["steps"][0]["start"]) == tomorrow(15)
    assert datetime.fromisoformat(answer.json()["end"]) == tomorrow(15, 30)


def test_a_cancelled_appointment_puts_its_step_back(world: World, clerk: APIClient) -> None:
    appointment = world.booking()
    answer = clerk.post(f"{APPOINTMENTS}{appointment.pk}/cancel/", {"reason": "Ill"}, format="json")
    assert (answer.status_code, answer.json()["state"], answer.json()["steps"]) == (200, "cancelled", [])
    assert clerk.get("/api/v1/steps/").json()["count"] == 1


def test_a_patient_arrives_once(world: World, clerk: APIClient) -> None:
    address = f"{APPOINTMENTS}{world.booking().pk}/arrive/"
    answer = clerk.post(address)
    assert (answer.status_code, answer.json()["state"]) == (200, "arrived")
    assert answer.json()["arrived_at"] is not None
    assert [step["state"] for step in answer.json()["steps"]] == ["ARRIVED"]
    assert clerk.post(address).status_code == 409


def test_a_day_is_a_day_of_the_site(world: World, clerk: APIClient) -> None:
    # 23:30 UTC is the next day in Berlin, winter and summer.
    first, second = (world.booking(start=tomorrow(hour, 30)) for hour in (20, 23))
    day = second.start.date() + timedelta(days=1)
    listed = clerk.get(APPOINTMENTS, {"site": "north", "day": day.isoformat()}).json()
    assert [row["id"] for row in listed["results"]] == [second.pk]
    assert [row["id"] for row in clerk.get(APPOINTMENTS).json()["results"]] == [first.pk, second.pk]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"day": "2026-01-01"}, 400),
        ({"day": "9999-12-31", "site": "north"}, 400),
        ({"day": "0001-01-01", "site": "north"}, 400),
        ({"day": "today", "site": "north"}, 400),
        ({"site": "south"}, 400),
        ({"site": "no\x00rth"}, 400),
    ],
)
def test_a_query_that_means_nothing_is_told(clerk: APIClient, query: dict[str, str], status: int) -> None:
    assert clerk.get(APPOINTMENTS, query).status_code == status


def test_who_only_looks_cannot_book(world: World, radiologist: APIClient) -> None:
    appointment = world.booking()
    assert radiologist.get(f"{APPOINTMENTS}{appointment.pk}/").status_code == 200
    assert radiologist.post(f"{APPOINTMENTS}{appointment.pk}/arrive/").status_code == 403
    assert radiologist.post(APPOINTMENTS, booking(world, tomorrow()), format="json").status_code == 403


def test_the_schedule_is_closed_to_those_without_it(world: World, referrer: APIClient) -> None:
    for station in ("appointments", "rooms", "steps"):
        assert referrer.get(f"/api/v1/{station}/").status_code == 403


def test_an_outsider_finds_no_such_appointment(world: World, outsider: APIClient) -> None:
    appointment = world.booking()
    for verb in ("", "arrive/", "cancel/", "move/"):
        answer = outsider.post if verb else outsider.get
        body = {"reason": "x"} if verb == "cancel/" else booking(world, tomorrow(), room=world.room("CT South").pk)
        if verb == "move/":
            body.pop("procedures")
        assert answer(f"{APPOINTMENTS}{appointment.pk}/{verb}", body, format="json").status_code == 404
    assert [row["name"] for row in outsider.get("/api/v1/rooms/").json()["results"]] == ["CT South"]


def test_an_appointment_grows_until_the_next_one(world: World, clerk: APIClient) -> None:
    first = world.booking(start=tomorrow(8))
    world.booking(start=tomorrow(8, 40))
    address = f"{APPOINTMENTS}{first.pk}/resize/"
    assert datetime.fromisoformat(clerk.post(address, {"minutes": 40}, format="json").json()["end"]) == tomorrow(8, 40)
    answer = clerk.post(address, {"minutes": 45}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (409, "slot-taken")


def test_who_did_not_come_is_missed_and_restored(world: World, clerk: APIClient) -> None:
    found = world.booking(start=timezone.now() - timedelta(hours=1))
    answer = clerk.post(f"{APPOINTMENTS}{found.pk}/miss/")
    assert (answer.status_code, answer.json()["state"]) == (200, "noshow")
    answer = clerk.post(f"{APPOINTMENTS}{found.pk}/restore/")
    assert (answer.status_code, answer.json()["state"]) == (200, "booked")
    assert clerk.post(f"{APPOINTMENTS}{found.pk}/restore/").status_code == 409


def test_what_was_done_too_early_is_opened_again_by_a_technologist(
    world: World, technologist: APIClient, clerk: APIClient
) -> None:
    found = world.booking()
    complete_step(start_step(world.step(found), by=world.technologist), by=world.technologist)
    address = f"{APPOINTMENTS}{found.pk}/reopen/"
    assert clerk.post(address, {"reason": "More images"}, format="json").status_code == 403
    answer = technologist.post(address, {"reason": "More images"}, format="json")
    assert (answer.status_code, answer.json()["state"]) == (200, "arrived")
    assert [step["state"] for step in answer.json()["steps"]] == ["STARTED"]


def test_who_walks_in_is_ordered_booked_and_here_in_one_call(world: World, clerk: APIClient) -> None:
    world.room()
    somebody = world.patient()
    body = {"patient": somebody.pk, "site": "north", "procedure": "CTCHEST"}
    answer = clerk.post("/api/v1/appointments/walk-in/", body, format="json")
    assert answer.status_code == 201, answer.json()
    said = answer.json()
    step = ScheduledProcedureStep.objects.get(requested_procedure=said["requested_procedure"])
    assert (step.start is not None, step.requested_procedure.order_id) == (True, said["order"])


def test_who_may_overbook_books_beside_or_in_place_of_somebody(
    world: World, clerk: APIClient, technologist: APIClient
) -> None:
    first = world.booking()
    rival = world.requested(world.order(world.patient("Rival")))
    body = {"procedures": [rival.pk], "room": first.resource_id, "start": first.start.isoformat(), "minutes": 20,
            "reason": "Bleeding"}  # fmt: skip
    address = f"{APPOINTMENTS}overbook/"
    beside = technologist.post(address, body, format="json")
    assert (beside.status_code, beside.json()["patient"]) == (201, rival.order.patient_id)
    third = world.requested(world.order(world.patient("Third")))
    answer = technologist.post(address, body | {"procedures": [third.pk], "displace": True}, format="json")
    assert answer.status_code == 201, answer.json()
    first.refresh_from_db()
    assert first.state == "cancelled"
    assert [row["patient"] for row in clerk.get("/api/v1/call-backs/").json()["results"]] == [first.patient_id]


def test_a_console_that_sees_the_wrong_patient_closes_the_images(world: World, technologist: APIClient) -> None:
    task = case(world)
    step = task.requested_procedures.get().steps.get()
    answer = technologist.post(f"/api/v1/exams/{step.pk}/wrong-patient/", {"reason": "Wristband"}, format="json")
    assert (answer.status_code, answer.json()["state"]) == (200, "SCHEDULED"), "it waits again"
    assert Study.objects.get().state == "blocked"


def test_where_the_patient_lies_is_told_to_the_device(world: World, clerk: APIClient) -> None:
    visit = world.booking(world.order())
    lying = {"ward": "4 West", "bed": "12"}
    assert clerk.post(f"{APPOINTMENTS}{visit.pk}/bedside/", lying, format="json").status_code == 200
    step = visit.steps.get()
    assert (step.ward, step.bed, step.portable) == ("4 West", "12", True)


def test_who_waits_to_be_rung_is_listed_until_somebody_did(world: World, clerk: APIClient) -> None:
    visit = world.booking(world.order())
    waiting = CallBack.objects.create(site=world.north, appointment=visit, reason="Emergency", made_at=timezone.now())
    [row] = clerk.get("/api/v1/call-backs/").json()["results"]
    assert (row["id"], row["patient"], row["reason"]) == (waiting.pk, visit.patient_id, "Emergency")
    assert clerk.post(f"/api/v1/call-backs/{waiting.pk}/done/").json()["done_by_name"] == world.clerk.display
    assert clerk.post(f"/api/v1/call-backs/{waiting.pk}/done/").status_code == 409
    assert clerk.get("/api/v1/call-backs/").json()["results"] == []
