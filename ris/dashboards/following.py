"""Reading the event log: what happened becomes moments of exams, and the days that they touch are counted anew.

Safe to repeat: a moment is the first of its kind (the last for the end of an exam), a day is counted from its exams.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from reporting.models import ReportVersion
from ris.dashboards import counting
from ris.dashboards.models import EventCursor, ExamTimes
from ris.events.models import Event
from ris.orders.models import RequestedProcedure

PAGE: Final = 500
PAGES_AT_ONCE: Final = 40
SETTLED: Final = timedelta(minutes=3)
"""A transaction that is older than this has been committed, or never will be."""

# What happened: the moment, and how its target leads to requested procedures.
EXAM_EVENTS: Final = {
    "order.placed": ("ordered_at", "order"),
    "appointment.booked": ("booked_at", "steps__appointment"),
    "appointment.arrived": ("arrived_at", "steps__appointment"),
    "step.started": ("begun_at", "steps"),
    "step.completed": ("done_at", "steps"),
    "reading.claimed": ("claimed_at", "reading_tasks"),
    "report.signed": ("signed_at", "reading_tasks__reports"),
    "study.linked": ("images_at", ""),
}
VISIT_EVENTS: Final = frozenset(
    {"appointment.booked", "appointment.moved", "appointment.cancelled", "appointment.arrived", "appointment.missed",
     "appointment.restored"}
)  # fmt: skip
LAST: Final = "done_at"
"""An exam that was opened again ends when it ended for the last time."""


@dataclass
class Touched:
    """The keys of the days that have to be counted anew: (site, day, modality), and of visits."""

    days: set[counting.DayKey] = field(default_factory=set)
    visits: set[int] = field(default_factory=set)


def follow() -> int:
    """The timer's turn: how many events were new or looked at once more."""
    seen = 0
    for _ in range(PAGES_AT_ONCE):
        found = _page()
        seen += found
        if found < PAGE:
            break
    return seen


@transaction.atomic
def _page() -> int:
    EventCursor.objects.get_or_create(pk=1)
    cursor = EventCursor.objects.select_for_update().get(pk=1)
    kinds = [*EXAM_EVENTS, *VISIT_EVENTS]
    events = list(Event.objects.filter(pk__gt=cursor.position, kind__in=kinds).order_by("pk")[:PAGE])
    touched = Touched()
    for event in events:
        _take(event, touched)
    counting.count_days(touched.days)
    counting.count_visits(touched.visits)
    young = [event.pk for event in events if event.at > timezone.now() - SETTLED]
    if events:  # never beyond one that is young: another beside it may not have been committed yet
        cursor.position = min(young) - 1 if young else events[-1].pk
        cursor.save(update_fields=["position"])
    return 0 if young else len(events)


def _take(event: Event, touched: Touched) -> None:
    if event.kind in VISIT_EVENTS:
        touched.visits.add(int(event.target_id))
    if event.kind not in EXAM_EVENTS:
        return
    (moment, path), at = EXAM_EVENTS[event.kind], event.at
    if event.kind == "report.signed":
        moment, at = _signature(event)
    for requested in _exams(event, path):
        touched.days |= _note(requested, moment, at)


def _exams(event: Event, path: str) -> Iterable[RequestedProcedure]:
    key = event.payload.get("requested_procedure") if not path else event.target_id
    rows = RequestedProcedure.objects.filter(Q(**{path or "pk": key})).distinct()
    return rows.select_related("procedure", "order__site")


def _signature(event: Event) -> tuple[str, datetime]:
    """Which signature it was and when it was given: a report may be held back for some minutes after that."""
    version = ReportVersion.objects.filter(pk=event.payload.get("version_id")).first()
    if version is None:
        return "signed_at", event.at
    return "preliminary_at" if version.kind == "preliminary" else "signed_at", version.created_at


def _note(requested: RequestedProcedure, moment: str, at: datetime) -> set[counting.DayKey]:
    site, modality = requested.order.site, requested.procedure.modality
    times, _ = ExamTimes.objects.get_or_create(
        requested_procedure=requested, defaults={"site": site, "modality": modality}
    )
    before = counting.keys_of(times)
    held = getattr(times, moment)
    if held is None or (at > held if moment == LAST else at < held):
        setattr(times, moment, at)
    exam_at = times.done_at or times.begun_at or times.images_at
    times.day = exam_at.astimezone(site.zone).date() if exam_at else None
    times.ordered_day = times.ordered_at.astimezone(site.zone).date() if times.ordered_at else None
    times.save()
    return before | counting.keys_of(times)
