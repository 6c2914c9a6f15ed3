"""The parts of one exam keep together: what follows when one of them moves, goes, or is missed and found again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ris.scheduling.actions import slots
from ris.scheduling.actions.placing import Place, beside_of, following, make, put_elsewhere, require_turn
from ris.scheduling.actions.slots import Slot
from ris.scheduling.chains import Link
from ris.scheduling.lifecycle import APPOINTMENT, STEP
from ris.scheduling.models import Appointment, ScheduledProcedureStep, StepQuerySet
from ris.scheduling.parts import Need, Rooms, links_of, needs_of
from ris.scheduling.spans import Span

RELATED = ("part", "requested_procedure__procedure", "requested_procedure__order__patient",
           "requested_procedure__order__site")  # fmt: skip


def parts_beside(appointment_id: int) -> StepQuerySet:
    """Steps of the same exam in other appointments that are still to come and have not begun."""
    mine = ScheduledProcedureStep.objects.filter(appointment=appointment_id, part__isnull=False)
    coming = {"appointment__state__in": APPOINTMENT.groups["coming"], "state__in": STEP.groups["waiting"]}
    rows = ScheduledProcedureStep.objects.filter(requested_procedure__in=mine.values("requested_procedure"), **coming)
    return rows.exclude(appointment=appointment_id).order_by("pk")


def others_of(appointment: Appointment) -> list[Appointment]:
    """Those appointments, in the order of the parts. Held, once `locked` has run."""
    ids = list(parts_beside(appointment.pk).values_list("appointment_id", flat=True))
    found = Appointment.objects.select_related("resource__site", "patient").in_bulk(ids)
    return [found[pk] for pk in ids]


def part_of(appointment: Appointment) -> ScheduledProcedureStep | None:
    """The part that is done in it, if the exam has parts."""
    return appointment.steps.filter(part__isnull=False).select_related(*RELATED).first()


def move_part(
    appointment: Appointment, step: ScheduledProcedureStep, slot: Slot, purposes: frozenset[str]
) -> list[Appointment]:
    """Move one part; later ones that would come too early or too late move along. Returns those.

    Raises InvalidInput when it would leave the part before it behind, Collision when something is taken.
    """
    need = replace(needs_of(appointment.site, [step])[0], minutes=slot.minutes)
    require_turn(need, slot)
    later = _later(appointment, step)
    wanted = [_as_long(need, other) for need, other in zip(_needs(later), later, strict=True)]
    delta, stay = slot.start - appointment.start, _still_suits(wanted, later, slot.end)
    slots.queue_for_any(appointment.site_id, appointment.patient.current)
    slots.release(appointment)
    for other in [] if stay else later:
        slots.release(other)
    put_elsewhere(appointment, slot, beside=beside_of(need, slot, purposes, rather=appointment.beside))
    if stay:
        return []
    for other, place in zip(later, _along(wanted, later, (slot.end, delta), purposes), strict=True):
        put_elsewhere(other, place.slot, beside=place.beside)
    return later


def place_rest(appointment: Appointment, step: ScheduledProcedureStep, purposes: frozenset[str]) -> list[Appointment]:
    """New appointments for the parts after this one that have none. Raises Collision when they do not fit."""
    rows = ScheduledProcedureStep.objects.filter(
        requested_procedure=step.requested_procedure, pk__gt=step.pk, appointment__isnull=True,
        state__in=STEP.groups["waiting"],
    )  # fmt: skip
    rest = list(rows.select_related(*RELATED).order_by("pk"))
    return make(following(needs_of(appointment.site, rest), appointment.end, purposes), appointment.patient)


def _later(appointment: Appointment, step: ScheduledProcedureStep) -> list[Appointment]:
    behind = set(parts_beside(appointment.pk).filter(pk__gt=step.pk).values_list("appointment_id", flat=True))
    return [other for other in others_of(appointment) if other.pk in behind]


def _needs(appointments: Sequence[Appointment]) -> list[Need]:
    steps = [step for other in appointments if (step := part_of(other)) is not None]
    return needs_of(appointments[0].site, steps) if steps else []


def _as_long(need: Need, other: Appointment) -> Need:
    return replace(need, minutes=int((other.end - other.start).total_seconds() // 60))


def _still_suits(needs: Sequence[Need], later: Sequence[Appointment], end: datetime) -> bool:
    for need, other in zip(needs, later, strict=True):
        if not need.link_of_nothing.suits(end, other.start):
            return False
        end = other.end
    return True


def _along(
    needs: Sequence[Need], later: Sequence[Appointment], moved: tuple[datetime, timedelta], purposes: frozenset[str]
) -> list[Place]:
    """By as much as the first, in the same rooms; where that is taken, at the first times that suit."""
    end, delta = moved
    zone, patient = later[0].site.zone, later[0].patient.current
    days = [(other.start + delta).astimezone(zone).date() for other in later]
    links = links_of(needs, patient, (min(days), max(days)), purposes)
    shifted = []
    for need, link, other in zip(needs, links, later, strict=True):
        place = _shifted(need, link, other, delta)
        if place is None or not link.suits(end, place.slot.start):
            return following(needs, moved[0], purposes)
        shifted.append(place)
        end = place.slot.end
    return shifted


def _shifted(need: Need, link: Link[Rooms], other: Appointment, delta: timedelta) -> Place | None:
    held = [other.resource_id, *other.beside]
    rooms = next((choice for choice in link.free if [room.pk for room in choice] == held), None)
    slot = Slot(resource=other.resource, start=other.start + delta, minutes=need.minutes)
    if rooms is None or not any(span.holds(Span.of(slot.start, slot.end)) for span in link.free[rooms]):
        return None
    return Place((need.step,), slot, rooms[1:])
