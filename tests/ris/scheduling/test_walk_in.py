"""Somebody stands at the desk: the exam is on the worklist now, whether or not the room is free."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ris.core.errors import InvalidInput, NotPermitted
from ris.orders.actions import Answer
from ris.orders.models import Order, Procedure, SafetyAnswer
from ris.orders.usage import named_by, often_first
from ris.scheduling.actions import WalkIn, walk_in
from ris.scheduling.board import board_of
from ris.scheduling.models import Appointment, Resource, ScheduledProcedureStep
from tests.ris.scheduling.parts import furnish_parts
from tests.world import World
from worklist.mwl.entries import entries_for

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def clerk(world: World, client: Client) -> Client:
    client.force_login(world.clerk, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def wanted(world: World, code: str = "CTCHEST", **about: object) -> WalkIn:
    return WalkIn(procedure=world.procedure(code), **about)  # type: ignore[arg-type]


def on_the_worklist(world: World, ae_title: str = "CT1") -> list[str]:
    return [entry.accession_number for entry in entries_for(world.node(ae_title), None, limit=10)]


def test_in_a_free_room_it_is_an_appointment_of_this_minute_and_the_patient_is_checked_in(world: World) -> None:
    done = walk_in(world.patient(), site=world.north, wanted=wanted(world), by=world.clerk)
    assert done.appointment is not None
    assert (done.appointment.state, done.appointment.resource.name) == ("arrived", "CT 1")
    assert abs((timezone.now() - done.appointment.start).total_seconds()) < 90
    assert on_the_worklist(world) == [done.requested.accession_number]


def test_in_a_taken_room_it_is_a_step_without_an_appointment_and_on_the_worklist_all_the_same(world: World) -> None:
    walk_in(world.patient(), site=world.north, wanted=wanted(world), by=world.clerk)
    second = walk_in(world.patient("Second"), site=world.north, wanted=wanted(world), by=world.clerk)
    assert second.appointment is None
    assert "taken" in second.why
    assert on_the_worklist(world)[-1] == second.requested.accession_number
    assert Appointment.objects.count() == 1
    step = second.requested.steps.get()
    assert (step.state, step.node, step.location) == ("ARRIVED", world.node(), "CT 1")
    assert not ScheduledProcedureStep.objects.to_be_scheduled(world.north).exists()


def test_now_pressed_twice_is_one_exam(world: World, clerk: Client) -> None:
    patient = world.patient()
    address = reverse("scheduling:walk-in", args=[patient.pk])
    answers = [clerk.post(address, {"exam": "CTCHEST"}).status_code for _press in range(2)]
    assert answers == [302, 422]
    assert Order.objects.count() == len(on_the_worklist(world)) == 1
    walk_in(patient, site=world.north, wanted=wanted(world, "MRBRAIN"), by=world.clerk)
    assert Order.objects.count() == 2


@pytest.mark.usefixtures("midday")
def test_of_an_exam_in_parts_the_room_is_taken_for_the_first_part_alone(world: World) -> None:
    furnish_parts(world)
    done = walk_in(world.patient(), site=world.north, wanted=wanted(world, "NMBONEP"), by=world.clerk)
    assert done.appointment is not None
    assert done.appointment.end - done.appointment.start == timedelta(minutes=10)
    assert Appointment.objects.count() == 2


def test_the_board_shows_who_walked_in_without_an_appointment(world: World) -> None:
    for name in ("First", "Second"):
        walk_in(world.patient(name), site=world.north, wanted=wanted(world), by=world.clerk)
    board = board_of(world.north, timezone.localdate(timezone=world.north.zone))
    column = next(item for item in board["columns"] if item.room.name == "CT 1")
    assert [step.requested_procedure.order.patient.family_name for step in column.walk_ins] == ["Second"]
    assert len(column.visits) == 1


def test_a_second_room_that_is_free_is_taken_before_waiting_for_the_first(world: World) -> None:
    Resource.objects.create(site=world.north, name="CT 2", modality="CT", node=world.node())
    rooms = [
        walk_in(world.patient(name), site=world.north, wanted=wanted(world), by=world.clerk).room.name
        for name in ("First", "Second")
    ]
    assert rooms == ["CT 1", "CT 2"]


def test_the_side_of_a_paired_exam_is_needed_and_leads_the_description(world: World) -> None:
    knee = "DXCHEST"
    Procedure.objects.filter(code=knee).update(paired=True)
    with pytest.raises(InvalidInput):
        walk_in(world.patient(), site=world.north, wanted=wanted(world, knee), by=world.clerk)
    done = walk_in(world.patient(), site=world.north, wanted=wanted(world, knee, side="L"), by=world.clerk)
    assert done.requested.steps.get().description.startswith("LEFT ")


def test_what_is_answered_at_the_desk_is_kept_with_the_order(world: World) -> None:
    given = [Answer(kind="pregnancy", value="no", measured_on=timezone.localdate(), source="Patient")]
    done = walk_in(world.patient(), site=world.north, wanted=wanted(world, answers=given), by=world.clerk)
    kept = SafetyAnswer.objects.get(order=done.requested.order)
    assert (kept.kind, kept.value, kept.source, kept.effect) == ("pregnancy", "no", "Patient", "none")


@pytest.mark.parametrize("who", ["technologist", "radiologist", "siteadmin", "outsider"])
def test_only_who_orders_and_books_here_takes_walk_ins(world: World, who: str) -> None:
    with pytest.raises(NotPermitted):
        walk_in(world.patient(), site=world.north, wanted=wanted(world), by=world.people[who])
    assert not Order.objects.exists()


def test_a_room_that_cannot_do_it_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        walk_in(world.patient(), site=world.north, wanted=wanted(world, room=world.room("MR 1")), by=world.clerk)
    assert set(refused.value.fields) == {"room"}
    assert not Order.objects.exists()


def test_the_page_needs_nothing_but_the_exam_and_warns_of_what_was_not_asked(world: World, clerk: Client) -> None:
    address = reverse("scheduling:walk-in", args=[world.patient(birth_date=date(1995, 3, 1)).pk])
    told = clerk.post(address, {"exam": "ctchest"}, follow=True).content.decode()
    assert "stands on the worklist of CT 1 now" in told
    assert "Not asked yet: Pregnancy" in told
    assert on_the_worklist(world) == [Order.objects.get().procedures.get().accession_number]


def test_the_page_keeps_what_was_typed_and_says_what_is_missing(world: World, clerk: Client) -> None:
    address = reverse("scheduling:walk-in", args=[world.patient().pk])
    for typed, words in {"": "Which exam?", "zzz": "no such exam", "CT": "Which one:"}.items():
        answer = clerk.post(address, {"exam": typed, "safety-pregnancy": "possible"})
        page = answer.content.decode()
        assert (answer.status_code, words in page, 'value="possible" selected' in page) == (422, True, True), typed
    assert not Order.objects.exists()


def test_an_unknown_patient_is_an_emergency_unless_somebody_says_otherwise(world: World, clerk: Client) -> None:
    page = clerk.post(reverse("patients:register-temporary"), follow=True)
    assert page.redirect_chain[0][0].startswith("/schedule/walk-in/")
    assert '<option value="STAT" selected>' in page.content.decode()


def test_an_exam_is_named_by_its_code_its_label_or_words_that_only_it_has(world: World) -> None:
    assert [row.code for row in named_by("CT chest (CTCHEST)")] == ["CTCHEST"]
    assert [row.code for row in named_by("ctchest")] == ["CTCHEST"]
    assert [row.code for row in named_by("brain mr")] == ["MRBRAIN"]
    assert named_by("  ") == []


def test_what_the_site_orders_most_is_offered_first(world: World) -> None:
    for _ in range(2):
        world.order(code="MRBRAIN")
    world.order()
    assert [row.code for row in often_first(world.north)[:2]] == ["MRBRAIN", "CTCHEST"]
