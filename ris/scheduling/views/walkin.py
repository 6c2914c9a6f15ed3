"""The walk-in page: patient, exam, now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ris.accounts.models import Site
from ris.accounts.once import once
from ris.core.errors import NotPermitted
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404
from ris.orders.forms import SafetyForm
from ris.orders.models import Procedure
from ris.orders.questions import earlier_answers, kinds_for
from ris.orders.safety import KINDS
from ris.orders.usage import often_first
from ris.patients.models import Patient
from ris.scheduling import actions
from ris.scheduling.actions import WalkedIn, WalkIn
from ris.scheduling.capability import refusal
from ris.scheduling.forms import WalkInForm
from ris.scheduling.models import Resource
from ris.scheduling.views.appointments import warn_of_unasked


@dataclass(frozen=True, slots=True)
class Choice:
    """An exam as the field offers it."""

    procedure: Procedure
    asks: list[str]
    rooms: list[int]


@login_required
@require_http_methods(["GET", "POST"])
@once
def walk_in(request: SignedInRequest, patient_id: int) -> HttpResponse:
    """An exam for this minute. Only the exam has to be chosen."""
    sites = _sites(request)
    patient = get_or_404(Patient.objects.visible_to(request.user), patient_id)
    site = sites.filter(code=request.GET.get("site", "")).first() or sites[0]
    rooms = Resource.objects.filter(site=site, active=True).select_related("site", "node")
    urgent = {"priority": "STAT"} if patient.temporary else {}
    form = WalkInForm(request.POST or None, rooms=rooms, initial=urgent)
    safety = SafetyForm(request.POST or None, kinds=KINDS, before=earlier_answers(patient), zone=site.zone)
    if request.method == "POST" and form.is_valid() & safety.is_valid():
        wanted = _wanted(form, safety, patient)
        done = attempt(form, lambda: actions.walk_in(patient, site=site, wanted=wanted, by=request.user))
        if done is not None:
            _tell(request, done)
            return redirect(f"{reverse('scheduling:day')}?site={site.code}")
    choices = _choices(often_first(site), patient, list(rooms))
    context = {"form": form, "safety": safety, "patient": patient, "site": site, "sites": sites, "choices": choices}
    return render(request, "scheduling/walk_in.html", context, status=422 if form.errors or safety.errors else 200)


def _sites(request: SignedInRequest) -> Any:
    """Where the user both orders and books."""
    both = set(request.user.sites_where("order.place")) & set(request.user.sites_where("schedule.book"))
    if not both:
        raise NotPermitted("Walk-ins are for those who order and book: the clerks.")
    return Site.objects.filter(pk__in=both)


def _wanted(form: WalkInForm, safety: SafetyForm, patient: Patient) -> WalkIn:
    data = form.cleaned_data
    return WalkIn(
        procedure=data["exam"],
        priority=data["priority"] or "ROUTINE",
        side=data["side"],
        room=data["room"],
        answers=safety.answers(kinds_for([data["exam"]], patient.current)),
    )


def _choices(procedures: Iterable[Procedure], patient: Patient, rooms: Sequence[Resource]) -> list[Choice]:
    return [
        Choice(row, kinds_for([row], patient), [room.pk for room in rooms if not refusal(room, [row])])
        for row in procedures
    ]


def _tell(request: SignedInRequest, done: WalkedIn) -> None:
    where = f"{done.requested.description} stands on the worklist of {done.room} now."
    messages.success(request, where if done.appointment else f"{where} Without an appointment: {done.why}")
    warn_of_unasked(request, [done.requested])
