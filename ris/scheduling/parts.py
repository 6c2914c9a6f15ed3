"""The parts of an exam on the calendar: what each needs, and the first times at which all of them fit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product, takewhile

from ris.accounts.models import Site
from ris.orders.models import ProcedurePart
from ris.patients.models import Patient
from ris.scheduling.capability import Demand, demand_of
from ris.scheduling.chains import NO_LIMIT, Link, common
from ris.scheduling.hours import day_bounds
from ris.scheduling.models import Reservation, Resource, ScheduledProcedureStep
from ris.scheduling.opening import Hours, hours_of, taken
from ris.scheduling.spans import Span, joined, without

Rooms = tuple[Resource, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """One step: how long, how long after the one before, and which rooms together would do (its own first)."""

    step: ScheduledProcedureStep
    demand: Demand
    minutes: int
    least: timedelta
    most: timedelta | None
    choices: tuple[Rooms, ...]

    @property
    def is_simple(self) -> bool:
        return all(len(rooms) == 1 for rooms in self.choices)

    @property
    def link_of_nothing(self) -> Link[Rooms]:
        """To ask whether a wait suits."""
        return Link({}, timedelta(minutes=self.minutes), self.least, self.most)

    def link(self, free: dict[int, list[Span]]) -> Link[Rooms]:
        """With what is free in each room, by id."""
        return Link(
            {rooms: _together(rooms, free) for rooms in self.choices},
            timedelta(minutes=self.minutes), self.least, self.most,
        )  # fmt: skip


def _together(rooms: Rooms, free: dict[int, list[Span]]) -> list[Span]:
    found = free[rooms[0].pk]
    for room in rooms[1:]:
        found = common(found, free[room.pk])
    return found


def needs_of(site: Site, steps: Sequence[ScheduledProcedureStep]) -> list[Need]:
    """In the order of the steps; two queries. Reads procedure and part of each: select them."""
    rooms = list(Resource.objects.filter(site=site, active=True).select_related("site", "node"))
    procedures = {step.requested_procedure.procedure_id for step in steps}
    parts = list(ProcedurePart.objects.filter(procedure__in=procedures))
    return [_need(step, rooms, parts) for step in steps]


def _need(step: ScheduledProcedureStep, rooms: list[Resource], parts: list[ProcedurePart]) -> Need:
    procedure, part = step.requested_procedure.procedure, step.part
    demand = demand_of(procedure, part)
    all_demands = [demand, *(demand_of(procedure, row) for row in _beside(part, parts))]
    fitting = [[room for room in rooms if not item.unmet_by(room)] for item in all_demands]
    choices = tuple(rooms for rooms in product(*fitting) if len(set(rooms)) == len(rooms))
    if part is None:
        return Need(step, demand, procedure.duration_minutes, timedelta(), None, choices)
    most = None if part.gap_max_minutes is None else timedelta(minutes=part.gap_max_minutes)
    return Need(step, demand, part.duration_minutes, timedelta(minutes=part.gap_min_minutes), most, choices)


def _beside(part: ProcedurePart | None, parts: list[ProcedurePart]) -> list[ProcedurePart]:
    """Those right behind it that stand beside it."""
    if part is None:
        return []
    behind = [row for row in parts if row.procedure_id == part.procedure_id and row.position > part.position]
    return list(takewhile(lambda row: row.beside, behind))


def links_of(
    needs: Sequence[Need], patient: Patient, days: tuple[date, date], purposes: Collection[str]
) -> list[Link[Rooms]]:
    """What is free for each need from one day to another, both included, while the patient is nowhere else."""
    rooms = {room.pk: room for need in needs for choice in need.choices for room in choice}
    if not rooms:
        return [need.link({}) for need in needs]
    site = next(iter(rooms.values())).site
    hours = hours_of(site, rooms, *days)
    start, end = day_bounds(site, days[0])[0], day_bounds(site, days[1])[1]
    booked, elsewhere = taken(rooms, start, end), patient_elsewhere(patient, start, end)
    free = {pk: without(joined(_open(hours, pk, purposes)), [*booked[pk], *elsewhere]) for pk in rooms}
    return [need.link(free) for need in needs]


def _open(hours: Hours, room_id: int, purposes: Collection[str]) -> Iterator[Span]:
    for day in hours.days:
        yield from hours.free(room_id, day, purposes=purposes)


def patient_elsewhere(patient: Patient, start: datetime, end: datetime) -> list[Span]:
    """When the person is booked, at any site."""
    family = Patient.objects.family(patient)
    rows = Reservation.objects.filter(
        appointment__patient__in=family, main=True, active=True, start__lt=end, end__gt=start
    )
    return [Span.of(*pair) for pair in rows.values_list("start", "end")]


def last_day(needs: Sequence[Need], start: datetime) -> date:
    """By when the last of them must have begun."""
    waits = [need.most if need.most is not None else NO_LIMIT for need in needs[1:]]
    lengths = [timedelta(minutes=need.minutes) for need in needs]
    return (start + sum(waits + lengths, timedelta())).date()
