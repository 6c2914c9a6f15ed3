"""Beyond the calendar, by right and with a reason: a named lane, or another's place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput
from ris.events import emit
from ris.orders.models import Order, RequestedProcedure
from ris.scheduling import permissions
from ris.scheduling.actions import slots
from ris.scheduling.actions.appointments import check_wanted, note_booking, required, withdraw_all
from ris.scheduling.actions.holding import hold_exams, hold_visits
from ris.scheduling.actions.lanes import lane_named
from ris.scheduling.actions.placing import place
from ris.scheduling.actions.slots import Slot
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment, CallBack
from ris.scheduling.opening import require_open


@transaction.atomic
def overbook(
    procedures: Sequence[RequestedProcedure], *, slot: Slot, lane_name: str, reason: str, by: Actor
) -> Appointment:
    """Book beside the room's own lane, in one with this name; it is opened when there is none. Kept time may be used.

    Raises NotPermitted, InvalidInput, Collision (the lane too holds one patient at a time).
    """
    why = _allowed(procedures, slot, reason, by)
    hold_exams(Order.objects.filter(procedures__in=procedures))
    slots.queue_for_any(slot.resource.site_id, procedures[0].order.patient.current)
    lane = lane_named(slot.resource, lane_name.strip())
    appointment, *others = place(procedures, replace(slot, lane=lane.number), overbook_reason=why)
    audit.record("appointment.overbooked", appointment, by=by, room=slot.resource.pk, lane=lane.name, reason=why)
    return _told(appointment, others, by)


@transaction.atomic
def displace(procedures: Sequence[RequestedProcedure], *, slot: Slot, reason: str, by: Actor) -> Appointment:
    """Book in the room's own lane; those booked there lose their place and stand on the call-back list.

    Raises NotPermitted, InvalidInput, TransitionError when one of them has arrived or begun.
    """
    why = _allowed(procedures, slot, reason, by)
    for other in _held_there(procedures, slot):
        other.refresh_from_db(fields=["state", "sequence"])
        if APPOINTMENT.within(other, "holding"):  # it may have gone with another part of its exam, just now
            _put_off(other, f"displaced: {why}"[:255], by=by)
    appointment, *others = place(procedures, slot, overbook_reason=why)
    audit.record("appointment.displaced-others", appointment, by=by, room=slot.resource.pk, reason=why)
    return _told(appointment, others, by)


def _held_there(procedures: Sequence[RequestedProcedure], slot: Slot) -> list[Appointment]:
    """Who is booked there; they and the procedures are nobody else's now. Who books there just now keeps the place."""
    rows = Appointment.objects.filter(
        reservations__resource=slot.resource, reservations__lane=0, reservations__active=True,
        reservations__start__lt=slot.end, reservations__end__gt=slot.start,
    )  # fmt: skip
    there = list(rows.values_list("pk", flat=True))
    hold_visits(there, orders=Order.objects.filter(procedures__in=procedures))
    slots.queue_for_any(slot.resource.site_id, procedures[0].order.patient.current)
    return list(rows.filter(pk__in=there).select_related("resource__site", "patient").order_by("pk"))


def _told(appointment: Appointment, others: Sequence[Appointment], by: Actor) -> Appointment:
    """The first, once all are known; the parts after it are ordinary bookings."""
    emit("appointment.booked", appointment, by=by)
    for other in others:
        note_booking(other, by=by)
    return appointment


def _allowed(procedures: Sequence[RequestedProcedure], slot: Slot, reason: str, by: Actor) -> str:
    permissions.require_overbook(by, slot.resource.site_id)
    check_wanted(procedures, slot)
    require_open(slot.resource, slot.start, slot.end, even_kept=True)
    return required(reason, "A reason is needed to pass over the calendar.")


def _put_off(appointment: Appointment, reason: str, *, by: Actor) -> None:
    if not APPOINTMENT.within(appointment, "expected"):
        raise InvalidInput(
            "A patient who is here already keeps the place. Choose another time or a lane beside.",
            fields={"time": "Somebody is here for this time."},
        )
    lost = RequestedProcedure.objects.filter(steps__appointment=appointment).distinct()
    told = {"site": appointment.site, "reason": reason, "overlap": False, "made_at": timezone.now(), "done_at": None}
    call_back, _new = CallBack.objects.update_or_create(appointment=appointment, defaults=told)
    call_back.procedures.set(lost)
    withdraw_all(appointment, reason, by=by)
