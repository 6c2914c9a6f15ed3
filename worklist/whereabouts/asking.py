"""The facts of one requested procedure, from the rows, and the page on which somebody moves it on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.db.models import Max, Q, Sum
from django.urls import reverse
from django.utils import timezone

from ris.accounts.models import User
from ris.core import panels
from ris.orders.models import PRIORITY_RANK, RequestedProcedure, SafetyAnswer
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import CallBack, ScheduledProcedureStep
from worklist.lifecycle import STUDY
from worklist.models import PerformedProcedureStep, PerformedSeries, ReadingTask, Study, WrongPatient
from worklist.rehoming.gone import series_gone
from worklist.whereabouts.facts import Facts, Whereabouts
from worklist.whereabouts.rules import whereabouts

REPORT_FACTS = "report-facts"
"""The place where reporting adds what it knows of a reading task: keyword arguments of Facts."""


def facts_of(requested: RequestedProcedure) -> Facts:
    """All that `rules` asks for; a fixed number of queries."""
    zone = requested.order.site.zone
    found = _order(requested) | _step(requested) | _studies(requested) | _reading(requested)
    local: dict[str, Any] = {
        name: value.astimezone(zone) if isinstance(value, datetime) else value for name, value in found.items()
    }
    return Facts(now=timezone.localtime(timezone=zone), **local)


def _order(requested: RequestedProcedure) -> dict[str, Any]:
    order = requested.order
    protocol = getattr(requested, "protocol", None)
    stop = SafetyAnswer.objects.open_stops().filter(order=order).order_by("answered_at").first()
    return {
        "order": order.state,
        "placed_at": order.placed_at,
        "ended_why": order.cancel_reason,
        "urgent": PRIORITY_RANK[order.priority] < PRIORITY_RANK["ROUTINE"],
        "protocol": protocol.state if protocol else "",
        "protocol_at": (protocol.decided_at or order.placed_at) if protocol else None,
        "protocol_by": protocol.decided_by_name if protocol else "",
        "protocol_said": protocol.reason if protocol else "",
        "stop": stop.words if stop else "",
        "stop_at": stop.answered_at if stop else None,
    }


def _step(requested: RequestedProcedure) -> dict[str, Any]:
    """Of several steps the first that is not over, else the last."""
    steps = list(requested.steps.select_related("appointment__resource", "node").order_by("start", "pk"))
    step = next((step for step in steps if not STEP.within(step, "over")), steps[-1] if steps else None)
    if step is None:
        return {}
    appointment = step.appointment
    ring = CallBack.objects.filter(procedures=requested, done_at__isnull=True).aggregate(at=Max("made_at"))
    return {
        "step": step.state,
        "appointment": appointment.state if appointment else "",
        "start": appointment.start if appointment else step.start,
        "room": appointment.resource.name if appointment else "",
        "arrived_at": (appointment.arrived_at if appointment else None) or step.changed_at,
        "to_ring_since": ring["at"],
        "device": step.node.name if step.node else "",
        "device_seen_at": step.node.last_seen_at if step.node else None,
        **_performed(step),
    }


def _performed(step: ScheduledProcedureStep) -> dict[str, Any]:
    performed = list(PerformedProcedureStep.objects.filter(steps=step).order_by("started_at"))
    series = PerformedSeries.objects.filter(performed__in=performed, images__gt=0)
    series = series.exclude(series_instance_uid__in=series_gone([step.requested_procedure_id]))
    expected = series.aggregate(images=Sum("images"))["images"] or 0
    last = performed[-1] if performed else None
    return {
        "started_at": performed[0].started_at if performed else step.started_at or step.changed_at,
        "ended_at": last.ended_at if last and last.ended_at else _recorded_for(step) or step.changed_at,
        "expected_series": series.count(),
        "expected_images": expected,
    } | ({"ended_why": last.discontinuation_meaning} if last and last.discontinuation_meaning else {})


def _recorded_for(step: ScheduledProcedureStep) -> datetime | None:
    """When it was done, of a step that was put on record later (`scheduling.actions.past` writes both the same)."""
    return step.started_at if step.started_at == step.start else None


def _studies(requested: RequestedProcedure) -> dict[str, Any]:
    linked = list(Study.objects.filter(links__active=True, links__requested_procedure=requested).distinct())
    wrong = WrongPatient.objects.filter(settled_at__isnull=True)
    wrong = wrong.filter(Q(step__requested_procedure=requested) | Q(study__in=linked))
    loose = Study.objects.filter(state__in=STUDY.groups["reconcilable"]).filter(
        Q(accession_number=requested.accession_number) | Q(study_instance_uid=requested.study_instance_uid)
    )
    first = None if linked else loose.order_by("first_seen_at").first()
    return {
        "linked": bool(linked),
        "images": sum(study.instance_count for study in linked),
        "series": sum(study.series_count for study in linked),
        "grew_at": max((study.grew_at or study.first_seen_at for study in linked), default=None),
        "wrong_patient_at": wrong.aggregate(at=Max("said_at"))["at"],
        "unmatched": 1 if first else 0,
        "unmatched_at": first.first_seen_at if first else None,
        "unmatched_why": str(first.findings[0]) if first and first.findings else "",
    }


def _reading(requested: RequestedProcedure) -> dict[str, Any]:
    task = task_of(requested)
    if task is None:
        return {}
    known: dict[str, Any] = {
        "task": task.state,
        "task_at": task.created_at,
        "reader": task.claimed_by.display if task.claimed_by else "",
        "reader_at": task.claimed_at,
        "held": task.held,
    }
    for part in panels.collect(REPORT_FACTS, task):
        known |= part
    return known


def task_of(requested: RequestedProcedure) -> ReadingTask | None:
    tasks = requested.reading_tasks.exclude(state="cancelled").select_related("claimed_by")
    found: ReadingTask | None = tasks.order_by("pk").last()
    return found


def _appointment(requested: RequestedProcedure) -> int | None:
    step = requested.steps.order_by("start", "pk").first()
    return step.appointment_id if step else None


def _step_of(requested: RequestedProcedure) -> int | None:
    step = requested.steps.order_by("start", "pk").first()
    return step.pk if step else None


def _protocol(requested: RequestedProcedure) -> int | None:
    protocol = getattr(requested, "protocol", None)
    return protocol.pk if protocol else None


def _task(requested: RequestedProcedure) -> int | None:
    task = task_of(requested)
    return task.pk if task else None


# Act: label, permission, address, and the object that the address names (None: it names none)
ACTS: Final[dict[str, tuple[str, str, str, Callable[[RequestedProcedure], int | None] | None]]] = {
    "book": ("Book", "schedule.book", "scheduling:book", lambda requested: requested.pk),
    "check-in": ("Check in", "schedule.book", "scheduling:appointment", _appointment),
    "call-back": ("Call-back list", "schedule.book", "scheduling:day", None),
    "protocol": ("Protocol", "order.protocol", "orders:protocol", _protocol),
    "technologist": ("Technologist's board", "step.perform", "worklist:technologist", None),
    "exam": ("The exam", "step.perform", "worklist:exam", _step_of),
    "reconcile": ("Reconcile", "study.reconcile", "worklist:queue", None),
    "read": ("Reading room", "reading.list", "viewer:reading-room", _task),
    "order": ("Open the order", "order.view", "orders:detail", lambda requested: requested.order_id),
    "deliveries": ("Deliveries", "delivery.manage", "events:deliveries", None),
}


def button(where: Whereabouts, requested: RequestedProcedure, user: User) -> tuple[str, str] | None:
    """(label, address) of the page that moves the exam on, for those who may go there."""
    if where.act not in ACTS:
        return None
    label, permission, name, named = ACTS[where.act]
    if not user.may(permission, requested.order.site_id):
        return None
    if named is None:
        return label, reverse(name)
    pk = named(requested)
    return (label, reverse(name, args=[pk])) if pk else None


def whereabouts_of(requested: RequestedProcedure, user: User) -> dict[str, Any]:
    """Where one exam is, as `worklist/_whereabouts.html` shows it."""
    where = whereabouts(facts_of(requested))
    return {"name": requested.description, "where": where, "button": button(where, requested, user)}
