"""What a technologist does with a step, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.events.models import Event
from ris.orders.actions import OrderDetails, cancel_order, place_order
from ris.orders.models import Order
from ris.scheduling.actions import (
    Slot,
    arrive,
    book,
    cancel_appointment,
    complete_step,
    discontinue_step,
    move,
    put_back_step,
    start_step,
)
from ris.scheduling.models import Appointment, ScheduledProcedureStep
from tests.world import World


def states(appointment: Appointment) -> tuple[str, str, str]:
    """(appointment, its step, its order)."""
    step = ScheduledProcedureStep.objects.select_related("requested_procedure__order").get(appointment=appointment)
    return Appointment.objects.get(pk=appointment.pk).state, step.state, step.requested_procedure.order.state


def test_the_way_of_an_exam(world: World) -> None:
    booked = world.booking()
    assert states(booked) == ("booked", "SCHEDULED", "active")
    arrive(booked, by=world.clerk)
    assert states(booked) == ("arrived", "ARRIVED", "active")
    start_step(world.step(booked), by=world.technologist)
    assert states(booked) == ("arrived", "STARTED", "in-progress")
    complete_step(world.step(booked), by=world.technologist)
    assert states(booked) == ("fulfilled", "COMPLETED", "completed")
    kinds = Event.objects.filter(kind__regex="^(appointment|step)").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["appointment.booked", "appointment.arrived", "step.started", "step.completed"]


def test_starting_implies_that_the_patient_came(world: World) -> None:
    booked = world.booking()
    start_step(world.step(booked), by=world.technologist)
    assert states(booked) == ("arrived", "STARTED", "in-progress")
    assert Appointment.objects.get(pk=booked.pk).arrived_at is not None


def test_a_step_without_an_appointment_is_started_too(world: World) -> None:
    step = world.order().procedures.get().steps.get()
    assert start_step(step, by=world.technologist).state == "STARTED"


def test_what_was_broken_off_ends_the_order_as_such(world: World) -> None:
    booked = world.booking()
    start_step(world.step(booked), by=world.technologist)
    discontinue_step(world.step(booked), reason="110513", by=world.technologist)
    assert states(booked) == ("fulfilled", "DISCONTINUED", "discontinued")


def test_the_wrong_entry_of_the_worklist_is_put_back(world: World) -> None:
    booked = world.booking()
    start_step(world.step(booked), by=world.technologist)
    put_back_step(world.step(booked), reason="110514", by=SystemActor("mpps"))
    assert states(booked)[1] == "SCHEDULED"
    assert AuditEvent.objects.get(action="step.put-back").detail == {"reason": "110514"}


def test_an_order_is_completed_by_the_last_of_its_steps(world: World) -> None:
    two = place_order(
        world.patient(), site=world.north, procedures=[world.procedure(), world.procedure("MRBRAIN")],
        details=OrderDetails(), by=world.clerk,
    )  # fmt: skip
    steps = list(ScheduledProcedureStep.objects.filter(requested_procedure__order=two))
    for step, state in zip(steps, ["in-progress", "completed"], strict=True):
        start_step(step, by=world.technologist)
        complete_step(step, by=world.technologist)
        assert Order.objects.get(pk=two.pk).state == state


@pytest.mark.parametrize("action", [start_step, complete_step])
@pytest.mark.parametrize("who", ["clerk", "resident", "radiologist", "referrer", "siteadmin", "admin", "outsider"])
def test_running_an_exam_is_for_technologists_of_the_site(
    action: Callable[..., object], who: str, world: World
) -> None:
    booked = world.booking()
    with pytest.raises(NotPermitted):
        action(world.step(booked), by=world.people[who])
    assert states(booked) == ("booked", "SCHEDULED", "active")


def test_what_has_not_begun_cannot_be_completed(world: World) -> None:
    booked = world.booking()
    with pytest.raises(TransitionError):
        complete_step(world.step(booked), by=world.technologist)
    assert states(booked) == ("booked", "SCHEDULED", "active")
    assert not Event.objects.filter(kind="step.completed").exists()


def test_a_cancelled_appointment_puts_its_step_back_to_be_scheduled(world: World) -> None:
    booked = world.booking()
    arrive(booked, by=world.clerk)
    step = world.step(booked)
    cancel_appointment(booked, reason="Called", by=world.clerk)
    step = ScheduledProcedureStep.objects.get(pk=step.pk)
    assert (step.state, step.appointment, step.node, step.start, step.location) == ("SCHEDULED", None, None, None, "")
    assert list(ScheduledProcedureStep.objects.to_be_scheduled(world.north)) == [step]
    assert Order.objects.get().state == "active"


def test_an_appointment_whose_exam_has_begun_is_not_cancelled(world: World) -> None:
    booked = world.booking()
    start_step(world.step(booked), by=world.technologist)
    with pytest.raises(TransitionError):
        cancel_appointment(booked, reason="No", by=world.clerk)
    assert states(booked) == ("arrived", "STARTED", "in-progress")
    assert Appointment.objects.get(pk=booked.pk).reservation.active


def test_a_moved_appointment_takes_its_worklist_entry_along(world: World) -> None:
    booked = world.booking()
    before = world.step(booked)
    start = world.soon()
    move(booked, slot=Slot(resource=world.room(), start=start, minutes=30), by=world.technologist)
    step = ScheduledProcedureStep.objects.get(pk=before.pk)
    assert (step.start, step.sps_id) == (start, before.sps_id)
    assert step.requested_procedure.study_instance_uid == before.requested_procedure.study_instance_uid
    assert step.changed_at > before.changed_at


def test_a_room_of_another_kind_or_site_is_refused(world: World) -> None:
    booked = world.booking()
    for room in ("MR 1", "CT South"):
        with pytest.raises((InvalidInput, NotPermitted)):
            move(booked, slot=Slot(resource=world.room(room), start=world.soon(), minutes=20), by=world.clerk)
        with pytest.raises((InvalidInput, NotPermitted)):
            world.booking(world.order(world.patient("Other")), room=room)
    assert Appointment.objects.count() == 1


def test_what_is_booked_cannot_be_booked_again(world: World) -> None:
    booked = world.booking()
    slot = Slot(resource=world.room(), start=world.soon(), minutes=20)
    with pytest.raises(InvalidInput, match="booked or begun"):
        book([world.step(booked).requested_procedure], slot=slot, by=world.clerk)
    assert Appointment.objects.count() == 1


def test_an_old_copy_of_a_cancelled_order_cannot_be_booked(world: World) -> None:
    requested = world.requested()
    cancel_order(requested.order, reason="No", by=world.clerk)
    assert requested.order.state == "active", "the copy has not heard of it"
    with pytest.raises(InvalidInput):
        book([requested], slot=Slot(resource=world.room(), start=world.soon(), minutes=20), by=world.clerk)
    assert not Appointment.objects.exists()


def test_one_appointment_is_for_one_patient(world: World) -> None:
    both = [world.requested(), world.requested(world.order(world.patient("Other")))]
    with pytest.raises(InvalidInput, match="one patient"):
        book(both, slot=Slot(resource=world.room(), start=world.soon(), minutes=20), by=world.clerk)


@pytest.mark.parametrize("minutes", [0, -5, 24 * 60 + 1])
def test_a_length_of_no_use_is_refused(minutes: int, world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        book([world.requested()], slot=Slot(resource=world.room(), start=world.soon(), minutes=minutes), by=world.clerk)
    assert set(refused.value.fields) == {"minutes"}


@pytest.mark.parametrize("who", ["resident", "radiologist", "referrer", "siteadmin", "admin", "outsider"])
def test_booking_is_for_the_clerks_and_technologists_of_the_site(who: str, world: World) -> None:
    booked, by = world.booking(), world.people[who]
    slot = Slot(resource=world.room(), start=world.soon(), minutes=20)
    requested = world.requested(world.order(world.patient("Other")))
    actions: list[Callable[[], object]] = [
        lambda: book([requested], slot=slot, by=by),
        lambda: move(booked, slot=slot, by=by),
        lambda: cancel_appointment(booked, reason="No", by=by),
        lambda: arrive(booked, by=by),
    ]
    for action in actions:
        with pytest.raises(NotPermitted):
            action()
    assert states(booked) == ("booked", "SCHEDULED", "active")
