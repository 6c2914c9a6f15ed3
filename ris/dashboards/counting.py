"""One row for a day: counted from the exams and visits of that day alone, however large the archive is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Q

from ris.dashboards import histogram
from ris.dashboards.models import MOMENTS, ExamDay, ExamTimes, RoomDay, VisitPlace
from ris.dashboards.stages import STAGES
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment, Closure, Opening, Resource, ScheduledProcedureStep

DayKey = tuple[int, date, str]
MINUTE: Final = timedelta(minutes=1)
DAY_MINUTES: Final = 24 * 60


def keys_of(times: ExamTimes) -> set[DayKey]:
    """The days on which an exam counts: as ordered, and as done."""
    return {(times.site_id, day, times.modality) for day in (times.ordered_day, times.day) if day}


def count_days(keys: Iterable[DayKey]) -> None:
    for site, day, modality in sorted(keys):
        of_day = ExamTimes.objects.filter(site=site, modality=modality)
        done = list(of_day.filter(day=day).values(*MOMENTS))
        ExamDay.objects.update_or_create(
            site_id=site,
            day=day,
            modality=modality,
            defaults={
                "ordered": of_day.filter(ordered_day=day).count(),
                "performed": sum(1 for row in done if row["done_at"]),
                "signed": sum(1 for row in done if row["signed_at"]),
                "stages": {
                    stage.key: histogram.of(minutes for row in done if (minutes := stage.minutes(row)) is not None)
                    for stage in STAGES
                },
            },
        )


def count_visits(appointments: Iterable[int]) -> None:
    """The room days of these appointments, where they stand now and where they stood before."""
    rows = Appointment.objects.filter(pk__in=list(appointments)).select_related("site", "resource")
    places = {row.pk: (row.resource_id, row.start.astimezone(row.site.zone).date()) for row in rows}
    before = VisitPlace.objects.filter(appointment__in=places)
    touched = {*places.values(), *before.values_list("room_id", "day")}
    for pk, (room, day) in places.items():
        VisitPlace.objects.update_or_create(appointment_id=pk, defaults={"room_id": room, "day": day})
    for room, day in sorted(touched):
        count_room(Resource.objects.select_related("site").get(pk=room), day)


def count_room(room: Resource, day: date) -> None:
    start = datetime.combine(day, time.min, room.site.zone)
    visits = list(Appointment.objects.filter(resource=room, start__gte=start, start__lt=start + timedelta(days=1)))
    held = [one for one in visits if APPOINTMENT.within(one, "holding")]
    missed = [one for one in visits if APPOINTMENT.within(one, "missed")]
    RoomDay.objects.update_or_create(
        room=room,
        day=day,
        defaults={
            "site": room.site,
            "modality": room.modality,
            "open_minutes": open_minutes(room, day),
            "booked_minutes": sum(int((one.end - one.start) / MINUTE) for one in held),
            "used_minutes": used_minutes(held),
            "visits": len({one.pk for one in (*held, *missed)}),
            "missed": len(missed),
            "cancelled": sum(1 for one in visits if one not in held and one not in missed),
        },
    )


def used_minutes(visits: Iterable[Appointment]) -> int:
    """From each exam's begin to its end, as the event log has them."""
    steps = ScheduledProcedureStep.objects.filter(appointment__in=list(visits))
    times = ExamTimes.objects.filter(requested_procedure__in=steps.values("requested_procedure"))
    spans = [(one.begun_at, one.done_at) for one in times]
    return sum(int((done - begun) / MINUTE) for begun, done in spans if begun and done and done > begun)


def open_minutes(room: Resource, day: date) -> int:
    """Of its weekly hours what no closure takes; a room without hours is always open."""
    hours = Opening.objects.filter(resource=room)
    spans = [(one.opens, one.closes) for one in hours.filter(weekday=day.weekday())]
    zone = room.site.zone
    opened = [(datetime.combine(day, opens, zone), datetime.combine(day, closes, zone)) for opens, closes in spans]
    if not spans and not hours.exists():
        begin = datetime.combine(day, time.min, zone)
        opened = [(begin, begin + timedelta(days=1))]
    if room.site.holidays.filter(day=day).exists():
        return 0
    closed = list(Closure.objects.filter(_meets(opened), resource=room)) if opened else []
    lost = sum(_shared(span, (one.start, one.end)) for span in opened for one in closed)
    return max(sum(int((end - start) / MINUTE) for start, end in opened) - lost, 0)


def _meets(spans: list[tuple[datetime, datetime]]) -> Q:
    return Q(start__lt=max(end for _start, end in spans), end__gt=min(start for start, _end in spans))


def _shared(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> int:
    return max(int((min(one[1], other[1]) - max(one[0], other[0])) / MINUTE), 0)
