"""Who came: checked in, missed, found after all (workflow.md rule 5)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, TransitionError
from ris.events import emit
from ris.scheduling import permissions
from ris.scheduling.actions import slots
from ris.scheduling.actions.appointments import locked, note_booking, required, unplace, withdraw
from ris.scheduling.actions.following import others_of, part_of, place_rest
from ris.scheduling.actions.placing import purposes_of, put_in_room
from ris.scheduling.actions.slots import Slot
from ris.scheduling.actions.steps import reopen_step
from ris.scheduling.lifecycle import APPOINTMENT, STEP
from ris.scheduling.models import Appointment, Reservation, Resource

PART_MISSED = "an earlier part was missed"


@transaction.atomic
def arrive(appointment: Appointment, *, by: Actor) -> Appointment:
    """Check a patient in."""
    appointment = locked(appointment)
    permissions.require_book(by, appointment.site_id)
    APPOINTMENT.advance(appointment, "arrive", arrived_at=timezone.now())
    for step in appointment.steps.all():
        if STEP.allows(step, "arrive"):
            STEP.advance(step, "arrive")
    audit.record("appointment.arrived", appointment, by=by)
    emit("appointment.arrived", appointment, by=by)
    return appointment


@transaction.atomic
def miss(appointment: Appointment, *, by: Actor) -> Appointment:
    """The patient did not come: the slot is free, the exam leaves the worklist and waits to be scheduled.

    Raises InvalidInput before the time has come, TransitionError once the patient is here or an exam has begun.
    """
    appointment = locked(appointment)
    permissions.require_book(by, appointment.site_id)
    if timezone.now() < appointment.start:
        raise InvalidInput("The time has not come yet: cancel the appointment instead.")
    others = others_of(appointment)
    APPOINTMENT.advance(appointment, "miss")
    slots.release(appointment)
    for step in appointment.steps.all():
        unplace(step, appointment=appointment)
    for other in others:
        withdraw(other, PART_MISSED, by=by)
    audit.record("appointment.missed", appointment, by=by)
    emit("appointment.missed", appointment, by=by)
    return appointment


@transaction.atomic
def restore(appointment: Appointment, *, by: Actor) -> Appointment:
    """A late arrival: the same slot, accession number and StudyInstanceUID, and back on the worklist.

    Raises Collision when the slot was given to somebody else, InvalidInput when the exam was booked anew.
    """
    appointment = locked(appointment)
    permissions.require_book(by, appointment.site_id)
    if not appointment.steps.exists():
        raise InvalidInput("The exam was booked anew: use its new appointment.")
    APPOINTMENT.advance(appointment, "restore")
    minutes = int((appointment.end - appointment.start).total_seconds() // 60)
    lane = Reservation.objects.get(appointment=appointment, main=True).lane
    slot = Slot(resource=appointment.resource, start=appointment.start, minutes=minutes, lane=lane)
    beside = Resource.objects.filter(reservations__appointment=appointment, reservations__main=False)
    step = part_of(appointment)
    if step is not None:
        slots.queue_for_any(appointment.site_id, appointment.patient.current)
    slots.hold(appointment, slot, beside=list(beside.select_related("site")))
    put_in_room(list(appointment.steps.all()), appointment)
    if step is not None:
        for other in place_rest(appointment, step, frozenset(purposes_of([step.requested_procedure]))):
            note_booking(other, by=by)
    audit.record("appointment.restored", appointment, by=by)
    emit("appointment.restored", appointment, by=by)
    return appointment


@transaction.atomic
def reopen(appointment: Appointment, *, reason: str, by: Actor) -> Appointment:
    """It was called done too early: the patient is in the room again, its steps and the order run on.

    Raises NotPermitted, InvalidInput without a reason, TransitionError unless it is fulfilled.
    """
    permissions.require_perform(by, appointment.site_id)
    words = required(reason, "A reason is needed to open an exam again.")
    appointment = locked(appointment)
    over = [step for step in appointment.steps.order_by("pk") if STEP.within(step, "over")]
    if not over or not APPOINTMENT.allows(appointment, "reopen"):
        raise TransitionError(f"This appointment is {appointment.state}: only what is fulfilled can be opened again.")
    for step in over:
        reopen_step(step, reason=words, by=by)
    audit.record("appointment.reopened", appointment, by=by, reason=words)
    appointment.refresh_from_db()
    return appointment
