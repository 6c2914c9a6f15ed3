"""The reading list: narrow it, keep the filter, take a case or the next one, give it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from ris.core.errors import InvalidInput
from ris.core.http import SignedInRequest, get_or_404, require_somewhere, unless_seen
from worklist.actions import filters, reading
from worklist.models import ReadingTask
from worklist.priors.earlier import priors_of
from worklist.reading import filters as narrowing
from worklist.reading import rows
from worklist.reading.filters import Filter
from worklist.reading.saved import SavedFilter

FOR_READERS = "The reading list is for residents and radiologists."
LAST = "reading-filter"
"""Session key: the filter that "next case" goes on with."""


@login_required
@require_GET
def reading_list(request: SignedInRequest) -> HttpResponse:
    """Cases to read, most urgent first, narrowed as the address says."""
    require_somewhere(request.user, "reading.list", FOR_READERS)
    return render(request, "worklist/reading_list.html", _page(request, Filter.read(request.GET.dict())))


@login_required
@require_GET
def reading_rows(request: SignedInRequest) -> HttpResponse:
    """The rows again; 204 when nothing changed."""
    require_somewhere(request.user, "reading.list", FOR_READERS)
    found = rows.reading_rows(request.user, Filter.read(request.GET.dict()))
    return unless_seen(request, found["version"], lambda: render(request, "worklist/_reading_rows.html", found))


@login_required
@require_GET
def reading_tabs(request: SignedInRequest) -> HttpResponse:
    """The tabs with their counts again; 204 when none changed. Counted less often than the rows are asked for."""
    require_somewhere(request.user, "reading.list", FOR_READERS)
    chosen = Filter.read(request.GET.dict())
    found = rows.tabs(request.user, chosen) | {"filter": chosen}
    seen = str(found["tabs_version"])
    return unless_seen(request, seen, lambda: render(request, "worklist/_reading_tabs.html", found))


def _page(request: SignedInRequest, chosen: Filter) -> dict[str, Any]:
    request.session[LAST] = chosen.query
    return {
        **rows.reading_rows(request.user, chosen),
        **rows.choices(request.user),
        **rows.tabs(request.user, chosen),
        "whose": narrowing.WHOSE,
        "sorts": narrowing.SORT_WORDS,
        "due": narrowing.DUE,
        "ages": narrowing.AGES,
        "reports": narrowing.REPORTS,
        "assigned": narrowing.ASSIGNED,
    }


@login_required
@require_POST
def take_next(request: SignedInRequest) -> HttpResponse:
    """Claim the first free case under the filter of the list, and go to it."""
    require_somewhere(request.user, "reading.list", FOR_READERS)
    chosen = Filter.of_query(request.POST.get("filter") or request.session.get(LAST, ""))
    task = reading.claim_next(rows.next_cases(request.user, chosen), by=request.user)
    if task is None:
        messages.info(request, "Nothing waits under this filter." if chosen.is_narrow else "Nothing waits to be read.")
        return redirect(f"{reverse('worklist:reading-list')}?{chosen.query}")
    return redirect("viewer:reading-room", task_id=task.pk)


@login_required
@require_POST
def keep(request: SignedInRequest) -> HttpResponse:
    """Keep the filter under a name, for oneself, for a group, or for all who read at a site."""
    require_somewhere(request.user, "reading.list", FOR_READERS)
    chosen = Filter.of_query(request.POST.get("filter", ""))
    audience = rows.audience(request.user, request.POST.get("site", ""))
    try:
        filters.keep_filter(chosen, name=request.POST.get("name", ""), by=request.user, **audience)
    except InvalidInput as error:
        context = _page(request, chosen) | {"problem": str(error), "typed": request.POST.get("name", "")}
        return render(request, "worklist/reading_list.html", context, status=400)
    return redirect(f"{reverse('worklist:reading-list')}?{chosen.query}")


@login_required
@require_POST
def drop(request: SignedInRequest, filter_id: int) -> HttpResponse:
    """Drop a filter of one's own."""
    require_somewhere(request.user, "reading.list", FOR_READERS)
    kept = get_or_404(SavedFilter.objects.visible_to(request.user), filter_id)
    filters.drop_filter(kept, by=request.user)
    return redirect("worklist:reading-list")


@login_required
@require_GET
def priors(request: SignedInRequest, task_id: int) -> HttpResponse:
    """The patient's earlier exams, those that matter for this case first."""
    require_somewhere(request.user, "reading.list", FOR_READERS)
    task = get_or_404(ReadingTask.objects.visible_to(request.user).select_related("patient"), task_id)
    found = priors_of(task, request.user)
    return render(request, "worklist/_priors.html", {"task": task, "priors": found})


@login_required
@require_POST
def claim(request: SignedInRequest, task_id: int) -> HttpResponse:
    """Take a case and go to the reading room."""
    require_somewhere(request.user, "reading.list", FOR_READERS)
    task = get_or_404(ReadingTask.objects.visible_to(request.user), task_id)
    reading.claim(task, by=request.user)
    return redirect("viewer:reading-room", task_id=task.pk)


@login_required
@require_POST
def release(request: SignedInRequest, task_id: int) -> HttpResponse:
    """Give a case back to the list."""
    require_somewhere(request.user, "reading.list", FOR_READERS)
    task = get_or_404(ReadingTask.objects.visible_to(request.user), task_id)
    reading.release(task, by=request.user)
    return redirect("worklist:reading-list")
