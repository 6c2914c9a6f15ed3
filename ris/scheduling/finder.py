"""The first free times for an exam."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from ris.orders.models import RequestedProcedure
from ris.patients.models import Patient
from ris.scheduling.actions.appointments import purposes_of
from ris.scheduling.capability import refusal
from ris.scheduling.hours import day_bounds
from ris.scheduling.models import Reservation, Resource
from ris.scheduling.opening import hours_of, taken
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
    """The first times at which a room, and the patient, are free; at most five. Seven queries, however many rooms."""
    site = requested.order.site
    rooms = [room for room in rooms if not refusal(room, [requested.procedure])]
    last = wish.first + timedelta(days=DAYS_SEARCHED - 1)
    days = [wish.first + timedelta(days=number) for number in range(DAYS_SEARCHED)]
    days = [day for day in days if wish.weekday in (None, day.weekday())]
    room_ids = [room.pk for room in rooms]
    hours, (start, end) = hours_of(site, room_ids, wish.first, last), _bounds(requested, wish.first, last)
    booked, elsewhere, purposes = (
        taken(room_ids, start, end),
        _of_patient(requested, start, end),
        purposes_of([requested]),
    )
    gaps = [
        {room: without(hours.free(room.pk, day, purposes=purposes), [*booked[room.pk], *elsewhere]) for room in rooms}
        for day in days
    ]
    length = timedelta(minutes=minutes or requested.procedure.duration_minutes)
    return first_free(gaps, [_suits(requested, day, wish.after) for day in days], length, most=OFFERED)


def _bounds(requested: RequestedProcedure, first: date, last: date) -> tuple[datetime, datetime]:
    site = requested.order.site
    return day_bounds(site, first)[0], day_bounds(site, last)[1]


def _suits(requested: RequestedProcedure, day: date, after: time) -> Span:
    """The hours of a day that suit: not before the wish, not in the past."""
    site = requested.order.site
    begins = max(Span.of(datetime.combine(day, after, tzinfo=site.zone), timezone.now()).start, timezone.now())
    return Span.of(begins, day_bounds(site, day)[1])


def _of_patient(requested: RequestedProcedure, start: datetime, end: datetime) -> list[Span]:
    family = Patient.objects.family(requested.order.patient)
    rows = Reservation.objects.filter(patient__in=family, active=True, start__lt=end, end__gt=start)
    return [Span.of(*pair) for pair in rows.values_list("start", "end")]
