"""Exams of two steps or two resources: booked together or not at all, moved together, cancelled together."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ris.core.errors import Collision, InvalidInput
from ris.orders.models import ProcedurePart, RequestedProcedure
from ris.scheduling.actions import (
    Slot,
    WalkIn,
    arrive,
    book,
    cancel_appointment,
    complete_step,
    displace,
    miss,
    move,
    overbook,
    restore,
    start_step,
    walk_in,
)  # fmt: skip
from ris.scheduling.board import board_of, waiting_of
from ris.scheduling.calendar import feed, period
from ris.scheduling.finder import Wish, offers
from ris.scheduling.models import Appointment, Closure, Reservation, Resource, ScheduledProcedureStep
from tests.ris.scheduling.parts import furnish_parts, nine, placed, wanted
from tests.world import World
from worklist.mwl.entries import entries_for

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture(autouse=True)
def _parts(world: World) -> None:
    furnish_parts(world)


def at(world: World, room: str, hours: float = 0, minutes: int = 10) -> Slot:
    return Slot(resource=world.room(room), start=nine(world) + timedelta(hours=hours), minutes=minutes)


def booked(world: World, name: str = "Parts", hours: float = 0) -> Appointment:
    return book([wanted(world, name=name)], slot=at(world, "Hot lab", hours), by=world.clerk)


def angiography(world: World, name: str = "Legs", hours: float = 0) -> Appointment:
    return book([wanted(world, "XADSAP", name)], slot=at(world, "Angio", hours, 60), by=world.clerk)


def held(world: World) -> set[str]:
    return set(Reservation.objects.filter(active=True).values_list("resource__name", flat=True))


def test_each_part_with_a_time_of_its_own_is_a_step_from_the_order_on(world: World) -> None:
    steps = ScheduledProcedureStep.objects.filter(requested_procedure=wanted(world)).order_by("pk")
    assert [(step.description, step.modality, step.sps_id[-2:]) for step in steps] == [
        ("NM bone: Injection", "NM", "-1"),
        ("NM bone: Scan", "NM", "-2"),
    ]
    assert wanted(world, "XADSAP", "Legs").steps.count() == 1, "what stands beside is no step"
    assert [step.description for step in waiting_of(world.north)] == ["NM bone: Injection", "XA legs: Angiography"]


def test_the_second_part_follows_after_its_wait_and_each_device_has_its_step(world: World) -> None:
    first = booked(world)
    assert placed(world) == [("Hot lab", "09:00"), ("Gamma", "11:10")]
    for ae_title, words in {"NMLAB": "NM bone: Injection", "GAMMA": "NM bone: Scan"}.items():
        (entry,) = entries_for(world.node(ae_title), None, limit=5)
        assert entry.steps[0].description == words
        assert entry.accession_number == first.steps.get().requested_procedure.accession_number
    assert not waiting_of(world.north)


def test_a_part_for_which_there_is_no_room_leaves_nothing_booked(world: World) -> None:
    start = nine(world)
    Closure.objects.create(
        resource=world.room("Gamma"), start=start, end=start + timedelta(hours=5), reason="Maintenance"
    )
    with pytest.raises(Collision, match="NM bone: Scan"):
        booked(world)
    assert not Appointment.objects.exists()
    assert not Reservation.objects.exists()
    booked(world, "Later", hours=2)
    assert placed(world)[1] == ("Gamma", "14:00")


def test_a_second_patient_gets_the_next_time_that_fits(world: World) -> None:
    booked(world)
    booked(world, "Second", hours=0.25)
    assert placed(world)[2:] == [("Gamma", "11:10"), ("Gamma", "11:50")]


def test_an_exam_that_needs_a_team_beside_its_room_takes_one_that_is_free(world: World) -> None:
    first = angiography(world)
    assert held(world) == {"Angio", "Team 1"}
    Resource.objects.create(site=world.north, name="Angio 2", modality="XA")
    book([wanted(world, "XADSAP", "Second")], slot=at(world, "Angio 2", 0.5, 60), by=world.clerk)
    assert held(world) == {"Angio", "Angio 2", "Team 1", "Team 2"}
    Resource.objects.create(site=world.north, name="Angio 3", modality="XA")
    with pytest.raises(Collision, match="beside"):
        book([wanted(world, "XADSAP", "Third")], slot=at(world, "Angio 3", 0.5, 60), by=world.clerk)
    assert Appointment.objects.count() == 2
    assert [row.patient_id is None for row in first.reservations.order_by("pk")] == [False, True]


def test_the_database_refuses_one_team_at_two_tables(world: World) -> None:
    angiography(world)
    other = angiography(world, "Later", hours=2)
    row, rival = (Reservation.objects.filter(main=False).order_by("pk")[number] for number in (0, 1))
    assert rival.appointment_id == other.pk
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            'UPDATE scheduling_reservation SET start = %s, "end" = %s WHERE id = %s', [row.start, row.end, rival.pk]
        )


def test_a_second_main_reservation_is_refused_by_the_database(world: World) -> None:
    first = booked(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reservation.objects.create(
            appointment=first, resource=world.room("CT 1"), start=first.start, end=first.end, active=False
        )


def test_moving_the_first_part_takes_the_second_along_and_back(world: World) -> None:
    first = booked(world)
    moved = move(first, slot=at(world, "Hot lab", 4), by=world.clerk)
    assert placed(world) == [("Hot lab", "13:00"), ("Gamma", "15:10")]
    move(moved, slot=at(world, "Hot lab"), by=world.clerk)
    assert placed(world) == [("Hot lab", "09:00"), ("Gamma", "11:10")]
    steps = ScheduledProcedureStep.objects.order_by("start").values_list("start", flat=True)
    assert list(steps) == list(Appointment.objects.order_by("start").values_list("start", flat=True))


def test_a_move_within_the_wait_leaves_the_other_part_alone(world: World) -> None:
    first = booked(world)
    move(first, slot=at(world, "Hot lab", -1), by=world.clerk)
    assert placed(world) == [("Hot lab", "08:00"), ("Gamma", "11:10")]


def test_where_the_same_time_later_is_taken_the_second_part_finds_another(world: World) -> None:
    first = booked(world)
    booked(world, "Other", hours=4)  # stands at 15:10 in the gamma camera
    move(first, slot=at(world, "Hot lab", 4.25), by=world.clerk)
    assert sorted(placed(world)) == [
        ("Gamma", "15:10"), ("Gamma", "15:50"), ("Hot lab", "13:00"), ("Hot lab", "13:15"),
    ]  # fmt: skip


def test_the_second_part_moves_alone_but_not_out_of_its_wait(world: World) -> None:
    first = booked(world)
    scan = Appointment.objects.get(resource__name="Gamma")
    move(scan, slot=at(world, "Gamma", 3, 40), by=world.clerk)
    assert placed(world) == [("Hot lab", "09:00"), ("Gamma", "12:00")]
    for hours in (1, 5):
        with pytest.raises(InvalidInput, match="by the wait") as refused:
            move(scan, slot=at(world, "Gamma", hours, 40), by=world.clerk)
        assert set(refused.value.fields) == {"time"}
    assert placed(world) == [("Hot lab", "09:00"), ("Gamma", "12:00")]
    assert first.reservation.active


def test_moving_an_exam_moves_what_stands_beside_it(world: World) -> None:
    first = angiography(world)
    move(first, slot=at(world, "Angio", 3, 60), by=world.clerk)
    rows = Reservation.objects.filter(active=True).order_by("pk").values_list("resource__name", "start")
    assert dict(rows) == {"Angio": nine(world) + timedelta(hours=3), "Team 1": nine(world) + timedelta(hours=3)}


@pytest.mark.parametrize("which", ["Hot lab", "Gamma"])
def test_cancelling_one_part_cancels_all(world: World, which: str) -> None:
    booked(world)
    cancel_appointment(Appointment.objects.get(resource__name=which), reason="Called", by=world.clerk)
    assert set(Appointment.objects.values_list("state", flat=True)) == {"cancelled"}
    assert not Reservation.objects.filter(active=True).exists()
    assert len(waiting_of(world.north)) == 1


def test_a_part_that_is_done_stays_when_the_rest_is_cancelled_and_the_rest_is_booked_in_its_turn(world: World) -> None:
    first = booked(world)
    step = first.steps.get()
    start_step(step, by=world.technologist)
    complete_step(step, by=world.technologist)
    scan = Appointment.objects.get(resource__name="Gamma")
    requested = step.requested_procedure
    cancel_appointment(scan, reason="Called", by=world.clerk)
    assert sorted(Appointment.objects.values_list("state", flat=True)) == ["cancelled", "fulfilled"]
    with pytest.raises(InvalidInput, match="by the wait"):
        book([requested], slot=at(world, "Gamma", 1, 40), by=world.clerk)
    book([requested], slot=at(world, "Gamma", 3, 40), by=world.clerk)
    assert placed(world) == [("Gamma", "12:00")]


@pytest.mark.usefixtures("midday")
def test_who_misses_the_first_part_loses_the_second_and_gets_it_back(world: World) -> None:
    earlier = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=30)
    slot = Slot(resource=world.room("Hot lab"), start=earlier, minutes=10)
    first = book([wanted(world)], slot=slot, by=world.clerk)
    before = placed(world)
    missed = miss(first, by=world.clerk)
    assert placed(world) == []
    restore(missed, by=world.clerk)
    assert placed(world) == before


def test_somebody_displaced_from_one_part_loses_all_of_them(world: World) -> None:
    booked(world)
    displace([wanted(world, name="Stroke")], slot=at(world, "Hot lab"), reason="Emergency", by=world.technologist)
    assert placed(world) == [("Hot lab", "09:00"), ("Gamma", "11:10")]
    assert Appointment.objects.filter(state="cancelled").count() == 2


def test_a_part_beside_the_calendar_has_its_others_in_it(world: World) -> None:
    booked(world)
    slot, by = at(world, "Hot lab"), world.technologist
    overbook([wanted(world, name="Beside")], slot=slot, lane_name="Second", reason="Why", by=by)
    assert placed(world).count(("Hot lab", "09:00")) == 2
    assert ("Gamma", "11:50") in placed(world)


def test_such_an_exam_is_booked_by_itself(world: World) -> None:
    person = world.patient()
    both = [world.requested(world.order(person, code=code)) for code in ("NMBONEP", "CTCHEST")]
    with pytest.raises(InvalidInput):
        book(both, slot=at(world, "Hot lab"), by=world.clerk)
    assert not Appointment.objects.exists()


def test_the_finder_offers_beginnings_after_which_everything_fits(world: World) -> None:
    start = nine(world)
    Closure.objects.create(
        resource=world.room("Gamma"), start=start.replace(hour=0), end=start + timedelta(hours=5), reason="Service"
    )
    wish = Wish(first=start.date(), after=start.time())
    first = offers(wanted(world), list(Resource.objects.select_related("site", "node")), wish)[0]
    zone = world.north.zone
    assert (first.room.name, f"{first.start.astimezone(zone):%H:%M}") == ("Hot lab", "09:50")
    assert [(room.name, f"{begins.astimezone(zone):%H:%M}") for room, begins in first.rest] == [("Gamma", "14:00")]


def test_what_is_offered_can_be_booked_as_it_stands(world: World) -> None:
    angiography(world, hours=0)
    booked(world, "Before")
    for code in ("NMBONEP", "XADSAP"):
        requested: RequestedProcedure = wanted(world, code, f"Wants{code}")
        wish = Wish(first=nine(world).date(), after=nine(world).time())
        for offer in offers(requested, list(Resource.objects.select_related("site", "node")), wish)[:1]:
            minutes = requested.procedure.parts.all()[0].duration_minutes
            found = book(
                [requested], slot=Slot(resource=offer.room, start=offer.start, minutes=minutes), by=world.clerk
            )
            assert found.start == offer.start


def test_calendar_and_board_show_the_exam_in_every_room_that_it_takes(world: World) -> None:
    angiography(world)
    day = nine(world).date()
    columns = {column.room.name: len(column.visits) for column in board_of(world.north, day)["columns"]}
    assert (columns["Angio"], columns["Team 1"], columns["Team 2"]) == (1, 1, 0)
    events = feed(period(world.north, day.isoformat(), day.isoformat(), ""), may_book=True)["events"]
    shown = {event["resourceId"]: event["editable"] for event in events if "visit" in event["classNames"]}
    assert shown == {str(world.room("Angio").pk): True, str(world.room("Team 1").pk): False}


def test_the_booking_page_says_what_belongs_to_the_exam(world: World, client: Client) -> None:
    client.force_login(world.clerk, "allauth.account.auth_backends.AuthenticationBackend")
    requested = wanted(world)
    page = client.get(reverse("scheduling:book", args=[requested.pk])).content.decode()
    assert "several parts" in page
    assert "120 to 240 min after the part before" in page
    order = client.get(reverse("orders:detail", args=[requested.order_id])).content.decode()
    assert order.count("Book a room") == 1


@pytest.mark.usefixtures("midday")
def test_a_walk_in_begins_with_the_first_part_and_the_other_gets_its_time(world: World) -> None:
    procedure = wanted(world).procedure
    done = walk_in(world.patient("Walks"), site=world.north, wanted=WalkIn(procedure=procedure), by=world.clerk)
    assert done.room.name == "Hot lab"
    assert done.appointment is not None
    steps = done.requested.steps.order_by("pk").values_list("state", "appointment__resource__name")
    assert list(steps) == [("ARRIVED", "Hot lab"), ("SCHEDULED", "Gamma")]


def test_arriving_for_one_part_is_not_arriving_for_the_other(world: World) -> None:
    arrive(booked(world), by=world.clerk)
    assert list(Appointment.objects.order_by("start").values_list("state", flat=True)) == ["arrived", "booked"]


def test_a_drag_tells_where_the_other_parts_went(world: World, client: Client) -> None:
    client.force_login(world.clerk, "allauth.account.auth_backends.AuthenticationBackend")
    first = booked(world)
    start = nine(world) + timedelta(hours=4)
    slot = {"room": first.resource_id, "day": start.date().isoformat(), "time": "13:00", "minutes": "10"}
    told = client.post(reverse("scheduling:calendar-place", args=[first.pk]), slot).json()["message"]
    assert told.endswith(f"Its other parts: Scan at {start:%a} 15:10.")


def test_parts_are_kept_with_the_procedure_in_the_admin(world: World, client: Client) -> None:
    client.force_login(world.admin, "allauth.account.auth_backends.AuthenticationBackend")
    bone = ProcedurePart.objects.get(name="Scan").procedure
    page = client.get(reverse("admin:orders_procedure_change", args=[bone.pk])).content.decode()
    assert "parts, when it takes several" in page.lower()
    assert page.count("hot-lab") >= 1


@pytest.mark.parametrize(
    "wrong", [{"gap_min_minutes": 60, "gap_max_minutes": 30}, {"duration_minutes": 0}, {"position": 1, "beside": True}]
)
def test_the_database_refuses_parts_that_make_no_sense(world: World, wrong: dict[str, int]) -> None:
    procedure = wanted(world).procedure
    values = {"procedure": procedure, "position": 9, "name": "Odd", "modality": "NM"} | wrong
    if values["position"] == 1:
        values["procedure"] = world.procedure()
    with pytest.raises(IntegrityError), transaction.atomic():
        ProcedurePart.objects.create(**values)


def test_an_exam_with_a_team_may_run_over_midnight(world: World) -> None:
    late = nine(world).replace(hour=23, minute=30)
    found = book(
        [wanted(world, "XADSAP")], slot=Slot(resource=world.room("Angio"), start=late, minutes=60), by=world.clerk
    )
    assert sorted(row.resource.name for row in found.reservations.all()) == ["Angio", "Team 1"]
