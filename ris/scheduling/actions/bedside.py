"""Exams at the bedside: any device of a pool may do them, and each is told the ward and the bed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, TransitionError
from ris.events import emit
from ris.orders.models import Order
from ris.scheduling import permissions
from ris.scheduling.actions.appointments import locked
from ris.scheduling.actions.holding import hold_exams
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import Appointment, ScheduledProcedureStep


@dataclass(frozen=True, slots=True)
class Place:
    """Where the patient lies. `portable`: the device comes to the patient."""

    ward: str
    bed: str = ""
    portable: bool = True


@transaction.atomic
def place_at_bedside(appointment: Appointment, *, place: Place, by: Actor) -> Appointment:
    """Say where the patient lies, for every step of the appointment that has not begun.

    Raises NotPermitted, InvalidInput for a portable exam without a ward, TransitionError when all have begun.
    """
    appointment = locked(appointment)
    permissions.require_book(by, appointment.site_id)
    if place.portable and not place.ward.strip():
        raise InvalidInput("A device that goes to the patient must know the ward.", fields={"ward": "Name the ward."})
    waiting = [step for step in appointment.steps.all() if STEP.within(step, "waiting")]
    if not waiting:
        raise TransitionError("No exam of this appointment waits to be done.")
    for step in waiting:
        step.ward, step.bed, step.portable = place.ward.strip(), place.bed.strip(), place.portable
        step.changed_at = timezone.now()
        step.save(update_fields=["ward", "bed", "portable", "changed_at"])
        audit.record("step.placed", step, by=by, portable=place.portable)
        emit("step.placed", step, by=by)
    return appointment


@transaction.atomic
def note_ward(order: Order, *, ward: str, bed: str, by: Actor) -> None:
    """Another system says where the patient lies: for every exam of the order that waits and does not know it yet.

    Whether a device goes there stays as a person said. Raises NotPermitted.
    """
    permissions.require_book(by, order.site_id)
    hold_exams(Order.objects.filter(pk=order.pk))
    waiting = ScheduledProcedureStep.objects.filter(requested_procedure__order=order, state__in=STEP.groups["waiting"])
    for step in waiting.exclude(ward=ward, bed=bed).order_by("pk"):
        step.ward, step.bed, step.changed_at = ward, bed, timezone.now()
        step.save(update_fields=["ward", "bed", "changed_at"])
        audit.record("step.placed", step, by=by, portable=step.portable)
        emit("step.placed", step, by=by)
