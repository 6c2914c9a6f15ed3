"""Days and hours in site time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from ris.accounts.models import Site
from ris.core.errors import InvalidInput

# Bookings further away are slips of the keyboard; the calendar's own ends also break time zone arithmetic.
HORIZON = timedelta(days=20 * 366)


def require_near(day: date) -> None:
    """Raise InvalidInput for a day that is decades away."""
    if abs(day - timezone.now().date()) > HORIZON:
        raise InvalidInput("That day is too far away. Check the year.", fields={"day": "More than 20 years from now."})


def day_bounds(site: Site, day: date) -> tuple[datetime, datetime]:
    """The instants at which a site's day begins and ends; 23 or 25 hours apart when clocks change.

    Raises InvalidInput for a day decades away.
    """
    require_near(day)
    first = datetime.combine(day, time(), tzinfo=site.zone)
    return first, datetime.combine(day + timedelta(days=1), time(), tzinfo=site.zone)


def at_site(site: Site, day: date, clock: time) -> datetime:
    """A wall-clock time at a site as an instant; raises InvalidInput in the gap of spring, or decades away.

    In the hour that autumn has twice the first is meant; `clock.fold` 1 means the second.
    """
    require_near(day)
    local = datetime.combine(day, clock, tzinfo=site.zone)
    back = local.astimezone(UTC).astimezone(site.zone)
    if back.replace(tzinfo=None, fold=0) != local.replace(tzinfo=None, fold=0):
        raise InvalidInput(
            "This hour does not exist: clocks go forward.", fields={"time": f"{clock:%H:%M} is skipped on {day}."}
        )
    return local


def is_doubled(moment: datetime) -> bool:
    """Whether this wall-clock time comes twice that day: the hour that autumn repeats."""
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset() and _exists(moment)


def _exists(moment: datetime) -> bool:
    back = moment.astimezone(UTC).astimezone(moment.tzinfo)
    return back.replace(tzinfo=None, fold=0) == moment.replace(tzinfo=None, fold=0)


def after(start: datetime, minutes: int) -> datetime:
    """So many true minutes later, in the zone of `start`: wall-clock arithmetic would be wrong when clocks change."""
    return (start.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(start.tzinfo)


def series(site: Site, first: date, clock: time, weeks: int) -> list[datetime]:
    """The same weekday and wall-clock time for so many weeks: what begins at 08:00 stays at 08:00."""
    return [at_site(site, first + timedelta(weeks=number), clock) for number in range(weeks)]
