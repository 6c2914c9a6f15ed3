"""Beyond the calendar, by right and with a reason: a lane beside, or another's place and the call-back list."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ris.audit.models import AuditEvent
from ris.core.errors import Collision, ConcurrentUpdateError, InvalidInput, NotPermitted
from ris.orders.models import Procedure, RequestedProcedure
from ris.scheduling.actions import Slot, arrive, book, close_call_back, displace, overbook
from ris.scheduling.models import Appointment, CallBack, Closure, Lane
from tests.ris.scheduling.parts import furnish_parts, nine, part, wanted
from tests.world import World


def rival(world: World, name: str = "Rival", *, priority: str = "ROUTINE") -> RequestedProcedure:
    return world.requested(world.order(world.patient(name), priority=priority))


def slot_of(found: Appointment) -> Slot:
    return Slot(resource=found.resource, start=found.start, minutes=20)


def test_a_lane_opens_beside_the_room_with_its_name_and_the_reason(world: World) -> None:
    first = world.booking()
    second = overbook(
        [rival(world)], slot=slot_of(first), lane_name="Second table", reason="Referrer insists", by=world.technologist
    )
    assert second.reservation.lane == Lane.objects.get(name="Second table").number == 1
    assert second.overbook_reason == "Referrer insists"
    assert second.steps.get().node == first.resource.node
    assert AuditEvent.objects.filter(action="appointment.overbooked").exists()


def test_the_lane_too_holds_one_patient_at_a_time(world: World) -> None:
    slot = slot_of(world.booking())
    overbook([rival(world)], slot=slot, lane_name="Second", reason="Why", by=world.technologist)
    with pytest.raises(Collision):
        overbook([rival(world, "Third")], slot=slot, lane_name="Second", reason="Why", by=world.technologist)
    overbook([rival(world, "Fourth")], slot=slot, lane_name="Third", reason="Why", by=world.technologist)
    assert sorted(Lane.objects.values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize("who", ["clerk", "resident", "referrer", "outsider"])
def test_overbooking_needs_its_own_right(world: World, who: str) -> None:
    first, wanted = world.booking(), rival(world)
    with pytest.raises(NotPermitted):
        overbook([wanted], slot=slot_of(first), lane_name="Second", reason="Why", by=world.people[who])
    with pytest.raises(NotPermitted):
        displace([wanted], slot=slot_of(first), reason="Why", by=world.people[who])
    assert Appointment.objects.count() == 1


def test_it_needs_a_reason_and_an_open_room(world: World) -> None:
    first, wanted = world.booking(), rival(world)
    with pytest.raises(InvalidInput) as refused:
        overbook([wanted], slot=slot_of(first), lane_name="Second", reason="  ", by=world.technologist)
    assert "reason" in refused.value.fields
    Closure.objects.create(resource=first.resource, start=first.start, end=first.end, reason="Broken")
    with pytest.raises(InvalidInput, match="Broken"):
        overbook([wanted], slot=slot_of(first), lane_name="Second", reason="Why", by=world.technologist)


def test_a_lane_puts_nobody_in_two_places(world: World) -> None:
    patient = world.patient()
    first = world.booking(world.order(patient))
    wanted = world.requested(world.order(patient))
    with pytest.raises(Collision, match="two places"):
        overbook([wanted], slot=slot_of(first), lane_name="Second", reason="Why", by=world.technologist)


def test_who_is_displaced_waits_to_be_scheduled_and_stands_on_the_call_back_list(world: World) -> None:
    first = world.booking()
    lost = first.steps.get()
    new = displace([rival(world, priority="STAT")], slot=slot_of(first), reason="Stroke", by=world.technologist)
    first.refresh_from_db()
    lost.refresh_from_db()
    call = CallBack.objects.get()
    assert (first.state, lost.appointment, lost.node, lost.start) == ("cancelled", None, None, None)
    assert (call.appointment, call.reason, call.done_at) == (first, "displaced: Stroke", None)
    assert new.reservation.lane == 0


def test_everybody_in_the_way_is_displaced(world: World) -> None:
    first = world.booking()
    world.booking(world.order(world.patient("Next")), start=first.end)
    long = Slot(resource=first.resource, start=first.start + timedelta(minutes=10), minutes=20)
    displace([rival(world)], slot=long, reason="Stroke", by=world.technologist)
    assert CallBack.objects.count() == 2


def test_who_is_here_already_keeps_the_place(world: World) -> None:
    first = arrive(world.booking(), by=world.clerk)
    with pytest.raises(InvalidInput, match="keeps the place"):
        displace([rival(world)], slot=slot_of(first), reason="Stroke", by=world.technologist)
    first.refresh_from_db()
    assert first.state == "arrived"
    assert not CallBack.objects.exists()


def test_a_new_time_ends_the_waiting(world: World) -> None:
    first = world.booking()
    lost = first.steps.get().requested_procedure
    displace([rival(world)], slot=slot_of(first), reason="Stroke", by=world.technologist)
    book([lost], slot=Slot(resource=world.room(), start=world.soon(), minutes=20), by=world.clerk)
    assert CallBack.objects.get().done_by_name == "booked anew"


def test_a_call_is_made_once(world: World) -> None:
    first = world.booking()
    displace([rival(world)], slot=slot_of(first), reason="Stroke", by=world.technologist)
    call = close_call_back(CallBack.objects.get(), by=world.clerk)
    assert call.done_by_name == world.clerk.display
    with pytest.raises(ConcurrentUpdateError):
        close_call_back(call, by=world.clerk)


@pytest.mark.db
def test_an_emergency_takes_a_time_in_which_two_parts_of_one_exam_stand(world: World) -> None:
    stress = Procedure.objects.create(code="CTTWOP", name="CT in two steps", modality="CT", duration_minutes=20)
    part(stress, 1, "Plain", "CT", "", 10)
    part(stress, 2, "Late", "CT", "", 10)
    exam = wanted(world, "CTTWOP")
    first = book([exam], slot=Slot(resource=world.room(), start=nine(world), minutes=10), by=world.clerk)
    assert (
        Appointment.objects.filter(resource=first.resource, start__lt=first.start + timedelta(minutes=20)).count() == 2
    )
    displace([rival(world, priority="STAT")], slot=slot_of(first), reason="Stroke", by=world.technologist)
    assert list(CallBack.objects.get().procedures.all()) == [exam]
    assert [step.appointment for step in exam.steps.all()] == [None, None]


@pytest.mark.db
def test_a_lane_beside_a_taken_room_takes_the_team_that_is_free_and_refuses_without_one(world: World) -> None:
    furnish_parts(world)
    slot = Slot(resource=world.room("Angio"), start=nine(world), minutes=60)
    book([wanted(world, "XADSAP", "First")], slot=slot, by=world.clerk)
    second = overbook(
        [wanted(world, "XADSAP", "Second")], slot=slot, lane_name="Aside", reason="Bleeding", by=world.technologist
    )
    assert sorted(row.resource.name for row in second.reservations.all()) == ["Angio", "Team 2"]
    with pytest.raises(Collision):
        overbook([wanted(world, "XADSAP", "3")], slot=slot, lane_name="More", reason="Why", by=world.technologist)
