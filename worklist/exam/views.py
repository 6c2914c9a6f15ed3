"""The exam's page: what runs, what is asked, what was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ris import audit
from ris.accounts.once import once
from ris.core.errors import DomainError, NotFound
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere, unless_seen
from ris.scheduling.actions import complete_step
from ris.scheduling.models import ScheduledProcedureStep
from worklist.actions import exam as actions
from worklist.actions import record
from worklist.actions.sides import answer_side
from worklist.actions.wrong_patient import wrong_patient
from worklist.attention.rows import incidents_for
from worklist.exam.forms import FORMS, EntryForm, ReactionForm, ReasonForm, SideForm, WrongPatientForm
from worklist.exam.growth import grown_since_opened
from worklist.exam.loading import contrast_for, entry_for, step_for
from worklist.exam.page import exam_of, live_part
from worklist.exam.record import SideCheck
from worklist.exam.summary import for_reader, side_words
from worklist.lists import fingerprint
from worklist.models import ReadingTask

VERBS = {"start": actions.start_exam, "complete": complete_step}
PAGE = 50
FOR_READERS = "The reading list is for residents and radiologists."
FOR_THE_SIDE = "The side is answered for by technologists and readers."


@login_required
@require_GET
def exam(request: SignedInRequest, step_id: int) -> HttpResponse:
    """One exam with its record. Opening it is recorded in the audit trail."""
    step = step_for(request, step_id)
    patient = step.requested_procedure.order.patient_id
    audit.record("step.opened", step, by=request.user, patient=patient)
    return _page(request, step)


def _page(request: SignedInRequest, step: ScheduledProcedureStep, sent: EntryForm | None = None) -> HttpResponse:
    forms: dict[str, Any] = {name.replace("-", "_"): form(step=step) for name, form in FORMS.items()}
    if sent is not None:
        forms[sent.name.replace("-", "_")] = sent
    context = exam_of(step, request.user) | {"forms": forms, "sent": sent.name if sent else ""}
    return render(request, "worklist/exam.html", context, status=422 if sent else 200)


@login_required
@require_GET
def live(request: SignedInRequest, step_id: int) -> HttpResponse:
    """State, safety, side and series again; 204 when nothing changed."""
    context = live_part(step_for(request, step_id))
    return unless_seen(request, context["version"], lambda: render(request, "worklist/_exam_live.html", context))


@login_required
@require_POST
def verb(request: SignedInRequest, step_id: int, verb: str) -> HttpResponse:
    """Start or complete; a refusal is told on the page."""
    step = step_for(request, step_id)
    if verb not in VERBS:
        raise NotFound("There is no such button.")
    try:
        VERBS[verb](step, by=request.user)
    except DomainError as refusal:
        if refusal.status not in {409, 422}:
            raise
        messages.error(request, refusal.message)
    return redirect("worklist:exam", step_id=step.pk)


@login_required
@require_POST
@once
def keep(request: SignedInRequest, step_id: int, what: str) -> HttpResponse:
    """Write a line into the record."""
    step = step_for(request, step_id)
    if what not in FORMS:
        raise NotFound("There is no such form.")
    form = FORMS[what](request.POST, step=step)
    if form.is_valid() and attempt(form, lambda: form.keep(request.user)) is not None:
        messages.success(request, form.done)
        return redirect("worklist:exam", step_id=step.pk)
    return _page(request, step, form)


@login_required
@require_http_methods(["GET", "POST"])
@once
def strike(request: SignedInRequest, what: str, entry_id: int) -> HttpResponse:
    """Take a line back."""
    entry = entry_for(request, what, entry_id)
    form = ReasonForm(request.POST or None)
    if _done(request, form, lambda data: record.strike(entry, by=request.user, **data)):
        messages.success(request, "Taken back. The line stays, struck through, with your reason.")
        return redirect("worklist:exam", step_id=entry.step_id)
    words = {"title": "Take a line back", "hint": f"{entry} of {entry.step.description}", "button": "Take it back"}
    return _small(request, entry.step, form, words)


@login_required
@require_http_methods(["GET", "POST"])
@once
def reaction(request: SignedInRequest, entry_id: int) -> HttpResponse:
    """A reaction that showed after the injection."""
    entry = contrast_for(request, entry_id)
    form = ReactionForm(request.POST or None, initial={"reaction": entry.reaction, "text": entry.reaction_text})
    if _done(request, form, lambda data: record.note_reaction(entry, by=request.user, **data)):
        messages.success(request, "The reaction is recorded.")
        return redirect("worklist:exam", step_id=entry.step_id)
    words = {"title": "Reaction to contrast", "hint": str(entry.agent), "button": "Record the reaction"}
    return _small(request, entry.step, form, words)


@login_required
@require_POST
def alert(request: SignedInRequest, entry_id: int) -> HttpResponse:
    """A reaction becomes an alert of the patient."""
    entry = contrast_for(request, entry_id)
    record.alert_of_reaction(entry, by=request.user)
    messages.success(request, "The patient's file warns of it from now on.")
    return redirect("worklist:exam", step_id=entry.step_id)


@login_required
@require_http_methods(["GET", "POST"])
@once
def mistaken(request: SignedInRequest, step_id: int) -> HttpResponse:
    """Another patient lay there: the images are closed at once, the step waits again."""
    step = step_for(request, step_id)
    form = WrongPatientForm(request.POST or None)
    if _done(request, form, lambda data: wrong_patient(step, by=request.user, **data)):
        messages.success(request, "The images are closed to everybody and queued. This patient's exam waits again.")
        return redirect("worklist:exam", step_id=step.pk)
    words = {
        "title": "Wrong patient",
        "hint": "Nobody sees these images until somebody has found out whose they are.",
        "button": "Close the images",
    }
    return _small(request, step, form, words)


def _done(request: SignedInRequest, form: Form, action: Callable[[dict[str, Any]], object]) -> bool:
    """Whether the form was sent, is complete, and its action took place."""
    if request.method != "POST" or not form.is_valid():
        return False
    return attempt(form, lambda: action(form.cleaned_data)) is not None


def _small(request: SignedInRequest, step: ScheduledProcedureStep, form: Any, words: dict[str, str]) -> HttpResponse:
    context = {"form": form, "step": step, "order": step.requested_procedure.order, **words}
    return render(request, "worklist/exam_small.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@once
def side(request: SignedInRequest, check_id: int) -> HttpResponse:
    """Answer for the side: by whoever examined, or reads."""
    if not request.user.may("step.perform", None):
        require_somewhere(request.user, "report.write", FOR_THE_SIDE)
    related = ("study", "requested_procedure__order__patient", "requested_procedure__order__site")
    check = get_or_404(SideCheck.objects.visible_to(request.user).select_related(*related), check_id)
    form = SideForm(request.POST or None)
    if _done(request, form, lambda data: answer_side(check, by=request.user, **data)):
        messages.success(request, "Your answer is kept with the exam.")
        return redirect(_back(request, check))
    context = {"form": form, "check": check, "words": side_words(check), "order": check.requested_procedure.order,
               "back": _back(request, check)}  # fmt: skip
    return render(request, "worklist/side.html", context, status=422 if form.errors else 200)


def _back(request: SignedInRequest, check: SideCheck) -> str:
    """To the exam for whoever examines, to the case for whoever reads."""
    requested = check.requested_procedure
    step = requested.steps.order_by("pk").first()
    if step is not None and request.user.may("step.perform", step.site_id):
        return reverse("worklist:exam", args=[step.pk])
    task = requested.reading_tasks.first()
    return reverse("viewer:reading-room", args=[task.pk]) if task else reverse("worklist:reading-list")


@login_required
@require_GET
def case(request: SignedInRequest, task_id: int) -> HttpResponse:
    """What the technologist tells the reader, and whether images came since; 204 when nothing changed."""
    require_somewhere(request.user, "report.write", FOR_READERS)
    task = get_or_404(ReadingTask.objects.visible_to(request.user).select_related("site"), task_id)
    context = for_reader(task)
    if grown := grown_since_opened(task, request.user):
        context |= {"grown": grown, "version": fingerprint((context["version"], grown))}
    return unless_seen(request, context["version"], lambda: render(request, "worklist/_for_reader.html", context))


@login_required
@require_GET
def incidents(request: SignedInRequest) -> HttpResponse:
    """Incidents of one's sites, newest first."""
    require_somewhere(request.user, "site.manage", "Incidents are for the administrators of a site.")
    page = Paginator(incidents_for(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "worklist/incidents.html", {"page_obj": page})
