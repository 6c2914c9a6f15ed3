"""Who did not come, who came late after all, and what is only presumed (workflow.md rule 5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ris.core.errors import Collision, InvalidInput, NotPermitted, TransitionError
from ris.scheduling.actions import Slot, arrive, book, miss, restore, start_step
from ris.scheduling.labels import LATE, LATE_AFTER, PRESUMED, PRESUMED_AFTER, attendance
from ris.scheduling.models import Appointment, ScheduledProcedureStep
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
    assert found.state == "arrived"


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
