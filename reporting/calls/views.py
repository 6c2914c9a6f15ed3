"""From any page to the report that somebody calls about."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from reporting.calls.asking import reports_for
from reporting.permissions import may_sign_final
from ris.core.http import SignedInRequest, require_somewhere


@login_required
@require_GET
def call_back(request: SignedInRequest) -> HttpResponse:
    """The one report of the one person who can be meant is opened; all else is listed, final ones first."""
    require_somewhere(request.user, "report.view", "Reports are for those who treat or read.")
    words = " ".join(request.GET.get("q", "").split())[:100]
    asked = reports_for(words, request.user)
    if asked.sure:
        return redirect(f"{reverse('reporting:detail', args=[asked.reports[0].pk])}?call=1")
    rows = [{"report": report, "amends": may_sign_final(request.user, report)} for report in asked.reports]
    rows += [{"report": report, "counts_not": True} for report in asked.others]
    return render(request, "reporting/call_back.html", {"q": words, "rows": rows, "similar": asked.similar})
