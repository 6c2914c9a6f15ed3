"""Whom somebody had called missed, and who is examined after all: what has happened is never refused."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import Collision
from ris.events import emit
from ris.scheduling.actions import slots
from ris.scheduling.actions.holding import hold_visits
from ris.scheduling.actions.lanes import lane_named
from ris.scheduling.actions.slots import Slot
from ris.scheduling.lifecycle import APPOINTMENT, STEP
from ris.scheduling.models import Appointment, Reservation, Resource, ScheduledProcedureStep

LATE_LANE = "Came late"


def come_late(step: ScheduledProcedureStep, appointment: Appointment, *, by: Actor) -> None:
    """Part of a step's start: the missed appointment stands again, and claims its room for what is left of its time.

    In its own place where that is still free, else in a lane beside; only who stands elsewhere too claims nothing.
    Exams of other orders in it follow after the commit (`place_again`): their orders are not held here.
    """
    APPOINTMENT.advance(appointment, "restore")
    room = Resource.objects.select_related("site", "node").get(pk=appointment.resource_id)
    _place(appointment.steps.filter(requested_procedure__order=step.requested_procedure.order_id), appointment, room)
    emit("appointment.restored", appointment, by=by)
    minutes = int((appointment.end - appointment.start).total_seconds() // 60)
    beside = list(Resource.objects.filter(reservations__appointment=appointment, reservations__main=False))
    lane = Reservation.objects.get(appointment=appointment, main=True).lane
    slots.queue_for([room, *beside], appointment.patient.current)
    slot = Slot(resource=room, start=appointment.start, minutes=minutes, lane=lane)
    if _held(appointment, slot, beside) or _held(appointment, _beside(slot), []):
        return
    audit.record("appointment.claims-no-room", appointment, by=by, room=room.pk)


@transaction.atomic
def place_again(appointment: Appointment) -> None:
    """What else is done in an appointment that stands again goes back on the worklist. Safe to repeat."""
    hold_visits([appointment.pk])
    found = Appointment.objects.select_related("resource__node").get(pk=appointment.pk)
    if APPOINTMENT.within(found, "holding"):
        _place(found.steps.filter(start__isnull=True, state__in=STEP.groups["waiting"]), found, found.resource)


def _place(steps: QuerySet[ScheduledProcedureStep], appointment: Appointment, room: Resource) -> None:
    steps.update(start=appointment.start, node=room.node, location=room.name[:16], changed_at=timezone.now())


def _beside(slot: Slot) -> Slot:
    lane = lane_named(slot.resource, LATE_LANE)
    return Slot(resource=slot.resource, start=slot.start, minutes=slot.minutes, lane=lane.number)


def _held(appointment: Appointment, slot: Slot, beside: list[Resource]) -> bool:
    try:
        slots.hold(appointment, slot, beside=beside)
    except Collision:
        return False
    return True
