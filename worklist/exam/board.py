"""The technologist's board: who is here and what runs, by room, in a constant number of queries."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.utils import timezone

from ris.accounts.models import User
from ris.orders.models import SafetyAnswer
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep
from worklist.exam.record import SideCheck, TimeOut
from worklist.lists import fingerprint

SHOWN = 200
AROUND = timedelta(hours=18)
# What a technologist looks for first.
TURN = {name: turn for turn, group in enumerate(("running", "here", "expected", "over")) for name in [group]}
# On a day with more exams than the board shows, what is over gives way first, and never who is here.
FIRST = Case(When(state__in=STEP.groups["here"], then=Value(0)), When(state__in=STEP.groups["waiting"], then=Value(1)),
             default=Value(2))  # fmt: skip
LABELS = {"running": "In progress", "here": "In the waiting room", "expected": "Expected", "over": "Done"}


def board_rows(user: User) -> dict[str, Any]:
    """Steps around now of one's sites, room by room: running, arrived, expected, done."""
    now = timezone.now()
    around = Q(start__gte=now - AROUND, start__lt=now + AROUND) | Q(start__isnull=True, started_at__gte=now - AROUND)
    steps = ScheduledProcedureStep.objects.filter(around, site__in=user.sites_where("step.perform"))
    stops = SafetyAnswer.objects.open_stops().filter(order=OuterRef("requested_procedure__order"))
    sides = SideCheck.objects.open().filter(requested_procedure=OuterRef("requested_procedure"))
    confirmed = TimeOut.objects.filter(step=OuterRef("pk"), struck_at__isnull=True, skipped_because="")
    found = steps.exclude(state__in=STEP.groups["gone"]).select_related(
        "site", "node", "appointment__resource", "requested_procedure__procedure",
        "requested_procedure__order__patient__merged_into",
    ).annotate(stopped=Exists(stops), doubtful=Exists(sides), confirmed=Exists(confirmed))  # fmt: skip
    rows = [_row(step) for step in found.order_by(FIRST, "start", "pk")[:SHOWN]]
    rows.sort(key=lambda row: (row["room"], TURN[row["turn"]], row["step"].start or now))
    rooms = [{"name": name, "rows": list(group)} for name, group in groupby(rows, key=lambda row: row["room"])]
    for room in rooms:
        room["here"] = sum(row["turn"] in {"running", "here"} for row in room["rows"])
    seen = [(row["step"].pk, row["turn"], row["room"], *row["seen"]) for row in rows]
    return {"rooms": rooms, "labels": LABELS, "version": fingerprint(seen)}


def _row(step: Any) -> dict[str, Any]:
    arrived = step.appointment.arrived_at if step.appointment is not None else None
    here = arrived is not None or STEP.within(step, "here")
    if STEP.within(step, "waiting"):
        turn = "here" if here else "expected"
    else:
        turn = "running" if STEP.within(step, "live") else "over"
    order = step.requested_procedure.order
    return {
        "step": step, "turn": turn, "label": LABELS[turn], "room": _room(step), "order": order,
        "since": arrived or step.start,
        "may_start": STEP.allows(step, "start") and STEP.within(step, "waiting") and not step.stopped,
        "may_complete": STEP.allows(step, "complete"),
        "seen": (step.state, step.start, step.stopped, step.doubtful, step.confirmed, order.priority),
    }  # fmt: skip


def _room(step: ScheduledProcedureStep) -> str:
    if step.appointment is not None:
        return step.appointment.resource.name
    if step.ward:
        return f"Ward {step.ward}"
    return step.node.name if step.node is not None else "Without a room"
