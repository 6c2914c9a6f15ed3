"""The reading list, the technologist's board, the studies of the archive."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from ris.core.errors import NotFound
from ris.core.http import SignedInRequest, get_or_404, require_somewhere, unless_seen
from ris.scheduling.actions import complete_step, start_step
from ris.scheduling.models import ScheduledProcedureStep
from worklist.exam.board import board_rows
from worklist.lifecycle import STUDY
from worklist.models import Study

STEP_VERBS = {"start": start_step, "complete": complete_step}
PAGE = 50
FOR_READERS = "The reading list is for residents and radiologists."
FOR_TECHNOLOGISTS = "The technologist's board is for technologists."


@login_required
@require_GET
def technologist(request: SignedInRequest) -> HttpResponse:
    """What runs on the devices today."""
    require_somewhere(request.user, "step.perform", FOR_TECHNOLOGISTS)
    return render(request, "worklist/technologist.html", board_rows(request.user))


@login_required
@require_GET
def technologist_rows(request: SignedInRequest) -> HttpResponse:
    """The rows again; 204 when nothing changed."""
    require_somewhere(request.user, "step.perform", FOR_TECHNOLOGISTS)
    rows = board_rows(request.user)
    return unless_seen(request, rows["version"], lambda: render(request, "worklist/_technologist_rows.html", rows))


@login_required
@require_POST
def step_verb(request: SignedInRequest, step_id: int, verb: str) -> HttpResponse:
    """Start or complete a step by hand, for a device without MPPS."""
    require_somewhere(request.user, "step.perform", FOR_TECHNOLOGISTS)
    step = get_or_404(ScheduledProcedureStep.objects.visible_to(request.user), step_id)
    if verb not in STEP_VERBS:
        raise NotFound("There is no such button.")
    STEP_VERBS[verb](step, by=request.user)
    return redirect("worklist:technologist")


@login_required
@require_GET
def studies(request: SignedInRequest) -> HttpResponse:
    """Studies of one's sites in the archive, and why each fits or does not."""
    require_somewhere(request.user, "study.list", "The list of studies is for those who work with them.")
    found = Study.objects.listed_for(request.user).select_related("site").prefetch_related("links__requested_procedure")
    state = request.GET.get("state", "")
    if state in STUDY.states:
        found = found.filter(state=state)
    text = request.GET.get("q", "").strip()
    if text:
        found = found.filter(accession_number__istartswith=text)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context: dict[str, object] = {"page_obj": page, "q": text, "state": state}
    context |= {"reconciles": request.user.sites_where("study.reconcile")}
    context["exports"] = exports = request.user.sites_where("study.export")
    context |= {"may_import": bool(request.user.sites_where("study.import")), "may_export": bool(exports)}
    return render(request, "worklist/studies.html", context)
