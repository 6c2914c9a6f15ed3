"""From rows of the database to what stands on the list of a day, and on an empty form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from ris.accounts.models import Site
from ris.downtime.models import DowntimeForm
from ris.downtime.papers.content import Blank, Day, DayList, Line, Question, Room
from ris.orders.models import PRIORITY_RANK, SafetyAnswer
from ris.orders.safety import KINDS
from ris.patients.models import OWN_FIRST, Patient, PatientAlert, PatientIdentifier
from ris.scheduling.hours import day_bounds
from ris.scheduling.lifecycle import APPOINTMENT, STEP
from ris.scheduling.models import Resource, ScheduledProcedureStep

WAITING_SHOWN = 200
NO_ROOM = "No room yet"
QUESTIONS = tuple(
    Question(kind.question, tuple(words for words, _effect in kind.choices.values()), kind.unit)
    for kind in KINDS.values()
)


def blank_of(form: DowntimeForm) -> Blank:
    return Blank(form.site.name, form.site.address, form.accession_number, form.study_instance_uid, QUESTIONS)


def list_of(site: Site, now: datetime) -> DayList:
    """Today and tomorrow at the site, room by room, and what waits for a time. A constant number of queries."""
    local = now.astimezone(site.zone)
    days = [local.date(), local.date() + timedelta(days=1)]
    planned = {day: _steps_of(site, day) for day in days}
    waiting = _waiting_of(site, except_for=[step for steps in planned.values() for step in steps])
    known = _known([*planned[days[0]], *planned[days[1]], *waiting], site)
    titles = [f"{name}, {_in_words(day)}" for name, day in zip(("Today", "Tomorrow"), days, strict=True)]
    rooms = dict(Resource.objects.filter(site=site, node__isnull=False).values_list("node_id", "name"))
    return DayList(
        site=site.name,
        made_at=f"{_in_words(local.date())}, {local:%H:%M} ({site.time_zone})",
        days=tuple(
            Day(title, _rooms(planned[day], rooms, known, site)) for title, day in zip(titles, days, strict=True)
        ),
        waiting=tuple(known.line(step, "") for step in waiting),
    )


def _in_words(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


RELATED = (
    "appointment__resource",
    "requested_procedure__procedure",
    "requested_procedure__order__patient__merged_into",
)


def _steps_of(site: Site, day: date) -> list[ScheduledProcedureStep]:
    """What is planned or was begun that day, with an appointment or without one."""
    first, last = day_bounds(site, day)
    rows = ScheduledProcedureStep.objects.filter(site=site, start__gte=first, start__lt=last)
    rows = rows.exclude(state__in=STEP.groups["gone"]).exclude(appointment__state__in=APPOINTMENT.groups["missed"])
    return list(rows.select_related(*RELATED).order_by("start", "pk"))


def _waiting_of(site: Site, except_for: Iterable[ScheduledProcedureStep]) -> list[ScheduledProcedureStep]:
    """Ordered and not yet given a time, the most urgent first."""
    listed = {step.pk for step in except_for}
    rows = ScheduledProcedureStep.objects.to_be_scheduled(site).select_related(*RELATED).order_by("-pk")
    found = [step for step in rows[: WAITING_SHOWN * 2] if step.pk not in listed]
    found.sort(key=lambda step: PRIORITY_RANK[step.requested_procedure.order.priority])
    return found[:WAITING_SHOWN]


def _rooms(steps: list[ScheduledProcedureStep], rooms: dict[int, str], known: Known, site: Site) -> tuple[Room, ...]:
    lines: dict[str, list[Line]] = defaultdict(list)
    for step in steps:
        booked = step.appointment.resource.name if step.appointment else step.location
        name = booked or rooms.get(step.node_id or 0, NO_ROOM)
        clock = f"{step.start.astimezone(site.zone):%H:%M}" if step.start else ""
        lines[name].append(known.line(step, clock))
    return tuple(Room(name, tuple(lines[name])) for name in sorted(lines))


@dataclass
class Known:
    """What is known of the people and orders of a list, by the record that stands for each person."""

    numbers: dict[int, str] = field(default_factory=dict)
    alerts: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[int, list[SafetyAnswer]] = field(default_factory=lambda: defaultdict(list))

    def line(self, step: ScheduledProcedureStep, clock: str) -> Line:
        requested = step.requested_procedure
        order, person = requested.order, requested.order.patient.current
        answers = self.answers[order.pk]
        born = person.birth_date.isoformat() if person.birth_date else "birth date not known"
        urgent = f"{order.get_priority_display()} " if order.is_urgent else ""
        return Line(
            time=clock,
            name=" ".join(part for part in (person.display_name, person.ideographic.replace("^", " ")) if part),
            person=f"{born} {person.sex}, {self.numbers.get(person.pk, 'no number')}".replace(" ,", ","),
            exam=f"{urgent}{step.description}" + (", contrast" if requested.procedure.contrast else ""),
            accession=requested.accession_number,
            state=step.get_state_display().lower(),
            flags=(*self.alerts[person.pk], *(_flag(one) for one in answers if one.effect != "none")),
            notes=tuple(one.words for one in answers if one.effect == "none"),
        )


def _flag(answer: SafetyAnswer) -> str:
    if answer.stops:
        return f"HARD STOP: {answer.words}"
    return f"{answer.words} (overridden by {answer.overridden_by_name})" if answer.overridden_at else answer.words


def _known(steps: list[ScheduledProcedureStep], site: Site) -> Known:
    known = Known()
    people = {step.requested_procedure.order.patient.current.pk for step in steps}
    heads = dict(Patient.objects.filter(merged_into__in=people).values_list("pk", "merged_into_id"))
    family = [*people, *heads]
    for alert in PatientAlert.objects.filter(patient__in=family, active=True).order_by("kind", "pk"):
        known.alerts[heads.get(alert.patient_id) or alert.patient_id].append(
            f"{alert.get_kind_display()}: {alert.text}"
        )
    numbers = PatientIdentifier.objects.filter(patient__in=family).order_by("retired", OWN_FIRST, "pk")
    for number in sorted(numbers, key=lambda one: one.issuer != site.patient_id_issuer):
        known.numbers.setdefault(heads.get(number.patient_id) or number.patient_id, number.value)
    orders = {step.requested_procedure.order_id for step in steps}
    for answer in SafetyAnswer.objects.filter(order__in=orders, current=True):
        known.answers[answer.order_id].append(answer)
    return known


def age_in_words(moment: datetime) -> str:
    """How long ago, as people say it."""
    minutes = int((timezone.now() - moment).total_seconds() // 60)
    if minutes < 1:
        return "less than a minute old"
    if minutes < 120:
        return f"{minutes} minute{'' if minutes == 1 else 's'} old"
    return f"{minutes // 60} hours old"
