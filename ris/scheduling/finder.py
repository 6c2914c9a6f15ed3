"""The first free times for an exam."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from ris.accounts.models import Site
from ris.core.errors import NotFound
from ris.orders.models import RequestedProcedure
from ris.scheduling.actions.placing import purposes_of
from ris.scheduling.capability import demand_of, unfit
from ris.scheduling.chains import Link, chains
from ris.scheduling.hours import day_bounds
from ris.scheduling.models import Resource, ScheduledProcedureStep
from ris.scheduling.opening import hours_of, taken
from ris.scheduling.parts import Need, Rooms, last_day, links_of, needs_of, patient_elsewhere
from ris.scheduling.spans import Offer, Span, first_free, without

DAYS_SEARCHED = 60
OFFERED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """From which day on, not before which hour of each day, on which weekday (None: any; 0 is Monday)."""

    first: date
    after: time = time()
    weekday: int | None = None


def offers(
    requested: RequestedProcedure, rooms: Sequence[Resource], wish: Wish, *, minutes: int | None = None
) -> list[Offer[Resource]]:
    """The first times at which a room, and the patient, are free; at most five. Eight queries, however many rooms.

    Of an exam in several parts only times after which the others find theirs.
    """
    site = requested.order.site
    related = ("part", "requested_procedure__procedure", "requested_procedure__order__patient",
               "requested_procedure__order__site")  # fmt: skip
    steps = list(requested.steps.unplaced().select_related(*related).order_by("pk"))
    if any(step.part_id for step in steps):
        return _of_parts(needs_of(site, steps), rooms, wish)
    rooms = [room for room in rooms if not unfit(room, [demand_of(requested.procedure)])]
    last = wish.first + timedelta(days=DAYS_SEARCHED - 1)
    days = [wish.first + timedelta(days=number) for number in range(DAYS_SEARCHED)]
    days = [day for day in days if wish.weekday in (None, day.weekday())]
    room_ids = [room.pk for room in rooms]
    hours, (start, end) = hours_of(site, room_ids, wish.first, last), _bounds(requested, wish.first, last)
    booked, elsewhere, purposes = (
        taken(room_ids, start, end),
        patient_elsewhere(requested.order.patient, start, end),
        purposes_of([requested]),
    )
    gaps = [
        {room: without(hours.free(room.pk, day, purposes=purposes), [*booked[room.pk], *elsewhere]) for room in rooms}
        for day in days
    ]
    length = timedelta(minutes=minutes or requested.procedure.duration_minutes)
    return first_free(gaps, [_suits(site, day, wish.after) for day in days], length, most=OFFERED)


def next_of(requested: RequestedProcedure) -> ScheduledProcedureStep:
    """The step that is booked next: the first that waits, else the last. Raises NotFound when there is none."""
    steps = requested.steps.select_related("part", "requested_procedure__procedure").order_by("pk")
    found = steps.unplaced().first() or steps.last()
    if found is None:
        raise NotFound("There is nothing to be booked of this order.")
    return found


def rooms_of(site: Site, modality: str) -> QuerySet[Resource]:
    """The rooms of a site that are in use and have such a device."""
    return Resource.objects.filter(site=site, modality=modality, active=True).select_related("site", "node")


def wish_of(zone: ZoneInfo, *, first: date | None, after: time | None, weekday: int | None) -> Wish:
    """What a person or a program wishes; a day that is over is today."""
    today = timezone.localdate(timezone=zone)
    return Wish(first=max(first or today, today), after=after or time(), weekday=weekday)


def _of_parts(needs: list[Need], rooms: Sequence[Resource], wish: Wish) -> list[Offer[Resource]]:
    """Beginnings in order, each with the earliest end; the next one is offered for after it."""
    order, wanted = needs[0].step.requested_procedure.order, {room.pk for room in rooms}
    last = wish.first + timedelta(days=DAYS_SEARCHED - 1)
    days = [wish.first + timedelta(days=number) for number in range(DAYS_SEARCHED)]
    until = last_day(needs, day_bounds(order.site, last)[1])
    links = links_of(
        needs, order.patient.current, (wish.first, until), purposes_of([needs[0].step.requested_procedure])
    )
    links[0] = replace(
        links[0], free={choice: spans for choice, spans in links[0].free.items() if choice[0].pk in wanted}
    )
    found: list[Offer[Resource]] = []
    for day in days:
        if wish.weekday not in (None, day.weekday()) or len(found) == OFFERED:
            continue
        suits = _suits(order.site, day, wish.after)
        found += _of_day(links, suits)[: OFFERED - len(found)]
    return found


def _of_day(links: list[Link[Rooms]], suits: Span) -> list[Offer[Resource]]:
    """At most two a day, the second after the first part of the first."""
    found: list[Offer[Resource]] = []
    for chain in chains(links, suits):
        (choice, start), rest = chain[0], chain[1:]
        if not found or start >= found[-1].start + links[0].length:
            found.append(Offer(choice[0], start, timedelta(), tuple((rooms[0], begins) for rooms, begins in rest)))
        if len(found) == 2:
            break
    return found


def _bounds(requested: RequestedProcedure, first: date, last: date) -> tuple[datetime, datetime]:
    site = requested.order.site
    return day_bounds(site, first)[0], day_bounds(site, last)[1]


def _suits(site: Site, day: date, after: time) -> Span:
    """The hours of a day that suit: not before the wish, not in the past."""
    begins = max(Span.of(datetime.combine(day, after, tzinfo=site.zone), timezone.now()).start, timezone.now())
    return Span.of(begins, day_bounds(site, day)[1])
