"""Objects for the exam's pages: who holds the right nowhere is told so before anything is looked for."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models

from ris.core.errors import NotFound
from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from ris.scheduling.models import ScheduledProcedureStep
from ris.scheduling.permissions import require_perform
from worklist.exam.page import ENTRIES
from worklist.exam.record import ContrastGiven, Entry

E = TypeVar("E", bound=Entry)

FOR_TECHNOLOGISTS = "The technologist's board is for technologists."
RELATED = (
    "site", "node", "appointment__resource", "requested_procedure__procedure", "requested_procedure__order__patient",
    "requested_procedure__order__site",
)  # fmt: skip


def step_for(request: SignedInRequest, step_id: int) -> ScheduledProcedureStep:
    """The exam's step, for those who examine at its site."""
    require_somewhere(request.user, "step.perform", FOR_TECHNOLOGISTS)
    visible = ScheduledProcedureStep.objects.visible_to(request.user).select_related(*RELATED)
    step = get_or_404(visible, step_id)
    require_perform(request.user, step.site_id)
    return step


def entry_for(request: SignedInRequest, what: str, entry_id: int) -> Entry:
    """A line of an exam's record."""
    require_somewhere(request.user, "step.perform", FOR_TECHNOLOGISTS)
    if what not in ENTRIES:
        raise NotFound("There is no such line.")
    rows: models.QuerySet[Any] = ENTRIES[what]._default_manager.all()
    return _line(request, rows, entry_id)


def contrast_for(request: SignedInRequest, entry_id: int) -> ContrastGiven:
    require_somewhere(request.user, "step.perform", FOR_TECHNOLOGISTS)
    return _line(request, ContrastGiven.objects.select_related("agent", "alert"), entry_id)


def _line(request: SignedInRequest, rows: models.QuerySet[E], entry_id: int) -> E:
    mine = rows.filter(step__site__in=request.user.sites_where("step.perform"))
    return get_or_404(mine.select_related("step__site", "step__requested_procedure__order__patient"), entry_id)
