"""Booking, moving, cancelling."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, TransitionError
from ris.events import emit
from ris.orders.actions import Answer, answer_all
from ris.orders.lifecycle import ORDER
from ris.orders.models import Order, RequestedProcedure
from ris.scheduling import permissions
from ris.scheduling.actions import slots
from ris.scheduling.actions.following import move_part, others_of, part_of
from ris.scheduling.actions.holding import hold_exams, hold_visits
from ris.scheduling.actions.placing import place, purposes_of, put_elsewhere
from ris.scheduling.actions.slots import Slot
from ris.scheduling.capability import Demand, demand_of_step, first_demand, unfit
from ris.scheduling.lifecycle import APPOINTMENT, STEP
from ris.scheduling.models import Appointment, ScheduledProcedureStep
from ris.scheduling.opening import require_open


@transaction.atomic
def book(
    procedures: Sequence[RequestedProcedure], *, slot: Slot, by: Actor, answers: Sequence[Answer] = ()
) -> Appointment:
    """Give requested procedures of one patient a time in a room; their steps appear on its device's worklist.

    An exam of several parts begins there; the other parts get the first times that suit, all of them or none.

    What was answered to the questions of safety meanwhile is kept with the order, or nothing is.
    Raises NotPermitted, InvalidInput, Collision, TransitionError.
    """
    permissions.require_book(by, slot.resource.site_id)
    hold_exams(Order.objects.filter(procedures__in=procedures))
    check_wanted(procedures, slot)
    require_open(slot.resource, slot.start, slot.end, purposes=purposes_of(procedures))
    if answers:
        answer_all(procedures[0].order, answers, by=by)
    made = place(procedures, slot)
    for appointment in made:
        note_booking(appointment, by=by)
    return made[0]


def note_booking(appointment: Appointment, *, by: Actor) -> None:
    audit.record("appointment.booked", appointment, by=by, room=appointment.resource_id)
    emit("appointment.booked", appointment, by=by)


def check_wanted(procedures: Sequence[RequestedProcedure], slot: Slot) -> None:
    """Raise InvalidInput for what cannot be booked there at any time."""
    slots.check(slot)
    if not procedures:
        raise InvalidInput("Choose what is to be booked.", fields={"procedures": "Nothing chosen."})
    people = {requested.order.patient.current.pk for requested in procedures}
    if len(people) != 1:
        raise InvalidInput("One appointment is for one patient.")
    for requested in procedures:
        if requested.order.site_id != slot.resource.site_id:
            raise InvalidInput("The order belongs to another site.", fields={"room": "A room of another site."})
        if not ORDER.within(requested.order, "bookable"):
            raise InvalidInput(f"The order is {requested.order.state}: it cannot be booked.")
    _require_capable(slot, [_first_demand(requested) for requested in procedures])


def _require_capable(slot: Slot, demands: Iterable[Demand]) -> None:
    words = unfit(slot.resource, demands)
    if words:
        raise InvalidInput(f"{slot.resource} cannot do this exam. {words}", fields={"room": words})


def _first_demand(requested: RequestedProcedure) -> Demand:
    """What is to be done next of it."""
    step = requested.steps.unplaced().select_related("part", "requested_procedure__procedure").order_by("pk").first()
    return demand_of_step(step) if step is not None else first_demand(requested.procedure)


@transaction.atomic
def move(appointment: Appointment, *, slot: Slot, by: Actor) -> Appointment:
    """Give an appointment another time, room or length at the same site; its worklist entries follow.

    Of an exam in several parts the later ones move along where their wait would be broken. Raises NotPermitted,
    InvalidInput, Collision, TransitionError.
    """
    appointment = locked(appointment)
    permissions.require_book(by, appointment.site_id)
    slots.check(slot)
    if slot.resource.site_id != appointment.site_id:
        raise InvalidInput(f"{slot.resource} is another site's.", fields={"room": "Choose a room of this site."})
    steps = list(appointment.steps.select_related("part", "requested_procedure__procedure"))
    _require_capable(slot, [demand_of_step(step) for step in steps])
    purposes = frozenset(purposes_of(_procedures_of(appointment)))
    require_open(slot.resource, slot.start, slot.end, purposes=purposes)
    before, step = {appointment.pk: appointment.start}, part_of(appointment)
    before |= {other.pk: other.start for other in others_of(appointment)}
    moved = [appointment]
    if step is None:
        put_elsewhere(appointment, slot)
    else:
        moved += move_part(appointment, step, slot, purposes)
    for found in moved:
        audit.record("appointment.moved", found, by=by, before=before[found.pk].isoformat(), room=found.resource_id)
        emit("appointment.moved", found, by=by)
    return appointment


def _procedures_of(appointment: Appointment) -> list[RequestedProcedure]:
    found = RequestedProcedure.objects.filter(steps__appointment=appointment).distinct()
    return list(found.select_related("procedure", "order"))


@transaction.atomic
def cancel_appointment(appointment: Appointment, *, reason: str, by: Actor) -> Appointment:
    """Free the slot; the steps go back to "to be scheduled" (workflow.md rule 4).

    Raises NotPermitted, InvalidInput without a reason, TransitionError once an exam of it has begun.
    """
    appointment = locked(appointment)
    permissions.require_book(by, appointment.site_id)
    withdraw_all(appointment, required(reason, "A reason is needed to cancel."), by=by)
    return appointment


def withdraw_all(appointment: Appointment, reason: str, *, by: Actor) -> None:
    """Cancel a locked appointment and those of the exam's other parts that have not begun."""
    others = others_of(appointment)
    for found in (appointment, *others):
        withdraw(found, reason, by=by)


def withdraw(appointment: Appointment, reason: str, *, by: Actor) -> None:
    """Cancel a locked appointment inside the caller's transaction, which has asked for the right."""
    APPOINTMENT.advance(appointment, "cancel", cancel_reason=reason, sequence=appointment.sequence + 1)
    slots.release(appointment)
    steps = list(appointment.steps.all())
    for step in steps:
        unplace(step, appointment=None)
    audit.record("appointment.cancelled", appointment, by=by, reason=reason)
    emit("appointment.cancelled", appointment, by=by, procedures=[step.requested_procedure_id for step in steps])


def required(reason: str, words: str) -> str:
    """The reason as it is kept; raises InvalidInput without one."""
    if not reason.strip():
        raise InvalidInput(words, fields={"reason": "Say why, in a few words."})
    return reason.strip()[:255]


def unplace(step: ScheduledProcedureStep, *, appointment: Appointment | None) -> None:
    """The step leaves the worklist and waits to be scheduled."""
    if not STEP.within(step, "waiting") and not STEP.within(step, "gone"):
        raise TransitionError(f"Step {step.sps_id} is {step.state}: what has begun is not undone any more.")
    now = timezone.now()
    changes = {"appointment": appointment, "start": None, "node": None, "location": "", "changed_at": now}
    if STEP.allows(step, "unbook"):
        STEP.advance(step, "unbook", **changes)
    else:
        ScheduledProcedureStep.objects.filter(pk=step.pk).update(**changes)


def locked(appointment: Appointment) -> Appointment:
    """The appointment as it is now; it and its exams, with all parts, are nobody else's until the transaction ends."""
    hold_visits([appointment.pk])
    return Appointment.objects.select_related("resource__site", "patient", "site").get(pk=appointment.pk)
