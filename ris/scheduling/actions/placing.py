"""The rows of new appointments: one, or one for each part of an exam, all of them or none."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from ris.core.errors import Collision, InvalidInput
from ris.orders.models import RequestedProcedure
from ris.patients.models import Patient
from ris.scheduling.actions import slots
from ris.scheduling.actions.callbacks import answer_call_backs
from ris.scheduling.actions.slots import Slot
from ris.scheduling.actions.steps import plan_steps
from ris.scheduling.chains import chains
from ris.scheduling.lifecycle import APPOINTMENT, STEP
from ris.scheduling.models import Appointment, Resource, ScheduledProcedureStep
from ris.scheduling.parts import Need, last_day, links_of, needs_of
from ris.scheduling.spans import Span

# Whom a block of this purpose is kept for, by the priority of the order.
PURPOSES_OF_PRIORITY = {"STAT": frozenset({"emergency"})}


@dataclass(frozen=True, slots=True)
class Place:
    """Steps that are done together, when, and where; `beside` is what they take beside the room."""

    steps: tuple[ScheduledProcedureStep, ...]
    slot: Slot
    beside: tuple[Resource, ...] = ()


def place(procedures: Sequence[RequestedProcedure], slot: Slot, *, overbook_reason: str = "") -> list[Appointment]:
    """Appointments, the first at the slot, further parts at the first time that suits them.

    Inside the caller's transaction, which has asked for right and hours. Raises InvalidInput, Collision.
    """
    patient = procedures[0].order.patient  # as the order has it: a merge may be taken back
    places = _places(procedures, slot, even_out_of_turn=bool(overbook_reason))
    made = make(places, patient, overbook_reason=overbook_reason)
    answer_call_backs(procedures)
    return made


def make(places: Sequence[Place], patient: Patient, *, overbook_reason: str = "") -> list[Appointment]:
    """An appointment for each place, with all that it takes, or none of them."""
    slots.queue_for([room for item in places for room in (item.slot.resource, *item.beside)], patient.current)
    made = []
    for item in places:
        appointment = Appointment.objects.create(
            site=item.slot.resource.site, patient=patient, resource=item.slot.resource, start=item.slot.start,
            end=item.slot.end, overbook_reason=overbook_reason, placed_at=timezone.now(),
        )  # fmt: skip
        slots.hold(appointment, item.slot, beside=item.beside)
        for step in item.steps:
            step.appointment = appointment
        put_in_room(item.steps, appointment)
        made.append(appointment)
    return made


def _places(procedures: Sequence[RequestedProcedure], slot: Slot, *, even_out_of_turn: bool) -> list[Place]:
    found = [step for requested in procedures for step in _steps_to_place(requested)]
    if len(found) == len(procedures) and all(step.part_id is None for step in found):
        return [Place(tuple(found), slot)]
    if len(procedures) > 1:
        raise InvalidInput("An exam of several parts is booked by itself: take it out of this appointment.")
    needs = needs_of(slot.resource.site, found)
    if not even_out_of_turn:
        require_turn(needs[0], slot)
    return completed(needs, slot, purposes_of(procedures))


def _steps_to_place(requested: RequestedProcedure) -> list[ScheduledProcedureStep]:
    steps = plan_steps(requested)
    free = [step for step in steps if STEP.within(step, "waiting") and not _held(step)]
    if not free:
        raise InvalidInput(f"Step {steps[0].sps_id} is booked or begun already. Move its appointment instead.")
    return free


def _held(step: ScheduledProcedureStep) -> bool:
    return step.appointment is not None and not APPOINTMENT.within(step.appointment, "missed")


def require_turn(need: Need, slot: Slot) -> None:
    """Raise InvalidInput when this part would begin too early or too late after the one before it."""
    rows = ScheduledProcedureStep.objects.filter(
        requested_procedure=need.step.requested_procedure_id, pk__lt=need.step.pk, appointment__isnull=False
    )
    before = rows.filter(appointment__state__in=APPOINTMENT.groups["holding"]).order_by("-pk").first()
    if before is None or before.appointment is None:
        return
    link, end = need.link_of_nothing, before.appointment.end
    if link.suits(end, slot.start):
        return
    zone = slot.resource.site.zone
    first, last = end + need.least, None if need.most is None else end + need.most
    words = f"{first.astimezone(zone):%a %d %b, %H:%M}" + (
        f" to {last.astimezone(zone):%H:%M}" if last else " or later"
    )
    raise InvalidInput(
        f"{need.demand.name} begins {words}, by the wait after the part before.", fields={"time": f"{words}."}
    )


def completed(needs: Sequence[Need], slot: Slot, purposes: Collection[str]) -> list[Place]:
    """The first need at the slot, the others as early as each may be. Raises Collision when they do not fit."""
    first = needs[0]
    place_of_first = Place((first.step,), slot, beside_of(first, slot, purposes))
    return [place_of_first, *following(needs[1:], slot.end, purposes)]


def following(needs: Sequence[Need], end: datetime, purposes: Collection[str]) -> list[Place]:
    """Each need as early as it may be after a part that ended then. Raises Collision when they do not fit."""
    if not needs:
        return []
    order = needs[0].step.requested_procedure.order
    begins = end.astimezone(order.site.zone)
    links = links_of(needs, order.patient.current, (begins.date(), last_day(needs, begins)), purposes)
    found = next(chains(links, links[0].window(end)), None)
    if found is None:
        raise Collision(
            f"After this time there is none for {needs[0].demand.name}. Nothing was changed: choose another.",
            fields={"time": "No room for what comes after it."},
        )
    return [
        Place((need.step,), Slot(resource=rooms[0], start=start, minutes=need.minutes), rooms[1:])
        for need, (rooms, start) in zip(needs, found, strict=True)
    ]


def beside_of(need: Need, slot: Slot, purposes: Collection[str], *, rather: Sequence[int] = ()) -> tuple[Resource, ...]:
    """What else a part takes: a set that is free as long as the slot lasts, `rather` these ids. Raises Collision.

    Its own room is asked by `hold`: in a lane beside it may well be taken.
    """
    if need.is_simple:
        return ()
    wanted, zone = Span.of(slot.start, slot.end), slot.resource.site.zone
    others = replace(need, choices=tuple(rooms[1:] for rooms in need.choices if rooms[0].pk == slot.resource.pk))
    days = slot.start.astimezone(zone).date(), slot.end.astimezone(zone).date()
    free = links_of([others], need.step.requested_procedure.order.patient.current, days, purposes)[0].free
    fitting = [rooms for rooms, spans in free.items() if any(span.holds(wanted) for span in spans)]
    if not fitting:
        raise Collision(
            f"{slot.resource}, or what {need.demand.name} needs beside it, is taken then. Nothing was changed.",
            fields={"time": "Not all that it needs is free."},
        )
    return next((rooms for rooms in fitting if [room.pk for room in rooms] == list(rather)), fitting[0])


def put_in_room(steps: Sequence[ScheduledProcedureStep], appointment: Appointment) -> None:
    """The device of the appointment's room finds these steps on its worklist."""
    for step in steps:
        step.start = appointment.start
        step.node = appointment.resource.node
        step.location = appointment.resource.name[:16]
        step.save(update_fields=["appointment", "start", "node", "location", "changed_at"])


def put_elsewhere(appointment: Appointment, slot: Slot, *, beside: Sequence[Resource] = ()) -> None:
    """A locked appointment gets another time; its worklist entries follow."""
    now = timezone.now()
    APPOINTMENT.advance(
        appointment, "move", resource=slot.resource, start=slot.start, end=slot.end,
        sequence=appointment.sequence + 1, placed_at=now,
    )  # fmt: skip
    slots.hold(appointment, slot, beside=beside)
    appointment.steps.update(
        start=slot.start, node=slot.resource.node, location=slot.resource.name[:16], changed_at=now
    )


def purposes_of(procedures: Sequence[RequestedProcedure]) -> Collection[str]:
    """The kept time that these orders may use."""
    return frozenset().union(*(PURPOSES_OF_PRIORITY.get(item.order.priority, ()) for item in procedures))
