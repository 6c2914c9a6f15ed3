"""The hand-over list: what one leaves at the end of a shift, and what was handed to one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ris.accounts.models import Site, User
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, require_somewhere
from worklist.actions import handing
from worklist.lifecycle import READING
from worklist.models import ReadingTask
from worklist.reading.forms import HeirForm
from worklist.reading.views import FOR_READERS


@login_required
@require_http_methods(["GET", "POST"])
def hand_over(request: SignedInRequest) -> HttpResponse:
    """Cases in one's hand, and cases that wait for oneself: chosen ones go to somebody else with a note."""
    require_somewhere(request.user, "reading.list", FOR_READERS)
    sites = list(Site.objects.filter(pk__in=request.user.sites_where("reading.list")))
    form = HeirForm(sites, request.POST if request.method == "POST" else None, everybody=False)
    own = own_cases(request.user)
    if request.method == "POST":
        chosen = own.filter(pk__in=[key for key in request.POST.getlist("case") if key.isdecimal()])
        if form.is_valid() and not chosen:
            form.add_error(None, "Tick the cases that you hand over.")
        elif form.is_valid() and (done := attempt(form, lambda: _hand(form, chosen, request.user))):
            words = "1 case was" if len(done) == 1 else f"{len(done)} cases were"
            messages.success(request, f"{words} handed to {form.heir.name}.")
            return redirect("worklist:hand-over")
    ticked = set(request.POST.getlist("case")) if request.method == "POST" else {str(task.pk) for task in own}
    status = 422 if form.errors else 200
    return render(request, "worklist/hand_over.html", {"form": form, "tasks": own, "ticked": ticked}, status=status)


def own_cases(user: User) -> QuerySet[ReadingTask]:
    held = Q(claimed_by=user, state__in=READING.groups["mine"])
    waits = Q(assigned_to=user, state__in=READING.groups["free"])
    return ReadingTask.objects.for_reading_list(user).filter(held | waits)


def _hand(form: HeirForm, chosen: QuerySet[ReadingTask], user: User) -> list[ReadingTask]:
    return handing.hand_over(chosen, to=form.heir, note=form.cleaned_data["note"], by=user)
