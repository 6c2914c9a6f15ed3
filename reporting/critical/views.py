"""The open list of critical findings, a case's findings, and the export for those who audit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reporting.actions import critical as actions
from reporting.critical.exporting import csv_answer
from reporting.critical.forms import FlagForm, TellForm, WithdrawForm
from reporting.critical.record import CriticalFinding
from reporting.lifecycle import CRITICAL
from ris import audit
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere, unless_seen
from ris.patients.names import readable
from worklist.models import ReadingTask

FOR_READERS = "Critical findings are for those who may see reports."
FOR_WRITERS = "Critical findings are flagged and told by those who read."
SHOWN = 200
Bound = tuple[int, str, forms.Form]


@login_required
@require_GET
def critical_list(request: SignedInRequest) -> HttpResponse:
    """Findings that nobody has read back, the most urgent first; with `all`, the told and withdrawn ones too."""
    require_somewhere(request.user, "report.view", FOR_READERS)
    found = _rows(request)
    return unless_seen(request, found["version"], lambda: render(request, _template(request), found))


def _template(request: SignedInRequest) -> str:
    return "reporting/_critical_rows.html" if "seen" in request.GET else "reporting/critical_list.html"


def _rows(request: SignedInRequest) -> dict[str, Any]:
    everything = request.GET.get("show") == "all"
    rows = CriticalFinding.objects.visible_to(request.user)
    rows = rows.order_by("-pk") if everything else rows.open()
    rows = rows.select_related("task__patient__merged_into", "site", "flagged_by").prefetch_related(
        "communications__by"
    )
    shown, now = list(rows[:SHOWN]), timezone.now()
    version = ",".join(
        f"{row.pk}:{row.state}:{row.due_at < now:d}:{row.is_void:d}:{len(row.communications.all())}" for row in shown
    )
    return {"rows": shown, "version": version or "none", "everything": everything, "now": now}


@login_required
@require_http_methods(["GET", "POST"])
def critical_case(request: SignedInRequest, task_id: int) -> HttpResponse:
    """The findings of a case; POST flags another."""
    task = _task(request, task_id)
    if request.method == "GET":
        audit.record("critical.viewed", task, by=request.user, patient=task.patient_id)
        return _case_page(request, task, FlagForm(initial=_asked(task)))
    form = FlagForm(request.POST)
    if form.is_valid() and attempt(form, lambda: actions.flag(task, by=request.user, **form.cleaned_data)) is not None:
        messages.success(request, "The finding is flagged. Its clock runs until somebody has read it back.")
        return redirect("reporting:critical-case", task_id)
    return _case_page(request, task, form)


def _asked(task: ReadingTask) -> dict[str, str]:
    """Whoever asked for the exam is told first."""
    first = task.requested_procedures.select_related("order").order_by("pk").first()
    return {"recipient": readable(first.order.referrer_name)} if first and first.order.referrer_name else {}


def _case_page(request: SignedInRequest, task: ReadingTask, form: FlagForm, bound: Bound | None = None) -> HttpResponse:
    findings = CriticalFinding.objects.visible_to(request.user).filter(task=task).order_by("-pk")
    findings = findings.select_related("task", "site", "flagged_by").prefetch_related("communications__by")
    context = {
        "task": task,
        "rows": [_forms_of(row, bound) for row in findings],
        "form": form,
        "writes": request.user.may("report.write", task.site_id),
        "now": timezone.now(),
    }
    return render(request, "reporting/critical_case.html", context, status=422 if form.errors or bound else 200)


def _forms_of(row: CriticalFinding, bound: Bound | None) -> dict[str, Any]:
    """A finding with its two forms; the one that was refused comes back as it was typed."""
    forms: dict[str, Any] = {"tell": TellForm(row.site, initial={"told": row.recipient}), "withdraw": WithdrawForm()}
    if bound and bound[0] == row.pk:
        forms[bound[1]] = bound[2]
    return {"critical": row, "tellable": CRITICAL.within(row, "tellable"), **forms}


@login_required
@require_POST
def critical_tell(request: SignedInRequest, critical_id: int) -> HttpResponse:
    """Write an attempt down."""
    critical = _critical(request, critical_id)
    form = TellForm(critical.site, request.POST)
    return _done(request, critical, "tell", form, lambda: actions.tell(critical, form.attempt, by=request.user))


@login_required
@require_POST
def critical_withdraw(request: SignedInRequest, critical_id: int) -> HttpResponse:
    """Take a finding back."""
    critical, form = _critical(request, critical_id), WithdrawForm(request.POST)
    return _done(
        request, critical, "withdraw", form, lambda: actions.withdraw(critical, by=request.user, **form.cleaned_data)
    )


def _done(
    request: SignedInRequest, critical: CriticalFinding, name: str, form: forms.Form, act: Callable[[], object]
) -> HttpResponse:
    if form.is_valid() and attempt(form, act) is not None:
        return redirect("reporting:critical-case", critical.task_id)
    return _case_page(request, critical.task, FlagForm(initial=_asked(critical.task)), (critical.pk, name, form))


@login_required
@require_GET
def critical_export(request: SignedInRequest) -> HttpResponse:
    """Every finding and every attempt, for audits."""
    require_somewhere(request.user, "audit.view", "The export is for administrators.")
    return csv_answer(request.user)


def _task(request: SignedInRequest, task_id: int) -> ReadingTask:
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    return get_or_404(
        ReadingTask.objects.visible_to(request.user).select_related("patient__merged_into", "site"), task_id
    )


def _critical(request: SignedInRequest, critical_id: int) -> CriticalFinding:
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    return get_or_404(
        CriticalFinding.objects.visible_to(request.user).select_related("task__patient", "task__site", "site"),
        critical_id,
    )
