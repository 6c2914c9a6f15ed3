"""Earlier reports beside the draft; opening them is recorded."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from reporting.models import Report
from reporting.pane import may_change
from reporting.previous.reading import previous_of
from ris import audit
from ris.core.http import SignedInRequest, get_or_404, require_somewhere


@login_required
@require_GET
def previous(request: SignedInRequest, report_id: int) -> HttpResponse:
    """What was reported of this person before, to read and to copy from."""
    require_somewhere(request.user, "report.write", "Writing reports is for residents and radiologists.")
    rows = Report.objects.visible_to(request.user).select_related("task__patient", "site")
    report = get_or_404(rows, report_id)
    found = previous_of(report, request.user)
    for one in found:
        audit.record("report.viewed", one.version.report, by=request.user, patient=report.task.patient_id)
    context = {"report": report, "previous": found, "writable": may_change(report, request.user)}
    return render(request, "reporting/_previous.html", context)
