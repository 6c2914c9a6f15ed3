"""The audit trail, for those who answer for it. Reading it is itself recorded (DCM 110101)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ris import audit
from ris.audit.models import AuditSeal
from ris.audit.trail import narrowed, rows_for
from ris.core.errors import NotPermitted
from ris.core.http import SignedInRequest

PAGE = 50


@login_required
@require_GET
def trail(request: SignedInRequest) -> HttpResponse:
    """Rows of one's sites (all of them for an installation admin), newest first."""
    if not request.user.may("audit.view", None):
        raise NotPermitted("The audit trail is for administrators.")
    audit.record("audit.opened", ("audit", "trail"), by=request.user)
    text = request.GET.get("q", "").strip()
    quiet = request.GET.get("show") == "quiet"
    rows = narrowed(rows_for(request.user), text, quiet=quiet)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "q": text, "quiet": quiet, "seal": AuditSeal.objects.order_by("-id").first()}
    return render(request, "audit/trail.html", context)
