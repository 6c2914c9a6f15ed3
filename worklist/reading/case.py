"""The page of one case: where it is, who reads it, for whom it waits, what was said of it at first sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from ris import audit
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from worklist import permissions
from worklist.actions import handing, leases, wet_reads
from worklist.lifecycle import READING
from worklist.models import ReadingTask
from worklist.priors.earlier import reports_of
from worklist.reading.forms import HeirForm, TakeOverForm, WetReadForm
from worklist.reading.grades import with_grades
from worklist.reading.views import FOR_READERS
from worklist.reading.wet import WetRead
from worklist.reading.written import written
from worklist.whereabouts.asking import whereabouts_of


@login_required
@require_GET
def case(request: SignedInRequest, task_id: int) -> HttpResponse:
    """Everything but the images and the report. Looking at what was written is recorded."""
    task = _task(request, task_id)
    audit.record("reading.viewed", task, by=request.user)
    return _page(request, task)


@login_required
@require_POST
def wet_read(request: SignedInRequest, task_id: int) -> HttpResponse:
    """Two lines for those who cannot wait."""
    task, form = _task(request, task_id), WetReadForm(request.POST)
    return _done(
        request, task, "wet_form", form, lambda: wet_reads.wet_read(task, by=request.user, **form.cleaned_data)
    )


@login_required
@require_POST
def assign(request: SignedInRequest, task_id: int) -> HttpResponse:
    """Say for whom the case waits."""
    task = _task(request, task_id)
    form = HeirForm([task.site], request.POST)
    return _done(
        request, task, "heir_form", form,
        lambda: handing.assign(task, to=form.heir, note=form.cleaned_data["note"], by=request.user),
    )  # fmt: skip


@login_required
@require_POST
def take_over(request: SignedInRequest, task_id: int) -> HttpResponse:
    """Read on what another reader began, and go to the reading room."""
    task, form = _task(request, task_id), TakeOverForm(request.POST)
    if form.is_valid():
        taken = attempt(form, lambda: leases.take_over(task, by=request.user, **form.cleaned_data))
        if taken is not None:
            return redirect("viewer:reading-room", task_id=task.pk)
    return _page(request, task, status=422, take_form=form)


@login_required
@require_POST
def renew(request: SignedInRequest, task_id: int) -> HttpResponse:
    """A sign of life from the reading room: until when the case stays with its reader."""
    task = leases.renew(_task(request, task_id), by=request.user)
    task.refresh_from_db()
    return JsonResponse({"lease_until": task.lease_until})


def _task(request: SignedInRequest, task_id: int) -> ReadingTask:
    require_somewhere(request.user, "reading.list", FOR_READERS)
    rows = ReadingTask.objects.visible_to(request.user)
    return get_or_404(rows.select_related("site", "patient", "claimed_by", "assigned_to", "assigned_group"), task_id)


def _done(
    request: SignedInRequest, task: ReadingTask, name: str, form: forms.Form, act: Callable[[], object]
) -> HttpResponse:
    if form.is_valid() and attempt(form, act) is not None:
        messages.success(request, "The emergency ward sees it now." if name == "wet_form" else "Kept.")
        return redirect("worklist:case", task_id=task.pk)
    return _page(request, task, status=422, **{name: form})


def _page(request: SignedInRequest, task: ReadingTask, *, status: int = 200, **bound: forms.Form) -> HttpResponse:
    user = request.user
    chosen = f"u{task.assigned_to_id}" if task.assigned_to_id else f"g{task.assigned_group_id}"
    others = READING.within(task, "mine") and task.claimed_by_id != user.pk
    reads = permissions.may_read(user, task) and READING.within(task, "open") and not task.held
    context: dict[str, Any] = {
        "task": task,
        "patient": task.patient.current,
        "procedures": task.requested_procedures.select_related("procedure", "order__site", "protocol"),
        "turns": task.turns.select_related("reader").order_by("-pk"),
        "wet_reads": with_grades(
            WetRead.objects.filter(task=task).with_standing().select_related("reader").prefetch_related("grades__by")
        ),
        "written": written(task),
        "reads": reads,
        "holds": READING.within(task, "mine") and not others,
        "free": READING.within(task, "free"),
        "wet_form": WetReadForm(),
        "heir_form": HeirForm([task.site], initial={"to": chosen}) if permissions.may_assign(user, task) else None,
        "take_form": TakeOverForm() if reads and others else None,
    }
    context["where"] = [whereabouts_of(requested, user) for requested in context["procedures"]]
    context["report_id"] = max(reports_of([one.pk for one in context["procedures"]], user).values(), default=None)
    return render(request, "worklist/case.html", context | bound, status=status)
