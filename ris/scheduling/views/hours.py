"""Closures, kept time and holidays of a site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from ris.accounts.models import Site
from ris.accounts.once import once
from ris.core.errors import NotFound, NotPermitted
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from ris.scheduling import actions
from ris.scheduling.affected import booked_in
from ris.scheduling.closed import CLOSING, closing, coming
from ris.scheduling.forms import BlockForm, ClosureForm, HolidayForm
from ris.scheduling.models import Resource

FORMS: dict[str, type[forms.Form]] = {"closure": ClosureForm, "block": BlockForm, "holiday": HolidayForm}
WORDS = "Hours, closures and holidays are for the administrators of a site."


@login_required
@require_http_methods(["GET", "POST"])
@once
def times(request: SignedInRequest) -> HttpResponse:
    """What closes rooms from today on, and three forms to add to it."""
    site = _site(request)
    kind = request.POST.get("kind", "")
    rooms = Resource.objects.filter(site=site, active=True).select_related("site")
    shown = {name: _form(name, rooms, request.POST if name == kind else None) for name in FORMS}
    if kind in shown and shown[kind].is_valid():
        added = attempt(shown[kind], lambda: _add(kind, shown[kind], site, request))
        if added is not None:
            messages.success(request, _told(added))
            return _back(site)
    faulty = any(form.errors for form in shown.values())
    context = {"site": site, "sites": _sites(request), "forms": shown, **_listed(site)}
    context["rooms"] = rooms.prefetch_related("openings")
    return render(request, "scheduling/times.html", context, status=422 if faulty else 200)


@login_required
@require_POST
def remove(request: SignedInRequest, kind: str, row_id: int) -> HttpResponse:
    """The room is to be had again."""
    require_somewhere(request.user, "site.manage", WORDS)
    if kind not in CLOSING:
        raise NotFound("There is no such page, or it is not yours to see.")
    row = get_or_404(closing(kind, _sites(request)), row_id)
    site = row.site if kind == "holiday" else row.resource.site
    actions.remove(row, by=request.user)
    messages.success(request, "Removed.")
    return _back(site)


def _add(kind: str, form: Any, site: Site, request: SignedInRequest) -> list[Any]:
    data, by = form.cleaned_data, request.user
    add: dict[str, Callable[[], list[Any]]] = {
        "closure": lambda: actions.close_room(form.when(), reason=data["reason"], by=by),
        "block": lambda: actions.keep_time(form.when(), purpose=data["purpose"], note=data["note"], by=by),
        "holiday": lambda: [actions.add_holiday(site, day=data["day"], name=data["name"], by=by)],
    }
    return add[kind]()


def _told(added: list[Any]) -> str:
    """That it stands, and how many people have an appointment in it."""
    inside = sum(booked_in(row).count() for row in added)
    people = f" {inside} booked in it: move or call them." if inside else ""
    return f"Added.{people}"


def _form(name: str, rooms: Any, data: Any) -> Any:
    chosen: Any = FORMS[name]
    options: dict[str, Any] = {} if name == "holiday" else {"rooms": rooms}
    return chosen(data, auto_id=f"id_{name}_%s", **options)


def _listed(site: Site) -> dict[str, Any]:
    return {f"{kind}s": coming(kind, [site]) for kind in CLOSING}


def _sites(request: SignedInRequest) -> Any:
    return Site.objects.filter(pk__in=request.user.sites_where("site.manage"))


def _site(request: SignedInRequest) -> Site:
    sites = _sites(request)
    found = sites.filter(code=request.GET.get("site", "")).first() or sites.first()
    if found is None:
        raise NotPermitted(WORDS)
    return found


def _back(site: Site) -> HttpResponse:
    return redirect(f"{reverse('scheduling:times')}?site={site.code}")
