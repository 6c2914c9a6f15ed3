"""What was done while nobody could say so: put on record afterwards, at the time at which it happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ris import audit
from ris.core.actors import Actor
from ris.orders.models import Order, RequestedProcedure
from ris.scheduling import permissions
from ris.scheduling.actions.holding import hold_exams
from ris.scheduling.actions.steps import complete_step, plan_steps, start_step
from ris.scheduling.models import Resource, ScheduledProcedureStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """When it was done, an aware instant, and where, if that is known."""

    at: datetime
    room: Resource | None = None


@transaction.atomic
def record_past(requested: RequestedProcedure, past: Past, *, by: Actor) -> list[ScheduledProcedureStep]:
    """The steps of the procedure were begun and completed then. Raises NotPermitted, TransitionError."""
    permissions.require_perform(by, requested.order.site_id)
    hold_exams(Order.objects.filter(procedures=requested))
    done = []
    for step in plan_steps(requested):
        start_step(step, by=by)
        completed = complete_step(step, by=by)
        where = {"node": past.room.node, "location": past.room.name[:16]} if past.room else {}
        values = {"start": past.at, "started_at": past.at, **where}
        ScheduledProcedureStep.objects.filter(pk=step.pk).update(**values)
        audit.record(
            "step.recorded-later", completed, by=by, patient=requested.order.patient_id, at=past.at.isoformat()
        )
        done.append(completed)
    return done
