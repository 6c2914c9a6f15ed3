"""Alerts of a person."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ris.accounts.once import once
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404
from ris.patients import actions, permissions
from ris.patients.forms import AlertForm, ReasonForm
from ris.patients.models import Patient, PatientAlert
from ris.patients.views.confidence import opened_or_404


@login_required
@require_http_methods(["GET", "POST"])
@once
def add_alert(request: SignedInRequest, patient_id: int) -> HttpResponse:
    """Note what everybody must know."""
    patient = opened_or_404(request, patient_id)
    permissions.require_edit(request.user, patient)
    form = AlertForm(request.POST or None, initial={"noted_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        added = attempt(form, lambda: actions.add_alert(patient, form.data_for_action(), by=request.user))
        if added is not None:
            messages.success(request, "The alert stands in the banner now.")
            return redirect("patients:detail", patient_id=patient.pk)
    context = {"form": form, "patient": patient, "title": "Add an alert", "button": "Add the alert"}
    return render(request, "patients/small_form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def end_alert(request: SignedInRequest, patient_id: int, alert_id: int) -> HttpResponse:
    """It holds no longer, with a reason."""
    patient = opened_or_404(request, patient_id)
    permissions.require_edit(request.user, patient)
    family = Patient.objects.family(patient)
    alert = get_or_404(PatientAlert.objects.filter(patient__in=family), alert_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ended = attempt(form, lambda: actions.end_alert(alert, reason=form.cleaned_data["reason"], by=request.user))
        if ended is not None:
            messages.success(request, "The alert is ended.")
            return redirect("patients:detail", patient_id=patient.pk)
    words = f"{alert.get_kind_display()}: {alert.text}"
    context = {"form": form, "patient": patient, "title": "End an alert", "button": "End the alert", "about": words}
    return render(request, "patients/small_form.html", context, status=422 if form.errors else 200)
