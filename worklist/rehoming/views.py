"""Moves of studies at the archive: what is under way, what failed and why, and trying it again."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from ris.core.errors import InvalidInput, TransitionError
from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from worklist.rehoming.actions import retry_rehoming
from worklist.rehoming.giving_up import give_up_rehoming
from worklist.rehoming.rows import Rehoming

PAGE = 50
FOR_RECONCILERS = "Moves of studies are for technologists and radiologists."


@login_required
@require_GET
def rehomings(request: SignedInRequest) -> HttpResponse:
    """What waits for a person first, then what is under way, then the newest."""
    require_somewhere(request.user, "study.reconcile", FOR_RECONCILERS)
    rows = Rehoming.objects.visible_to(request.user).select_related("study", "site").most_urgent_first()
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "worklist/rehomings.html", {"page_obj": page})


@login_required
@require_POST
def retry(request: SignedInRequest, rehoming_id: int) -> HttpResponse:
    """What was wrong has been put right."""
    require_somewhere(request.user, "study.reconcile", FOR_RECONCILERS)
    retry_rehoming(get_or_404(Rehoming.objects.visible_to(request.user), rehoming_id), by=request.user)
    messages.success(request, "It is tried again.")
    return redirect("worklist:rehomings")


@login_required
@require_POST
def give_up(request: SignedInRequest, rehoming_id: int) -> HttpResponse:
    """It cannot be put right: back to what was, with the reason."""
    require_somewhere(request.user, "study.reconcile", FOR_RECONCILERS)
    row = get_or_404(Rehoming.objects.visible_to(request.user).select_related("study"), rehoming_id)
    try:
        give_up_rehoming(row, why=request.POST.get("why", ""), by=request.user)
        messages.success(request, "Given up. What was moved goes back, and the study waits in the queue again.")
    except (InvalidInput, TransitionError) as refusal:
        messages.error(request, refusal.message)
    return redirect("worklist:rehomings")
