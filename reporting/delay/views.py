"""The two buttons beside a signed report that has not left yet."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from reporting.delay import actions
from reporting.delay.holding import AMENDED
from reporting.models import Report
from ris.core.http import SignedInRequest, get_or_404, require_somewhere

FOR_SIGNERS = "Signed reports are recalled by who signed them."


def _report(request: SignedInRequest, pk: int) -> Report:
    require_somewhere(request.user, "report.write", FOR_SIGNERS)
    return get_or_404(Report.objects.visible_to(request.user), pk)


@login_required
@require_POST
def recall(request: SignedInRequest, report_id: int) -> HttpResponse:
    """Back to the draft, of the report or of what was added to it; the case is the signer's again."""
    report = _report(request, report_id)
    waiting = report.waiting
    actions.recall_report(report, by=request.user)
    messages.success(request, "It was recalled: it never left, and is yours to change.")
    if waiting is not None and waiting.kind in AMENDED:
        return redirect("reporting:amendment", report.pk, waiting.kind)
    return redirect("viewer:reading-room", task_id=report.task_id)


@login_required
@require_POST
def send_now(request: SignedInRequest, report_id: int) -> HttpResponse:
    """Out before its time."""
    report = actions.release_now(_report(request, report_id), by=request.user)
    messages.success(request, "The report is on its way.")
    return redirect("reporting:detail", report.pk)
