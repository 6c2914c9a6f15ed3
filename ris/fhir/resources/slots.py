"""Slot: computed from hours, closures and bookings, not stored; its id says room and span."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from django.http import QueryDict
from django.utils import timezone

from ris.accounts.models import User
from ris.core.errors import NotFound
from ris.core.http import get_or_404
from ris.fhir.house import house
from ris.fhir.mapping.appointment import slot, slot_of_key
from ris.fhir.mapping.datatypes import Json
from ris.fhir.resources.station import NOWHERE, Asked, Page, Station
from ris.fhir.search.parameters import Code, Moment, Reference
from ris.fhir.search.values import Span as AskedSpan
from ris.fhir.search.values import Wrong, key_of
from ris.scheduling.hours import HORIZON
from ris.scheduling.models import Resource
from ris.scheduling.opening import hours_of, taken
from ris.scheduling.spans import Span, joined, without

USUAL_DAYS: Final = 7
MOST_DAYS: Final = 62


class SlotStation(Station):
    type = "Slot"
    needs = "schedule.view"
    what = (
        "The free and the taken time of one room: free ones are as long as nothing stands in them. "
        f"`schedule` is needed; without `start` the next {USUAL_DAYS} days, at most {MOST_DAYS}."
    )
    parameters = (
        Reference(name="schedule", what="Of which room.", targets=("Schedule",), element="schedule"),
        Moment(name="start", what="From when until when, as start=ge2027-03-05&start=lt2027-03-12."),
        Code(
            name="status",
            what="free or busy.",
            codes={"free": ["free"], "busy": ["busy"]},
            others=("busy-unavailable", "busy-tentative", "entered-in-error"),
        ),
    )

    usual = "start"

    def read(self, user: User, key: str, options: QueryDict) -> Json:
        named = slot_of_key(key)
        if named is None or abs(named[1] - timezone.now()) > HORIZON or named[2] - named[1] > timedelta(days=MOST_DAYS):
            raise NotFound(NOWHERE)
        number, start, end = named
        room = get_or_404(Resource.objects.visible_to(user).select_related("site"), number)
        open_ = any(span.holds(Span.of(start, end)) for span in _free(room, start, end))
        return slot(number, start, end, free=open_)

    def some(self, user: User, keys: Iterable[str]) -> list[Json]:
        """Of appointments: each takes its own, so none is asked whether it is free."""
        named = [found for key in keys if (found := slot_of_key(key))]
        rows = Resource.objects.visible_to(user).filter(pk__in={one[0] for one in named})
        rooms = set(rows.values_list("pk", flat=True))
        return [slot(*one, free=False) for one in named if one[0] in rooms]

    def search(self, user: User, asked: Asked) -> Page:
        rooms, bounds, states = _understood(asked)
        rows = Resource.objects.visible_to(user).filter(pk__in=rooms, active=True).select_related("site")
        found = [one for room in rows for one in _of_room(room, *bounds) if one["status"] in states]
        found.sort(key=lambda one: (one["start"], one["id"]))
        if not asked.count:
            return Page([], len(found))
        first = _first(asked.cursor)
        page = found[first : first + asked.count]
        more = first + asked.count < len(found)
        return Page(page, len(found), str(first + asked.count) if more else "")


def _first(cursor: str) -> int:
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise Wrong("_cursor", "Follow the link to the next page instead.")
    return int(cursor or 0)


def _understood(asked: Asked) -> tuple[list[int], tuple[datetime, datetime], set[str]]:
    """Rooms, from when until when, and which states. Raises Wrong."""
    said: dict[str, list[str]] = {}
    starts: list[AskedSpan] = []
    for parameter, text in asked.tests:
        if isinstance(parameter, Moment):
            starts.append(parameter.span_of(text))
        elif not isinstance(parameter, Reference):
            parameter.asks(text)
        said.setdefault(parameter.name, []).append(text)
    named = [each for text in said.get("schedule", []) for each in text.split(",")]
    rooms = [key_of("schedule", each, ("Schedule",), house().base) for each in named]
    if not rooms:
        raise Wrong("schedule", "Name the room, as schedule=Schedule/3.")
    states = {each.rpartition("|")[2] for text in said.get("status", ["free,busy"]) for each in text.split(",")}
    return rooms, _bounds(starts), states


def _bounds(spans: list[AskedSpan]) -> tuple[datetime, datetime]:
    low, high = timezone.now(), None
    for asked in spans:
        if asked.prefix in ("eq", "ge"):
            low = max(low, asked.low)
        elif asked.prefix in ("gt", "sa"):
            low = max(low, asked.high)
        if asked.prefix in ("lt", "eb"):
            high = asked.low if high is None else min(high, asked.low)
        elif asked.prefix in ("eq", "le"):
            high = asked.high if high is None else min(high, asked.high)
        elif asked.prefix == "ne":
            raise Wrong("start", "ne makes no sense here.")
    high = low + timedelta(days=USUAL_DAYS) if high is None else high
    if high - low > timedelta(days=MOST_DAYS) or low - timezone.now() > HORIZON:
        raise Wrong("start", f"At most {MOST_DAYS} days at once, as start=ge2027-03-05&start=lt2027-03-12.")
    return low.astimezone(UTC), high.astimezone(UTC)


def _of_room(room: Resource, low: datetime, high: datetime) -> list[Json]:
    if high <= low:
        return []
    free = [slot(room.pk, one.start, one.end, free=True) for one in _free(room, low, high) if _minute_long(one)]
    busy = [one for one in taken([room.pk], low, high)[room.pk] if _minute_long(one)]
    return [*free, *(slot(room.pk, one.start, one.end, free=False) for one in busy)]


def _minute_long(span: Span) -> bool:
    return span.length >= timedelta(minutes=1)


def _free(room: Resource, low: datetime, high: datetime) -> list[Span]:
    """What is open and not booked, in whole minutes."""
    zone = room.site.zone
    first, last = low.astimezone(zone).date(), high.astimezone(zone).date()
    hours, booked = hours_of(room.site, [room.pk], first, last), taken([room.pk], low, high)[room.pk]
    spans = [span for day in hours.days for span in without(hours.free(room.pk, day), booked)]
    wanted = Span.of(_up(low), high)
    return joined(part for span in spans if (part := span.cut(wanted)))


def _up(moment: datetime) -> datetime:
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)
