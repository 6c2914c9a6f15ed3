"""Both texts of a draft side by side, for whoever's page was overtaken; nothing is changed here."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from reporting.forms import fields_of, sections_of
from reporting.joining.rows import fields_in_both, texts_of
from reporting.models import Report
from reporting.pane import may_change
from ris.core.errors import NotPermitted
from ris.core.http import SignedInRequest, get_or_404, require_somewhere

BASE = "base-"


@login_required
@require_POST
def joining(request: SignedInRequest, report_id: int) -> HttpResponse:
    """What the page has beside what was saved, with the revision that a join of both starts from."""
    require_somewhere(request.user, "report.write", "Writing reports is for residents and radiologists.")
    rows = Report.objects.visible_to(request.user).select_related("task", "site", "template")
    report = get_or_404(rows, report_id)
    if not may_change(report, request.user):
        raise NotPermitted("This case is with another reader, or signed. Copy your text before you leave this page.")
    base = {name.removeprefix(BASE): str(request.POST[name]) for name in request.POST if name.startswith(BASE)}
    texts = texts_of(report, sections_of(request.POST), base)
    fields = fields_in_both(report, fields_of(request.POST).typed)
    context = {"saved": report, "site": report.site, "into": "the report", "texts": texts, "fields": fields}
    return render(request, "reporting/_joining.html", context)
