"""The audit trail, for those who answer for it. Reading it is itself recorded (DCM 110101)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ris import audit
from ris.audit.models import AuditEvent, AuditSeal
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
    rows = AuditEvent.objects.all()
    if not request.user.may("installation.manage", None):
        rows = rows.filter(site_id__in=request.user.sites_where("audit.view"))
    text = request.GET.get("q", "").strip()
    if text:
        named = Q(action__startswith=text) | Q(study_uid=text) | Q(actor_display__icontains=text)
        rows = rows.filter(named | Q(target_id=text))
    quiet = request.GET.get("show") == "quiet"
    if quiet:
        rows = rows.exclude(action="worklist.queried")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "q": text, "quiet": quiet, "seal": AuditSeal.objects.order_by("-id").first()}
    return render(request, "audit/trail.html", context)
