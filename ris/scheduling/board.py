"""The day board: rooms as columns, what is in them, what waits, whom to call back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from ris.accounts.models import Site, User
from ris.core.errors import NotPermitted
from ris.orders.questions import not_asked
from ris.scheduling.hours import day_bounds
from ris.scheduling.labels import attendance
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment, CallBack, Lane, Resource, ScheduledProcedureStep
from ris.scheduling.opening import Shut, hours_of

WAITING_SHOWN = 50
CALL_BACKS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment as the board shows it."""

    appointment: Appointment
    label: str
    lane: str
    missed: bool
    unasked: list[str]


@dataclass(frozen=True, slots=True)
class Column:
    room: Resource
    visits: list[Visit]
    notices: list[Shut]
    walk_ins: list[ScheduledProcedureStep]


def site_and_day(user: User, code: str, text: str) -> tuple[Site, date]:
    """The site and day that a request names, else the first of the user's and today there."""
    sites = Site.objects.filter(pk__in=user.sites_where("schedule.view"))
    site = sites.filter(code=code).first() or sites.first()
    if site is None:
        raise NotPermitted("The schedule is for those who work at a site.")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = timezone.localdate(timezone=site.zone)
    return site, day


def board_of(site: Site, day: date) -> dict[str, Any]:
    """Everything the board shows, in a constant number of queries."""
    visits = visits_of(site, day, day)
    rooms = list(Resource.objects.filter(site=site, active=True).select_related("site", "node"))
    hours = hours_of(site, [room.pk for room in rooms], day, day)
    walked_in = walk_ins_of(site, day)
    columns = [
        Column(
            room,
            [
                visit
                for visit in visits
                if visit.appointment.resource_id == room.pk or room.pk in visit.appointment.beside
            ],
            [shut for shut in hours.shut(room.pk) if not shut.weekly],
            [step for step in walked_in if (step.node_id, step.location) == (room.node_id, room.name[:16])],
        )
        for room in rooms
    ]
    return {
        "site": site,
        "day": day,
        "previous": day - timedelta(days=1),
        "next": day + timedelta(days=1),
        "today": timezone.localdate(timezone=site.zone),
        "columns": columns,
        "waiting": waiting_of(site),
        "call_backs": call_backs_of(site),
    }


def visits_of(site: Site, first: date, last: date) -> list[Visit]:
    """Appointments of a site from one day to another, both included: five queries."""
    rows = list(Appointment.objects.for_day_board(site, day_bounds(site, first)[0], day_bounds(site, last)[1]))
    unasked = not_asked(step.requested_procedure for row in rows for step in row.steps.all())
    lanes = {(lane.resource_id, lane.number): lane.name for lane in Lane.objects.filter(resource__site=site)}
    now = timezone.now()
    return [
        Visit(
            row,
            attendance(row, now),
            lanes.get((row.resource_id, row.reservation.lane), ""),
            APPOINTMENT.within(row, "missed"),
            _unasked(row, unasked) if APPOINTMENT.within(row, "coming") else [],
        )
        for row in rows
    ]


def _unasked(row: Appointment, by_order: dict[int, list[str]]) -> list[str]:
    """Each label once, for the exams of one appointment."""
    orders = {step.requested_procedure.order_id for step in row.steps.all()}
    return list(dict.fromkeys(label for pk in orders for label in by_order.get(pk, [])))


def walk_ins_of(site: Site, day: date) -> list[ScheduledProcedureStep]:
    """Who was sent to a room without an appointment that day."""
    rows = ScheduledProcedureStep.objects.walked_in(site, *day_bounds(site, day))
    return list(
        rows.select_related("requested_procedure__procedure", "requested_procedure__order__patient__merged_into")
    )


def waiting_of(site: Site) -> list[ScheduledProcedureStep]:
    """What is to be scheduled; of an exam in parts the first, with which the others are booked."""
    related = ("part", "requested_procedure__procedure", "requested_procedure__order__patient__merged_into")
    rows = ScheduledProcedureStep.objects.to_be_scheduled(site).first_of_each().select_related(*related)
    return list(rows.order_by("pk")[:WAITING_SHOWN])


def call_backs_of(site: Site) -> list[CallBack]:
    """Whose appointment was given to somebody else, and who has no new one."""
    rows = CallBack.objects.filter(site=site, done_at__isnull=True).select_related("appointment__patient__merged_into")
    return list(rows.prefetch_related("procedures__procedure")[:CALL_BACKS_SHOWN])


def version_of(board: dict[str, Any]) -> str:
    """Changes whenever the board would look different."""
    columns = [
        ([seen(visit) for visit in column.visits], column.notices, [(step.pk, step.state) for step in column.walk_ins])
        for column in board["columns"]
    ]
    waiting = [step.pk for step in board["waiting"]]
    calls = [call.pk for call in board["call_backs"]]
    return digest(board["day"], columns, waiting, calls)


def seen(visit: Visit) -> tuple[object, ...]:
    """All of a visit that shows."""
    row = visit.appointment
    steps = [(step.pk, step.state) for step in row.steps.all()]
    return (
        row.pk,
        row.state,
        row.start.isoformat(),
        row.end.isoformat(),
        row.resource_id,
        row.patient.current.display_name,
        visit.label,
        visit.lane,
        visit.unasked,
        row.beside,
        steps,
    )


def digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
