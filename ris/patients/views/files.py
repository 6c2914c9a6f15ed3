"""Finding patients and looking at their files."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ris.core.errors import NotPermitted
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404
from ris.patients import actions, permissions
from ris.patients.file import contents
from ris.patients.finding.recent import recently_registered
from ris.patients.finding.search import Found, search
from ris.patients.forms import PatientForm, ReasonForm, initial_of
from ris.patients.models import Patient
from ris.patients.views.confidence import is_open, keep_open, opened_or_404


@login_required
@require_GET
def patient_list(request: SignedInRequest) -> HttpResponse:
    """The search box: a number, words of a name, a date of birth, in any order; answered while typing."""
    if not request.user.may("patient.view", None):
        raise NotPermitted("Patients are for those who work with them.")
    text = request.GET.get("q", "").strip()
    found = search(text, request.user) if text else Found(recently_registered(request.user))
    context = {
        "found": found,
        "q": text,
        "may_register": request.user.may("patient.register", None),
        "may_walk_in": permissions.may_walk_in(request.user),
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "patients/_found.html" if part else "patients/list.html", context)


@login_required
@require_GET
def detail(request: SignedInRequest, patient_id: int) -> HttpResponse:
    """The patient file: opening it is an act, and recorded. A confidential one asks why first."""
    patient = get_or_404(Patient.objects.visible_to(request.user), patient_id)
    if not is_open(request, patient):
        return render(request, "patients/confidential.html", {"patient": patient, "form": ReasonForm()})
    if not patient.confidential:
        actions.open_file(patient, by=request.user)
    return render(request, "patients/detail.html", contents(patient, request.user))


@login_required
@require_POST
def open_confidential(request: SignedInRequest, patient_id: int) -> HttpResponse:
    """Open a confidential file for half an hour, with a reason that is kept."""
    patient = get_or_404(Patient.objects.visible_to(request.user), patient_id)
    form = ReasonForm(request.POST)
    if form.is_valid():
        actions.open_file(patient, by=request.user, reason=form.cleaned_data["reason"])
        keep_open(request, patient)
        return redirect("patients:detail", patient_id=patient.pk)
    return render(request, "patients/confidential.html", {"patient": patient, "form": form}, status=422)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, patient_id: int) -> HttpResponse:
    """Correct a person's data."""
    patient = opened_or_404(request, patient_id)
    permissions.require_edit(request.user, patient)
    form = PatientForm(request.POST or None, initial=initial_of(patient))
    if request.method == "POST" and form.is_valid():
        saved = attempt(form, lambda: actions.update_patient(patient, form.data_for_action(), by=request.user))
        if saved is not None:
            messages.success(request, "Saved.")
            return redirect("patients:detail", patient_id=patient.pk)
    return render(request, "patients/form.html", {"form": form, "patient": patient}, status=422 if form.errors else 200)
