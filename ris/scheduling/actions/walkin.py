"""Somebody stands at the desk: ordered, given a room and checked in with one act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.core.errors import Collision, InvalidInput
from ris.orders.actions import Answer, OrderDetails, answer_all, place_order
from ris.orders.lifecycle import ORDER
from ris.orders.models import Order, Procedure, RequestedProcedure
from ris.patients.models import Patient
from ris.scheduling import permissions
from ris.scheduling.actions.appointments import book
from ris.scheduling.actions.attendance import arrive
from ris.scheduling.actions.slots import Slot
from ris.scheduling.actions.steps import plan_steps
from ris.scheduling.capability import capable_rooms, refusal
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import Appointment, Resource, ScheduledProcedureStep

# The same exam of the same patient so soon is a key that was pressed twice.
TWICE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkIn:
    """What is done now. Without a room the first that can do it is taken, one that is free before one that is not."""

    procedure: Procedure
    priority: str = "ROUTINE"
    side: str = ""
    reason: str = ""
    room: Resource | None = None
    answers: Sequence[Answer] = ()


@dataclass(frozen=True, slots=True)
class WalkedIn:
    """Where the patient goes. Without an appointment the room was not free: `why` says so."""

    requested: RequestedProcedure
    room: Resource
    appointment: Appointment | None
    why: str = ""


@transaction.atomic
def walk_in(patient: Patient, *, site: Site, wanted: WalkIn, by: Actor) -> WalkedIn:
    """Order an exam and put it on the worklist for this minute; the patient is here.

    In a room that is free it is an appointment, else a step without one (workflow.md rule 1).
    Raises NotPermitted, InvalidInput, also for the same exam of the same patient a moment after.
    """
    permissions.require_book(by, site.pk)
    rooms = _rooms(site, wanted)
    sides = {wanted.procedure.code: wanted.side} if wanted.side else {}
    details = OrderDetails(priority=wanted.priority, reason=wanted.reason)
    order = place_order(patient, site=site, procedures=[wanted.procedure], details=details, by=by, sides=sides)
    _require_once(order, wanted)
    answer_all(order, wanted.answers, by=by)
    requested = order.procedures.select_related("procedure", "order__patient", "order__site").get()
    refused = ""
    for room in rooms:
        try:
            booked = book([requested], slot=_now(room, requested), by=by)
        except (Collision, InvalidInput) as error:
            refused = refused or error.message.partition(" Nothing was changed")[0]
        else:
            return WalkedIn(requested, room, arrive(booked, by=by))
    _send(plan_steps(requested)[0], rooms[0], by=by)
    return WalkedIn(requested, rooms[0], None, refused)


def _require_once(order: Order, wanted: WalkIn) -> None:
    """A key that was pressed twice is one exam. Drawing the site's accession number has let one in at a time."""
    same = Order.objects.filter(
        patient=order.patient, site=order.site, placed_at__gt=timezone.now() - TWICE, state__in=ORDER.groups["open"],
        procedures__procedure=wanted.procedure, procedures__laterality=order.procedures.get().laterality,
    )  # fmt: skip
    if same.exclude(pk=order.pk).exists():
        raise InvalidInput(f"{wanted.procedure.name} was ordered for this patient a moment ago: look at the orders.")


def _rooms(site: Site, wanted: WalkIn) -> list[Resource]:
    """The rooms to try, in order; raises InvalidInput when none can do the exam."""
    if wanted.room is not None:
        words = refusal(wanted.room, [wanted.procedure])
        if words or wanted.room.site_id != site.pk:
            raise InvalidInput("That room cannot do this exam.", fields={"room": words or "A room of another site."})
        return [wanted.room]
    rooms = capable_rooms(site, wanted.procedure)
    if not rooms:
        words = f"No room of {site} can do this."
        raise InvalidInput(words, fields={"exam": words})
    return sorted(rooms, key=lambda room: room.node is None)  # a device has a worklist


def _now(room: Resource, requested: RequestedProcedure) -> Slot:
    start = timezone.now().replace(second=0, microsecond=0)
    return Slot(resource=room, start=start, minutes=plan_steps(requested)[0].minutes)


def _send(step: ScheduledProcedureStep, room: Resource, *, by: Actor) -> None:
    """Onto the worklist of a room that is not free: its staff decide when."""
    now = timezone.now()
    STEP.advance(step, "arrive", start=now.replace(second=0, microsecond=0), node=room.node,
                 location=room.name[:16], changed_at=now)  # fmt: skip
    order = step.requested_procedure.order
    audit.record("step.walked-in", step, by=by, patient=order.patient_id, room=room.pk)
