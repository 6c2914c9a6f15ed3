"""Who has an appointment in time that is closed now: nobody is moved by closing a room, so somebody calls them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from ris.core.errors import InvalidInput
from ris.scheduling.hours import day_bounds
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment, Block, Closure, Holiday, Resource
from ris.scheduling.opening import require_open

MOST_CHECKED = 500


def booked_in(row: Closure | Block | Holiday) -> QuerySet[Appointment]:
    """Those who are to come within a closure, kept time or holiday."""
    rows = Appointment.objects.filter(state__in=APPOINTMENT.groups["coming"])
    if isinstance(row, Holiday):
        first, last = day_bounds(row.site, row.day)
        return rows.filter(site=row.site, start__lt=last, end__gt=first)
    return rows.filter(resource=row.resource, start__lt=row.end, end__gt=row.start)


def booked_outside(room: Resource) -> int:
    """How many of the next 500 who are to come stand outside the room's hours as they are now."""
    rows = Appointment.objects.filter(resource=room, state__in=APPOINTMENT.groups["coming"], end__gte=timezone.now())
    return sum(not _is_open(room, row) for row in rows[:MOST_CHECKED])


def _is_open(room: Resource, row: Appointment) -> bool:
    try:
        require_open(room, row.start, row.end, even_kept=True)
    except InvalidInput:
        return False
    return True
