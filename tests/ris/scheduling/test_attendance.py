"""Who did not come, who came late after all, and what is only presumed (workflow.md rule 5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.core.errors import Collision, InvalidInput, NotPermitted, TransitionError
from ris.events.models import Delivery
from ris.events.outbox import attempt
from ris.scheduling.actions import Slot, arrive, book, complete_step, miss, reopen, restore, start_step
from ris.scheduling.labels import LATE, LATE_AFTER, PRESUMED, PRESUMED_AFTER, attendance
from ris.scheduling.models import Appointment, Lane, ScheduledProcedureStep
from tests.world import World


def begun(world: World, *, minutes: int = 60, priority: str = "ROUTINE") -> Appointment:
    start = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=minutes)
    return world.booking(world.order(priority=priority), start=start)


def test_who_did_not_come_frees_the_slot_and_leaves_the_worklist(world: World) -> None:
    found = miss(begun(world), by=world.clerk)
    step = found.steps.get()
    assert (found.state, found.reservation.active) == ("noshow", False)
    assert (step.state, step.start, step.node) == ("SCHEDULED", None, None)
    assert list(ScheduledProcedureStep.objects.to_be_scheduled(world.north)) == [step]


def test_before_the_time_nobody_is_missed(world: World) -> None:
    with pytest.raises(InvalidInput, match="not come yet"):
        miss(world.booking(), by=world.clerk)


def test_who_is_here_is_not_missed(world: World) -> None:
    here = arrive(begun(world), by=world.clerk)
    with pytest.raises(TransitionError):
        miss(here, by=world.clerk)


def test_an_exam_that_has_begun_is_not_missed(world: World) -> None:
    found = begun(world)
    start_step(world.step(found), by=world.technologist)
    with pytest.raises(TransitionError):
        miss(found, by=world.clerk)


def test_a_late_arrival_is_restored_with_the_same_numbers(world: World) -> None:
    found = begun(world)
    before = found.steps.get()
    numbers = (before.requested_procedure.accession_number, before.requested_procedure.study_instance_uid)
    restored = restore(miss(found, by=world.clerk), by=world.clerk)
    step = restored.steps.get()
    assert (restored.state, restored.start, restored.reservation.active) == ("booked", before.start, True)
    assert (step.start, step.node) == (before.start, before.node)
    assert (step.requested_procedure.accession_number, step.requested_procedure.study_instance_uid) == numbers


def test_a_slot_that_was_given_away_is_not_taken_back(world: World) -> None:
    found = miss(begun(world), by=world.clerk)
    world.booking(world.order(world.patient("Other")), start=found.start)
    with pytest.raises(Collision):
        restore(found, by=world.clerk)
    found.refresh_from_db()
    assert found.state == "noshow"


def test_who_was_booked_anew_is_not_restored(world: World) -> None:
    found = miss(begun(world), by=world.clerk)
    requested = found.steps.get().requested_procedure
    book([requested], slot=Slot(resource=world.room(), start=world.soon(), minutes=20), by=world.clerk)
    with pytest.raises(InvalidInput, match="booked anew"):
        restore(found, by=world.clerk)


def test_the_examination_of_a_missed_patient_proves_that_they_came(world: World) -> None:
    found = miss(begun(world), by=world.clerk)
    start_step(world.step(found), by=world.technologist)
    found.refresh_from_db()
    assert (found.state, found.reservation.active, found.reservation.lane) == ("arrived", True, 0)
    with pytest.raises(Collision):
        world.booking(world.order(world.patient("Other")), start=found.start)


@pytest.mark.db
def test_a_missed_patient_who_is_examined_after_all_stands_beside_who_has_the_place_now(world: World) -> None:
    found = miss(begun(world), by=world.clerk)
    world.booking(world.order(world.patient("Other")), start=found.start)
    start_step(world.step(found), by=SystemActor("mpps"))
    found = Appointment.objects.get(pk=found.pk)
    lane = Lane.objects.get(resource=found.resource, number=found.reservation.lane)
    assert (found.state, found.reservation.active, lane.name) == ("arrived", True, "Came late")
    assert found.steps.get().node == found.resource.node


@pytest.mark.db
def test_the_other_exams_of_a_missed_patient_who_is_examined_stand_on_the_worklist_again(world: World) -> None:
    patient = world.patient()
    start = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=1)
    exams = [world.requested(world.order(patient)), world.requested(world.order(patient, code="CTABD"))]
    booked = book(exams, slot=Slot(resource=world.room(), start=start, minutes=40), by=world.clerk)
    found = miss(booked, by=world.clerk)
    first, other = found.steps.order_by("pk")
    start_step(first, by=SystemActor("mpps"))
    attempt(Delivery.objects.get(subscriber="scheduling.place-again").pk)
    other.refresh_from_db()
    assert (other.state, other.start, other.node) == ("SCHEDULED", start, found.resource.node)


@pytest.mark.db
def test_a_missed_patient_who_is_elsewhere_meanwhile_is_examined_all_the_same(world: World) -> None:
    found = miss(begun(world), by=world.clerk)
    world.booking(world.order(found.patient, code="MRBRAIN"), room="MR 1", start=found.start)
    start_step(world.step(found), by=SystemActor("mpps"))
    found = Appointment.objects.get(pk=found.pk)
    assert (found.state, found.reservation.active) == ("arrived", False)
    assert AuditEvent.objects.filter(action="appointment.claims-no-room").count() == 1


@pytest.mark.parametrize("who", ["radiologist", "referrer", "siteadmin", "outsider"])
def test_only_the_desk_says_who_came(world: World, who: str) -> None:
    found = begun(world)
    for action in (miss, restore):
        with pytest.raises(NotPermitted):
            action(found, by=world.people[who])


@pytest.mark.parametrize(
    ("passed", "label"),
    [(timedelta(0), ""), (LATE_AFTER, LATE), (PRESUMED_AFTER, PRESUMED), (timedelta(hours=5), PRESUMED)],
)
def test_late_and_presumed_are_read_from_the_clock(world: World, passed: timedelta, label: str) -> None:
    found = world.booking()
    assert attendance(found, found.start + passed) == label
    found.refresh_from_db()
    assert found.state == "booked", "a label changes nothing"


def test_nobody_presumes_of_an_emergency_or_of_who_is_here(world: World) -> None:
    urgent, here = begun(world, priority="STAT"), arrive(begun(world, minutes=120), by=world.clerk)
    assert attendance(urgent, timezone.now()) == LATE
    assert attendance(here, timezone.now()) == ""


def over(world: World) -> Appointment:
    found = begun(world)
    complete_step(start_step(world.step(found), by=world.technologist), by=world.technologist)
    return Appointment.objects.get(pk=found.pk)


def test_what_was_called_done_too_early_runs_on(world: World) -> None:
    found = reopen(over(world), reason="Another series is needed", by=world.technologist)
    step = found.steps.select_related("requested_procedure__order").get()
    states = (found.state, step.state, step.requested_procedure.order.state)
    assert states == ("arrived", "STARTED", "in-progress")
    assert found.reservation.active
    kept = AuditEvent.objects.get(action="appointment.reopened")
    assert (kept.detail["reason"], kept.target_id) == ("Another series is needed", str(found.pk))
    complete_step(step, by=world.technologist)
    found.refresh_from_db()
    assert found.state == "fulfilled"


def test_only_what_is_over_is_opened_again_and_only_with_a_reason(world: World) -> None:
    with pytest.raises(TransitionError, match="booked"):
        reopen(world.booking(), reason="Why", by=world.technologist)
    done = over(world)
    with pytest.raises(InvalidInput):
        reopen(done, reason=" ", by=world.technologist)
    for who in ("clerk", "radiologist", "siteadmin", "outsider"):
        with pytest.raises(NotPermitted):
            reopen(done, reason="Why", by=world.people[who])
    done.refresh_from_db()
    assert done.state == "fulfilled"


def test_the_page_offers_it_to_technologists_and_keeps_what_was_typed(world: World, client: Client) -> None:
    done = over(world)
    client.force_login(world.technologist, "allauth.account.auth_backends.AuthenticationBackend")
    assert "Open again" in client.get(f"/schedule/{done.pk}/").content.decode()
    assert client.post(f"/schedule/{done.pk}/reopen/", {"reason": ""}).status_code == 422
    told = client.post(f"/schedule/{done.pk}/reopen/", {"reason": "More images"}, follow=True).content.decode()
    assert "Open again. Finish the exam" in told
    assert "Open again</a>" not in told
