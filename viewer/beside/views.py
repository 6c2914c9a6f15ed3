"""The live part of the report's pane that lists the objects, and the button of one that is not stored."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from ris.core.http import SignedInRequest, get_or_404, unless_seen
from viewer.beside.actions import store_again
from viewer.beside.listing import Listing, listing
from viewer.beside.waiting import waiting_of
from worklist.models import ReadingTask
from worklist.permissions import may_read


@login_required
@require_GET
def beside(request: SignedInRequest, task_id: int) -> HttpResponse:
    """The objects of a case; 204 when the page shows them as they are."""
    task = _task(request, task_id)
    found = listing(task)
    return unless_seen(request, found.version, lambda: _shown(request, task, found))


@login_required
@require_POST
def again(request: SignedInRequest, task_id: int, delivery_id: int) -> HttpResponse:
    """Store it now."""
    task = _task(request, task_id)
    store_again(waiting_of(task, delivery_id), task=task, by=request.user)
    return _shown(request, task, listing(task))


def _task(request: SignedInRequest, task_id: int) -> ReadingTask:
    return get_or_404(ReadingTask.objects.visible_to(request.user).select_related("site", "patient"), task_id)


def _shown(request: SignedInRequest, task: ReadingTask, found: Listing) -> HttpResponse:
    context = {"task": task, "found": found, "may_try": may_read(request.user, task)}
    return render(request, "viewer/_beside.html", context)
