"""When rooms are open: hours, closures, holidays, what is kept. All rooms in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from ris.accounts.models import Site
from ris.core.errors import InvalidInput
from ris.scheduling.hours import day_bounds
from ris.scheduling.models import Block, Closure, Holiday, Opening, Reservation, Resource
from ris.scheduling.spans import Span, without

# Hours are typed to the minute; one before midnight means midnight.
LAST_MINUTE = time(23, 59)


@dataclass(frozen=True, slots=True)
class Shut:
    """A time at which a room is not for everybody, and why. `purpose` is empty when it is for nobody."""

    span: Span
    reason: str
    purpose: str = ""
    weekly: bool = False


@dataclass(frozen=True, slots=True)
class Hours:
    """What `hours_of` found, by room."""

    site: Site
    days: list[date]
    openings: dict[int, list[Opening]] = field(default_factory=lambda: defaultdict(list))
    closures: dict[int, list[Closure]] = field(default_factory=lambda: defaultdict(list))
    blocks: dict[int, list[Block]] = field(default_factory=lambda: defaultdict(list))
    holidays: dict[date, str] = field(default_factory=dict)

    def shut(self, room_id: int) -> list[Shut]:
        """Why the room cannot simply be booked, day by day, in order."""
        found = [shut for day in self.days for shut in self._of_day(room_id, day)]
        found += [Shut(Span.of(row.start, row.end), row.reason) for row in self.closures[room_id]]
        found += [Shut(Span.of(row.start, row.end), str(row), row.purpose) for row in self.blocks[room_id]]
        return sorted(found, key=lambda shut: shut.span)

    def free(self, room_id: int, day: date, *, purposes: Collection[str] = ()) -> list[Span]:
        """What is open on one of the days; what is kept for one of `purposes` counts as open."""
        shut = [item.span for item in self.shut(room_id) if not item.purpose or item.purpose not in purposes]
        return without([Span.of(*day_bounds(self.site, day))], shut)

    def _of_day(self, room_id: int, day: date) -> Iterator[Shut]:
        whole = Span.of(*day_bounds(self.site, day))
        if day in self.holidays:
            yield Shut(whole, self.holidays[day])
        elif hours := self.openings[room_id]:
            today = [row for row in hours if row.weekday == day.weekday()]
            words = ", ".join(f"{row.opens:%H:%M} to {row.closes:%H:%M}" for row in today)
            reason = f"open {words}" if words else "closed on this weekday"
            for span in without([whole], [_span(self.site, day, row) for row in today]):
                yield Shut(span, reason, weekly=True)


def _span(site: Site, day: date, row: Opening) -> Span:
    last = row.closes >= LAST_MINUTE
    closes = day_bounds(site, day)[1] if last else datetime.combine(day, row.closes, tzinfo=site.zone)
    return Span.of(datetime.combine(day, row.opens, tzinfo=site.zone), closes)


def hours_of(site: Site, room_ids: Collection[int], first: date, last: date) -> Hours:
    """Hours of rooms of one site from one day to another, both included: four queries."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = Hours(site, days)
    start, end = day_bounds(site, first)[0], day_bounds(site, last)[1]
    within = {"resource__in": room_ids, "start__lt": end, "end__gt": start}
    for opening in Opening.objects.filter(resource__in=room_ids):
        found.openings[opening.resource_id].append(opening)
    for closure in Closure.objects.filter(**within):
        found.closures[closure.resource_id].append(closure)
    for block in Block.objects.filter(**within):
        found.blocks[block.resource_id].append(block)
    found.holidays.update(Holiday.objects.filter(site=site, day__in=days).values_list("day", "name"))
    return found


def taken(room_ids: Collection[int], first: datetime, last: datetime) -> dict[int, list[Span]]:
    """What is booked in the rooms' own lanes."""
    rows = Reservation.objects.filter(resource__in=room_ids, lane=0, active=True, start__lt=last, end__gt=first)
    found: dict[int, list[Span]] = defaultdict(list)
    for room_id, start, end in rows.values_list("resource_id", "start", "end"):
        found[room_id].append(Span.of(start, end))
    return found


def require_open(
    resource: Resource, start: datetime, end: datetime, *, purposes: Iterable[str] = (), even_kept: bool = False
) -> None:
    """Raise InvalidInput, with the reason, when the room is closed or kept for something else for part of the time."""
    zone, span, allowed = resource.site.zone, Span.of(start, end), set(purposes)
    hours = hours_of(resource.site, [resource.pk], start.astimezone(zone).date(), end.astimezone(zone).date())
    for shut in hours.shut(resource.pk):
        if not shut.span.meets(span) or (shut.purpose and (even_kept or shut.purpose in allowed)):
            continue
        if shut.purpose:
            raise InvalidInput(f"{resource} is {shut.reason} then.", fields={"time": _capital(shut.reason)})
        words = f"is not open then: {shut.reason}" if shut.weekly else f"is closed then: {shut.reason}"
        raise InvalidInput(f"{resource} {words}.", fields={"time": _capital(shut.reason)})


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
