"""Booking, moving, cancelling."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, TransitionError
from ris.events import emit
from ris.orders.actions import Answer, answer_all
from ris.orders.lifecycle import ORDER
from ris.orders.models import RequestedProcedure
from ris.scheduling import permissions
from ris.scheduling.actions import slots
from ris.scheduling.actions.callbacks import answer_call_backs
from ris.scheduling.actions.slots import Slot
from ris.scheduling.actions.steps import plan_steps
from ris.scheduling.capability import refusal
from ris.scheduling.lifecycle import APPOINTMENT, STEP
from ris.scheduling.models import Appointment, ScheduledProcedureStep
from ris.scheduling.opening import require_open

# Whom a block of this purpose is kept for, by the priority of the order.
PURPOSES_OF_PRIORITY = {"STAT": frozenset({"emergency"})}


@transaction.atomic
def book(
    procedures: Sequence[RequestedProcedure], *, slot: Slot, by: Actor, answers: Sequence[Answer] = ()
) -> Appointment:
    """Give requested procedures of one patient a time in a room; their steps appear on its device's worklist.

    What was answered to the questions of safety meanwhile is kept with the order, or nothing is.
    Raises NotPermitted, InvalidInput, Collision, TransitionError.
    """
    permissions.require_book(by, slot.resource.site_id)
    check_wanted(procedures, slot)
    require_open(slot.resource, slot.start, slot.end, purposes=purposes_of(procedures))
    if answers:
        answer_all(procedures[0].order, answers, by=by)
    appointment = place(procedures, slot)
    audit.record("appointment.booked", appointment, by=by, room=slot.resource.pk)
    emit("appointment.booked", appointment, by=by)
    return appointment


def place(procedures: Sequence[RequestedProcedure], slot: Slot, *, overbook_reason: str = "") -> Appointment:
    """The rows of a new appointment, inside the caller's transaction, which has asked for right and hours."""
    patient = procedures[0].order.patient.current
    appointment = Appointment.objects.create(
        site=slot.resource.site, patient=patient, resource=slot.resource, start=slot.start, end=slot.end,
        overbook_reason=overbook_reason,
    )  # fmt: skip
    slots.hold(appointment, slot)
    for requested in procedures:
        _place(plan_steps(requested), appointment)
    answer_call_backs(procedures)
    return appointment


def purposes_of(procedures: Sequence[RequestedProcedure]) -> Collection[str]:
    """The kept time that these orders may use."""
    return frozenset().union(*(PURPOSES_OF_PRIORITY.get(item.order.priority, ()) for item in procedures))


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
    _require_capable(slot, procedures)


def _require_capable(slot: Slot, procedures: Sequence[RequestedProcedure]) -> None:
    words = refusal(slot.resource, [requested.procedure for requested in procedures])
    if words:
        raise InvalidInput(f"{slot.resource} cannot do this exam. {words}", fields={"room": words})


def _place(steps: Sequence[ScheduledProcedureStep], appointment: Appointment) -> None:
    for step in steps:
        held = step.appointment is not None and not APPOINTMENT.within(step.appointment, "missed")
        if not STEP.within(step, "waiting") or held:
            raise InvalidInput(f"Step {step.sps_id} is booked or begun already. Move its appointment instead.")
        step.appointment = appointment
    put_in_room(steps, appointment)


def put_in_room(steps: Sequence[ScheduledProcedureStep], appointment: Appointment) -> None:
    """The device of the appointment's room finds these steps on its worklist."""
    for step in steps:
        step.start = appointment.start
        step.node = appointment.resource.node
        step.location = appointment.resource.name[:16]
        step.save(update_fields=["appointment", "start", "node", "location", "changed_at"])


@transaction.atomic
def move(appointment: Appointment, *, slot: Slot, by: Actor) -> Appointment:
    """Give an appointment another time, room or length at the same site; its worklist entries follow."""
    appointment = locked(appointment)
    permissions.require_book(by, appointment.site_id)
    slots.check(slot)
    if slot.resource.site_id != appointment.site_id:
        raise InvalidInput(f"{slot.resource} is another site's.", fields={"room": "Choose a room of this site."})
    procedures = _procedures_of(appointment)
    _require_capable(slot, procedures)
    require_open(slot.resource, slot.start, slot.end, purposes=purposes_of(procedures))
    before = appointment.start
    APPOINTMENT.advance(appointment, "move", resource=slot.resource, start=slot.start, end=slot.end)
    slots.hold(appointment, slot)
    appointment.steps.update(
        start=slot.start, node=slot.resource.node, location=slot.resource.name[:16], changed_at=timezone.now()
    )
    audit.record("appointment.moved", appointment, by=by, before=before.isoformat(), room=slot.resource.pk)
    emit("appointment.moved", appointment, by=by)
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
    withdraw(appointment, required(reason, "A reason is needed to cancel."), by=by)
    return appointment


def withdraw(appointment: Appointment, reason: str, *, by: Actor) -> None:
    """Cancel a locked appointment inside the caller's transaction, which has asked for the right."""
    APPOINTMENT.advance(appointment, "cancel", cancel_reason=reason)
    slots.release(appointment)
    for step in appointment.steps.select_for_update():
        unplace(step, appointment=None)
    audit.record("appointment.cancelled", appointment, by=by, reason=reason)
    emit("appointment.cancelled", appointment, by=by)


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
    """The appointment as it is now, nobody else's until the transaction ends."""
    rows = Appointment.objects.select_for_update(of=("self",))
    return rows.select_related("resource__site", "patient").get(pk=appointment.pk)
