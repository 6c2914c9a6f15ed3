"""Where a patient lies whom a device visits."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ris.accounts.once import once
from ris.core.forms import attempt
from ris.core.http import SignedInRequest
from ris.scheduling import actions, permissions
from ris.scheduling.forms import BedsideForm
from ris.scheduling.views.appointments import appointment_of


@login_required
@require_http_methods(["GET", "POST"])
@once
def bedside(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    """Ward and bed of the exams that wait, and whether the device comes to the patient."""
    found = appointment_of(request, appointment_id)
    permissions.require_book(request.user, found.site_id)
    step = found.steps.order_by("pk").first()
    before = {"ward": step.ward, "bed": step.bed, "portable": step.portable} if step else {}
    form = BedsideForm(request.POST or None, initial=before)
    if request.method == "POST" and form.is_valid():
        place = actions.Place(**form.cleaned_data)
        if attempt(form, lambda: actions.place_at_bedside(found, place=place, by=request.user)) is not None:
            messages.success(request, "Kept. The devices see it at their next query.")
            return redirect("scheduling:appointment", found.pk)
    context = {"form": form, "appointment": found}
    return render(request, "scheduling/bedside.html", context, status=422 if form.errors else 200)
