"""The day board: the list that equals the calendar, and the call-back list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from ris.accounts.models import Site
from ris.core import panels
from ris.core.http import SignedInRequest, get_or_404, require_somewhere, unless_seen
from ris.scheduling import actions, permissions
from ris.scheduling.board import board_of, site_and_day, version_of
from ris.scheduling.models import CallBack


def _board(request: SignedInRequest) -> dict[str, Any]:
    site, day = site_and_day(request.user, request.GET.get("site", ""), request.GET.get("day", ""))
    board = board_of(site, day)
    return {**board, "version": version_of(board), "may_book": permissions.may_book(request.user, site.pk)}


@login_required
@require_GET
def day(request: SignedInRequest) -> HttpResponse:
    """One day of one site."""
    context = _board(request)
    sites = Site.objects.filter(pk__in=request.user.sites_where("schedule.view"))
    may_manage = permissions.may_manage(request.user, context["site"].pk)
    context["panels"] = panels.collect("day", context["site"], request.user, request.GET.get("booked", ""))
    context["may_print"] = request.user.may("paper.print", context["site"].pk)
    return render(request, "scheduling/day.html", {**context, "sites": sites, "may_manage": may_manage})


@login_required
@require_GET
def board(request: SignedInRequest) -> HttpResponse:
    """The board again; 204 when it looks the same."""
    context = _board(request)
    return unless_seen(request, context["version"], lambda: render(request, "scheduling/_board.html", context))


@login_required
@require_POST
def call_back_done(request: SignedInRequest, call_back_id: int) -> HttpResponse:
    """The patient was reached."""
    require_somewhere(request.user, "schedule.view", "The schedule is for those who work at a site.")
    visible = CallBack.objects.filter(site__in=request.user.sites_where("schedule.view"))
    done = actions.close_call_back(
        get_or_404(visible.select_related("site", "appointment"), call_back_id), by=request.user
    )
    left = "Both appointments still stand." if done.overlap else "The exam still waits to be scheduled."
    messages.success(request, f"Called. {left}")
    return redirect(f"{reverse('scheduling:day')}?site={done.site.code}")
