"""The open list of critical findings, a case's findings, and the export for those who audit."""

from __future__ import annotations

import csv
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
from reporting.critical.forms import FlagForm, TellForm, WithdrawForm
from reporting.critical.record import CriticalFinding
from reporting.lifecycle import CRITICAL
from ris import audit
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere, unless_seen
from ris.core.texts import plain_cell
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
    """Every finding and every attempt as CSV (RFC 4180), times in UTC: for audits. Of patients the accession
    numbers, not the names; the words of a finding and of a call are those of whoever wrote them.
    """
    require_somewhere(request.user, "audit.view", "The export is for administrators.")
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="critical-findings.csv"'
    answer["Cache-Control"] = "private, no-store"
    writer = csv.writer(answer)
    writer.writerow(HEADINGS)
    rows = CriticalFinding.objects.filter(site__in=request.user.sites_where("audit.view")).order_by("pk")
    for row in rows.select_related("flagged_by").prefetch_related("communications__by", "task__requested_procedures"):
        for line in _lines(row):
            writer.writerow(line)
    audit.record("critical.exported", request.user, by=request.user)
    return answer


HEADINGS = (
    "finding", "accession_numbers", "category", "state", "flagged_at", "flagged_by", "due_at", "escalations",
    "recipient", "reach", "words", "withdrawn_because",
    "told", "how", "reached", "read_back", "told_at", "told_by", "noted_at", "note",
)  # fmt: skip


def _lines(row: CriticalFinding) -> list[list[object]]:
    accessions = sorted({item.accession_number for item in row.task.requested_procedures.all()})
    own: list[object] = [
        row.pk, " ".join(accessions), row.category, row.state, row.flagged_at.isoformat(), row.flagged_by.username,
        row.due_at.isoformat(), row.escalations, plain_cell(row.recipient), plain_cell(row.reach),
        plain_cell(row.finding), plain_cell(row.withdrawn_because),
    ]  # fmt: skip
    told = [
        [
            plain_cell(one.told),
            one.way,
            one.reached,
            one.read_back,
            one.at.isoformat(),
            one.by.username,
            one.noted_at.isoformat(),
            plain_cell(one.note),
        ]
        for one in row.communications.all()
    ]
    return [[*own, *line] for line in told or [[""] * 8]]


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
