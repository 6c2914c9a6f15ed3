"""Two records of one person: side by side, then merged; and back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ris.accounts.once import once
from ris.core import panels
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from ris.patients import actions, permissions
from ris.patients.comparison import compare
from ris.patients.finding.search import search
from ris.patients.forms import ReasonForm
from ris.patients.models import Patient
from ris.patients.views.confidence import opened_or_404

FOR = "Merging is for clerks and site administrators."


@login_required
@require_http_methods(["GET", "POST"])
@once
def merge(request: SignedInRequest, patient_id: int) -> HttpResponse:
    """Find the other record (?q=), compare the two (?with=), choose the one that stays."""
    require_somewhere(request.user, "patient.merge", FOR)
    patient = opened_or_404(request, patient_id)
    wanted = request.POST.get("with") or request.GET.get("with", "")
    if not wanted.isdecimal():
        return _choose(request, patient)
    other = opened_or_404(request, int(wanted))
    permissions.require_merge(request.user, patient, other)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        stays, goes = (other, patient) if request.POST.get("stays") == str(other.pk) else (patient, other)
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.merge_patients(goes, into=stays, reason=reason, by=request.user)) is not None:
            messages.success(request, "One person now. Orders and worklist show this record; nothing was deleted.")
            return redirect("patients:detail", patient_id=stays.pk)
    context = {"form": form, "patient": patient, "other": other, "rows": compare(patient, other)}
    context["panels"] = panels.collect("patient-merge", patient, other, request.user)
    return render(request, "patients/compare.html", context, status=422 if form.errors else 200)


def _choose(request: SignedInRequest, patient: Patient) -> HttpResponse:
    permissions.require_merge(request.user, patient)
    text = request.GET.get("q", f"{patient.family_name} {patient.given_name}").strip()
    others = [found for found in search(text, request.user).patients if found.pk != patient.pk]
    return render(request, "patients/merge.html", {"patient": patient, "q": text, "others": others})


@login_required
@require_http_methods(["GET", "POST"])
def unmerge(request: SignedInRequest, patient_id: int) -> HttpResponse:
    """Take a merge back."""
    require_somewhere(request.user, "patient.merge", FOR)
    loser = get_or_404(Patient.objects.visible_to(request.user), patient_id)
    permissions.require_merge(request.user, loser)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.unmerge_patient(loser, reason=reason, by=request.user)) is not None:
            messages.success(request, "Two persons again, each with its own orders and numbers.")
            return redirect("patients:detail", patient_id=loser.pk)
    about = f"{loser.display_name} was merged into {loser.current.display_name}."
    context = {
        "form": form,
        "patient": loser,
        "title": "Take a merge back",
        "button": "Make them two again",
        "about": about,
    }
    return render(request, "patients/small_form.html", context, status=422 if form.errors else 200)
