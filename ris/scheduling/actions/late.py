"""Whom somebody had called missed, and who is examined after all: what has happened is never refused."""

from __future__ import annotations

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import Collision
from ris.scheduling.actions import slots
from ris.scheduling.actions.lanes import lane_named
from ris.scheduling.actions.slots import Slot
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment, Reservation, Resource

LATE_LANE = "Came late"


def come_late(appointment: Appointment, *, by: Actor) -> None:
    """Part of a step's start: the missed appointment stands again, and claims its room for what is left of its time.

    In its own place where that is still free, else in a lane beside; only who stands elsewhere too claims nothing.
    """
    APPOINTMENT.advance(appointment, "restore")
    room = Resource.objects.select_related("site", "node").get(pk=appointment.resource_id)
    appointment.steps.update(start=appointment.start, node=room.node, location=room.name[:16])
    minutes = int((appointment.end - appointment.start).total_seconds() // 60)
    beside = list(Resource.objects.filter(reservations__appointment=appointment, reservations__main=False))
    lane = Reservation.objects.get(appointment=appointment, main=True).lane
    slots.queue_for([room, *beside], appointment.patient.current)
    slot = Slot(resource=room, start=appointment.start, minutes=minutes, lane=lane)
    if _held(appointment, slot, beside) or _held(appointment, _beside(slot), []):
        return
    audit.record("appointment.claims-no-room", appointment, by=by, room=room.pk)


def _beside(slot: Slot) -> Slot:
    lane = lane_named(slot.resource, LATE_LANE)
    return Slot(resource=slot.resource, start=slot.start, minutes=slot.minutes, lane=lane.number)


def _held(appointment: Appointment, slot: Slot, beside: list[Resource]) -> bool:
    try:
        slots.hold(appointment, slot, beside=beside)
    except Collision:
        return False
    return True
