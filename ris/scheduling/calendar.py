"""The booking calendar as its widget reads it: rooms, visits and closed times in wall-clock times of the site."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from ris.accounts.models import Site
from ris.core.errors import InvalidInput
from ris.scheduling.board import Visit, digest, visits_of
from ris.scheduling.capability import Demand, demand_of_step, unfit
from ris.scheduling.labels import state_words
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment, Opening, Resource
from ris.scheduling.opening import LAST_MINUTE, Shut, hours_of

WEEK = 7
MOST_DAYS = 14


@dataclass(frozen=True, slots=True)
class Period:
    """What the calendar shows: some days of a site, in all rooms or one."""

    site: Site
    first: date
    last: date
    rooms: Sequence[Resource]


def rooms_of(site: Site) -> list[Resource]:
    return list(Resource.objects.filter(site=site, active=True).select_related("site", "node"))


def week_of(day: date) -> tuple[date, date]:
    """Monday to Sunday."""
    first = day - timedelta(days=day.weekday())
    return first, first + timedelta(days=WEEK - 1)


def period(site: Site, first: str, last: str, room: str) -> Period:
    """What a request asks for; raises InvalidInput for what is no day, and for too many."""
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise InvalidInput("A day is written 2026-11-21.") from None
    if not 0 <= (end - begin).days < MOST_DAYS:
        raise InvalidInput("The calendar shows one to fourteen days.")
    rooms = rooms_of(site)
    return Period(site, begin, end, [item for item in rooms if str(item.pk) == room] if room else rooms)


def feed(shown: Period, *, may_book: bool) -> dict[str, Any]:
    """`version` and `events` as @event-calendar reads them; a constant number of queries."""
    ids = {room.pk for room in shown.rooms}
    visits = visits_of(shown.site, shown.first, shown.last)
    hours = hours_of(shown.site, ids, shown.first, shown.last)
    events = [_visit(row, shown, may_book=may_book) for row in visits if row.appointment.resource_id in ids]
    events += [_beside(row, room, shown) for row in visits for room in row.appointment.beside if room in ids]
    for room in shown.rooms:
        events += [_shut(room, shut, number) for number, shut in enumerate(hours.shut(room.pk))]
    return {"version": digest(events), "events": events}


def _visit(visit: Visit, shown: Period, *, may_book: bool) -> dict[str, Any]:
    row = visit.appointment
    steps = list(row.steps.all())
    movable = may_book and APPOINTMENT.allows(row, "move")
    return {
        "id": str(row.pk),
        "resourceId": str(row.resource_id),
        "start": wall(row.start, shown.site),
        "end": wall(row.end, shown.site),
        "title": row.patient.current.display_name,
        "editable": movable,
        "classNames": _classes(visit),
        "extendedProps": {
            "exam": ", ".join(step.description for step in steps),
            "state": visit.label or visit.lane or state_words(row),
            "url": reverse("scheduling:appointment", args=[row.pk]),
            "place": reverse("scheduling:calendar-place", args=[row.pk]) if movable else "",
            "was": token(row),
            "minutes": int((row.end - row.start).total_seconds() // 60),
            "refusals": refusals(shown.rooms, [demand_of_step(step) for step in steps]),
        },
    }


def _beside(visit: Visit, room_id: int, shown: Period) -> dict[str, Any]:
    """The same visit where it takes another resource: shown, and moved in its own room."""
    event = _visit(visit, shown, may_book=False)
    return {**event, "id": f"{event['id']}-beside-{room_id}", "resourceId": str(room_id),
            "classNames": [*event["classNames"], "visit--beside"]}  # fmt: skip


def _classes(visit: Visit) -> list[str]:
    extra = ["visit--late"] if visit.label else []
    return ["visit", f"visit--{visit.appointment.state}", *extra, *(["visit--lane"] if visit.lane else [])]


def _shut(room: Resource, shut: Shut, number: int) -> dict[str, Any]:
    return {
        "id": f"shut-{room.pk}-{number}",
        "resourceId": str(room.pk),
        "start": wall(shut.span.start, room.site),
        "end": wall(shut.span.end, room.site),
        "title": "" if shut.weekly else shut.reason,
        "display": "background",
        "classNames": ["shut", "shut--kept" if shut.purpose else "shut--closed"],
    }


def wall(moment: datetime, site: Site) -> str:
    """An instant as the clock on the site's wall shows it."""
    return moment.astimezone(site.zone).strftime("%Y-%m-%dT%H:%M:%S")


def token(appointment: Appointment) -> str:
    """Where an appointment stands; who moves it names this, so that nobody moves what has moved meanwhile."""
    return digest(
        appointment.resource_id, appointment.start.timestamp(), appointment.end.timestamp(), appointment.state
    )


def refusals(rooms: Iterable[Resource], demands: Sequence[Demand]) -> dict[str, str]:
    """Rooms that cannot do these exams, with the reason."""
    return {str(room.pk): words for room in rooms if (words := unfit(room, demands))}


def offset(site: Site) -> str:
    """The site's distance from UTC at this moment, as ±HH:MM: where the now-line stands."""
    text = timezone.localtime(timezone=site.zone).strftime("%z")
    return f"{text[:3]}:{text[3:5]}"


def daytime(rooms: Sequence[Resource]) -> tuple[str, str]:
    """The hours between which some room is open on some day, with an hour's margin; all day when one has none."""
    rows = list(Opening.objects.filter(resource__in=rooms).values_list("resource_id", "opens", "closes"))
    if {room.pk for room in rooms} - {room_id for room_id, _opens, _closes in rows}:
        return "00:00", "24:00"
    first, last = min(row[1] for row in rows), max(row[2] for row in rows)
    return f"{max(first.hour - 1, 0):02}:00", f"{_ceiling(last):02}:00"


def _ceiling(last: time) -> int:
    return 24 if last >= LAST_MINUTE else min(last.hour + 1 + bool(last.minute), 24)
