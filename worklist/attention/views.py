"""What must not be forgotten: exams that nobody ended, studies under the wrong name."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ris import audit
from ris.core.errors import DomainError, TransitionError
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from ris.scheduling.actions import complete_step
from ris.scheduling.models import ScheduledProcedureStep
from worklist.actions.growth import seen_growth
from worklist.actions.wrong_patient import settle_wrong_patient
from worklist.attention import rows
from worklist.attention.forms import SettleForm
from worklist.attention.openings import openings_of
from worklist.models import ReadingTask, WrongPatient

FOR_TECHNOLOGISTS = "Unclosed exams are for technologists."
FOR_READERS = "Images after the report are for residents and radiologists."
FOR_RECONCILERS = "Studies under the wrong name are for technologists and radiologists."


@login_required
@require_GET
def unclosed(request: SignedInRequest) -> HttpResponse:
    """Exams that began long ago and have no end. They hold nobody up: what images exist are read."""
    require_somewhere(request.user, "step.perform", FOR_TECHNOLOGISTS)
    return render(request, "worklist/unclosed.html", rows.unclosed_rows(request.user))


@login_required
@require_POST
def close(request: SignedInRequest, step_id: int) -> HttpResponse:
    """It is over: nobody said so. One that somebody else has ended meanwhile is told on the page."""
    require_somewhere(request.user, "step.perform", FOR_TECHNOLOGISTS)
    step = get_or_404(ScheduledProcedureStep.objects.visible_to(request.user), step_id)
    try:
        complete_step(step, by=request.user)
    except DomainError as refusal:
        if refusal.status != 409:
            raise
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"{step.description} is completed.")
    return redirect("worklist:unclosed")


@login_required
@require_GET
def grown(request: SignedInRequest) -> HttpResponse:
    """Cases that were signed, and got more images since: does the report stand?"""
    require_somewhere(request.user, "report.write", FOR_READERS)
    return render(request, "worklist/grown.html", {"tasks": rows.grown_rows(request.user)})


@login_required
@require_POST
def grown_seen(request: SignedInRequest, task_id: int) -> HttpResponse:
    """The late images change nothing."""
    require_somewhere(request.user, "report.write", FOR_READERS)
    task = get_or_404(ReadingTask.objects.visible_to(request.user), task_id)
    try:
        seen_growth(task, by=request.user)
    except TransitionError as refusal:
        messages.info(request, refusal.message)
    else:
        messages.success(request, "Noted: the report stands.")
    return redirect("worklist:grown")


@login_required
@require_GET
def wrong_patients(request: SignedInRequest) -> HttpResponse:
    """Studies that are closed as the wrong patient's, each with everybody who had it open. Looking is recorded."""
    require_somewhere(request.user, "study.reconcile", FOR_RECONCILERS)
    waiting = rows.wrong_rows(request.user)
    for item in waiting:
        audit.record("audit.openings-viewed", item["row"], by=request.user, study_uid=item["row"].study_instance_uid)
    return render(request, "worklist/wrong_patients.html", {"waiting": waiting})


@login_required
@require_http_methods(["GET", "POST"])
def settle(request: SignedInRequest, row_id: int) -> HttpResponse:
    """A person has found out whose images they are."""
    require_somewhere(request.user, "study.reconcile", FOR_RECONCILERS)
    row = get_or_404(WrongPatient.objects.visible_to(request.user).select_related("study", "site"), row_id)
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        outcome = form.cleaned_data["outcome"]
        if attempt(form, lambda: settle_wrong_patient(row, outcome=outcome, by=request.user)) is not None:
            messages.success(request, "Settled. The study waits in the queue to be linked.")
            return redirect("worklist:wrong-patients")
    context = {"form": form, "row": row, "openings": openings_of([row.study_instance_uid])}
    return render(request, "worklist/wrong_patient_settle.html", context, status=422 if form.errors else 200)
