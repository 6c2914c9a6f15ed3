"""Registering people: known ones, after a look at those who resemble them; unknown ones, with one key."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_http_methods, require_POST

from ris.accounts.once import once
from ris.core.errors import InvalidInput, NotPermitted
from ris.core.forms import attempt
from ris.core.http import SignedInRequest
from ris.patients import actions, permissions
from ris.patients.finding.resemblance import Resemblance, resembling
from ris.patients.forms import PatientForm, RegistrationForm, TemporaryForm, initial_from, initial_of
from ris.patients.models import Patient
from ris.patients.views.confidence import opened_or_404

# Two unknown people may well come within a minute; the key pressed twice is one.
PRESSED_TWICE = timedelta(seconds=15)


@login_required
@require_http_methods(["GET", "POST"])
@once
def register(request: SignedInRequest) -> HttpResponse:
    """Register a person, once it is said that those who resemble are others; the next thing is an order."""
    if not request.user.may("patient.register", None):
        raise NotPermitted("Registering patients is for clerks.")
    form = RegistrationForm(request.POST or None, user=request.user, initial=initial_from(request.GET.get("q", "")))
    alike, sparse = Resemblance(), False
    if request.method == "POST" and form.is_valid():
        alike, unlike = _resembling(request, form)
        sparse = form.is_sparse and "sparse" not in request.POST
        if not sparse and not set(alike.keys) - unlike:
            patient = attempt(form, lambda: _registered(request, form, unlike))
            if patient is not None:
                messages.success(request, "Registered. Now place the order.")
                return redirect("patients:detail", patient_id=patient.pk)
    context = {"form": form, "alike": alike, "sparse": sparse, "warned": sparse or "sparse" in request.POST}
    return render(request, "patients/form.html", context, status=422 if form.errors or alike.keys or sparse else 200)


@login_required
@require_http_methods(["GET", "POST"])
def identify(request: SignedInRequest, patient_id: int) -> HttpResponse:
    """Now it is known who this is: the same record gets a name, or is merged into the one that there was."""
    patient = opened_or_404(request, patient_id)
    permissions.require_edit(request.user, patient)
    form = PatientForm(request.POST or None, initial=initial_of(patient))
    alike = Resemblance()
    if request.method == "POST" and form.is_valid():
        alike, unlike = _resembling(request, form, patient)
        if not set(alike.keys) - unlike:
            saved = attempt(form, lambda: actions.identify_patient(patient, form.data_for_action(), by=request.user))
            if saved is not None:
                messages.success(request, f"Identified. Orders, images and drafts of {saved.alias} carry the name now.")
                return redirect("patients:detail", patient_id=saved.pk)
    context = {"form": form, "alike": alike, "patient": patient, "identifying": True}
    return render(request, "patients/form.html", context, status=422 if form.errors or alike.keys else 200)


@login_required
@require_POST
@partial(once, within=PRESSED_TWICE)
def register_temporary(request: SignedInRequest) -> HttpResponse:
    """One key: an unidentified person, and on to the exam."""
    if not request.user.may("patient.register", None):
        raise NotPermitted("Registering patients is for clerks.")
    form = TemporaryForm(request.POST, user=request.user)
    site = form.chosen_site() if form.is_valid() else None
    if site is None:
        raise InvalidInput("An unknown person needs no field; what was sent cannot be used.")
    patient = actions.register_temporary(site=site, by=request.user, estimated_age=form.cleaned_data["estimated_age"])
    messages.success(request, f"{patient.alias} is registered. Choose the exam.")
    return redirect(_next_step(patient))


def _next_step(patient: Patient) -> str:
    """Straight to the worklist where scheduling knows walk-ins, else by way of an order."""
    try:
        return reverse("scheduling:walk-in", args=[patient.pk])
    except NoReverseMatch:
        return reverse("orders:place", args=[patient.pk])


def _registered(request: SignedInRequest, form: RegistrationForm, unlike: set[int]) -> Patient:
    site, number = form.cleaned_data["site"], form.cleaned_data["number"]
    return actions.register_patient(form.data_for_action(), site=site, number=number, by=request.user, unlike=unlike)


def _resembling(
    request: SignedInRequest, form: PatientForm, besides: Patient | None = None
) -> tuple[Resemblance, set[int]]:
    """Who resembles what was typed, and whom the clerk has seen and called another person."""
    seen = {int(key) for key in request.POST.get("unlike", "").split(",") if key.isdecimal() and len(key) < 19}
    alike = resembling(form.data_for_action(), request.user, besides=[besides.pk] if besides else [])
    return alike, seen & set(alike.keys)
