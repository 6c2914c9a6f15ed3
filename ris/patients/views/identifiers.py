"""Numbers of a person, with the authorities that gave them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ris.accounts.once import once
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404
from ris.patients import actions, permissions
from ris.patients.forms import IdentifierForm
from ris.patients.models import Patient, PatientIdentifier
from ris.patients.views.confidence import opened_or_404


@login_required
@require_http_methods(["GET", "POST"])
@once
def add_identifier(request: SignedInRequest, patient_id: int) -> HttpResponse:
    """Note a number of another authority."""
    patient = opened_or_404(request, patient_id)
    permissions.require_edit(request.user, patient)
    form = IdentifierForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        added = attempt(form, lambda: actions.add_identifier(patient, by=request.user, **form.cleaned_data))
        if added is not None:
            messages.success(request, "The number is noted.")
            return redirect("patients:detail", patient_id=patient.pk)
    context = {"form": form, "patient": patient, "title": "Add a number", "button": "Add the number"}
    return render(request, "patients/small_form.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def retire_identifier(request: SignedInRequest, patient_id: int, identifier_id: int) -> HttpResponse:
    """Send a number out no longer; `in_error` when it never was this person's."""
    patient = opened_or_404(request, patient_id)
    permissions.require_edit(request.user, patient)
    family = Patient.objects.family(patient)
    identifier = get_or_404(PatientIdentifier.objects.filter(patient__in=family), identifier_id)
    actions.retire_identifier(identifier, in_error="in_error" in request.POST, by=request.user)
    messages.success(request, "The number is retired.")
    return redirect("patients:detail", patient_id=patient.pk)
