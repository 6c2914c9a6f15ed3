"""Emergency access: asking for it, ending it, and the list of those who watch over it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ris import audit
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from viewer import grants
from viewer.glass import actions
from viewer.glass.forms import EmergencyForm, ReviewForm
from viewer.glass.lifecycle import GLASS
from viewer.glass.models import EmergencyAccess

FOR_OFFICERS = "Emergency accesses are reviewed by administrators."
SHOWN = 200


@login_required
@require_http_methods(["GET", "POST"])
def emergency(request: SignedInRequest) -> HttpResponse:
    """Why, and which study; then its images."""
    require_somewhere(request.user, actions.RIGHT, actions.FOR_WHOM)
    form = EmergencyForm(request.POST or None, initial={"study": request.GET.get("study", "")})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        studies = attempt(form, lambda: actions.break_glass(said["study"], reason=said["reason"], by=request.user))
        if studies:
            grants.forget(request.session.session_key or "")
            uids = ",".join(study.study_instance_uid for study in studies)
            return redirect(f"{reverse('viewer:open')}?StudyInstanceUIDs={uids}")
    mine = EmergencyAccess.objects.running().filter(user=request.user).select_related("patient", "site")
    context = {"form": form, "mine": mine, "minutes": settings.EMERGENCY_ACCESS_MINUTES}
    return render(request, "viewer/emergency.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def end(request: SignedInRequest, access_id: int) -> HttpResponse:
    """It is not needed any more."""
    require_somewhere(request.user, actions.RIGHT, actions.FOR_WHOM)
    access = get_or_404(EmergencyAccess.objects.filter(user=request.user), access_id)
    actions.end_access(access, by=request.user)
    grants.forget(request.session.session_key or "")
    messages.success(request, "The emergency access is over.")
    return redirect("viewer:emergency")


@login_required
@require_GET
def accesses(request: SignedInRequest) -> HttpResponse:
    """Those that wait for a review, or all; the latest on top."""
    require_somewhere(request.user, actions.REVIEW, FOR_OFFICERS)
    rows = EmergencyAccess.objects.visible_to(request.user).select_related("user", "patient__merged_into", "site")
    if "all" not in request.GET:
        rows = rows.filter(state__in=GLASS.groups["waiting"])
    audit.record("audit.emergency-viewed", ("url", "emergency"), by=request.user)
    return render(request, "viewer/emergency_list.html", {"rows": rows[:SHOWN], "all": "all" in request.GET})


@login_required
@require_http_methods(["GET", "POST"])
def review(request: SignedInRequest, access_id: int) -> HttpResponse:
    """One of them: what was said, and what the reviewer makes of it."""
    require_somewhere(request.user, actions.REVIEW, FOR_OFFICERS)
    rows = EmergencyAccess.objects.visible_to(request.user).select_related("user", "patient__merged_into", "site")
    access = get_or_404(rows, access_id)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        done = attempt(
            form, lambda: actions.review(access, verb=said["outcome"], remark=said["remark"], by=request.user)
        )
        if done is not None:
            messages.success(request, "The review is written down.")
            return redirect("viewer:emergency-accesses")
    context = {"access": access, "form": form}
    return render(request, "viewer/emergency_review.html", context, status=422 if form.errors else 200)
