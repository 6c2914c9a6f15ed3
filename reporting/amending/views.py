"""Pages on which a signed report is added to, corrected or withdrawn."""

from __future__ import annotations

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from reporting import open_patient
from reporting.actions import amend
from reporting.amending.forms import AmendmentForm, WithdrawForm
from reporting.amending.record import KINDS, Amendment
from reporting.models import Report
from reporting.permissions import may_sign_final
from reporting.proving import proof_of
from ris import audit
from ris.core.errors import ConcurrentUpdateError, NotFound, NotPermitted
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere

FOR_SIGNERS = "Addenda, corrections and withdrawals are for those who sign final."


def _report(request: SignedInRequest, pk: int) -> Report:
    require_somewhere(request.user, "report.view", FOR_SIGNERS)
    rows = Report.objects.visible_to(request.user).select_related("task__patient__merged_into", "site", "template")
    report = get_or_404(rows, pk)
    if not may_sign_final(request.user, report):
        raise NotPermitted(FOR_SIGNERS)
    return report


@login_required
@require_http_methods(["GET", "POST"])
def amendment(request: SignedInRequest, report_id: int, kind: str) -> HttpResponse:
    """Write an addendum or a correction: save it, sign it, or give it up."""
    report = _report(request, report_id)
    if kind not in dict(KINDS):
        raise NotFound("There is no such page.")
    draft = amend.begin_amendment(report, kind=kind, by=request.user)
    if request.method == "GET":
        audit.record("report.viewed", report, by=request.user, patient=report.task.patient_id)
        open_patient.note(request.session, report.task.patient)
        return _page(request, report, draft, _form(report, draft, after_a_call="call" in request.GET))
    if "drop" in request.POST:
        amend.drop_amendment(draft, by=request.user)
        messages.info(request, "Your draft was given up. The report is as it was.")
        return redirect("reporting:detail", report.pk)
    return _posted(request, report, draft, _form(report, draft, request.POST))


def _posted(request: SignedInRequest, report: Report, draft: Amendment, form: AmendmentForm) -> HttpResponse:
    """What was typed is kept before anything is signed: a wrong password loses nothing."""
    if not form.is_valid():
        return _page(request, report, draft, form, 422)
    revision = form.cleaned_data["revision"]
    try:
        saved = attempt(form, lambda: amend.save_amendment(draft, form.typed, revision=revision, by=request.user))
    except ConcurrentUpdateError:
        return _overtaken(request, report, draft)
    if saved is None:
        return _page(request, report, draft, form, 422)
    draft, form = saved, _form(report, saved, _at_revision(request, saved))
    if "sign" not in request.POST:
        messages.success(request, "Saved. It is not signed yet.")
        return redirect("reporting:amendment", report.pk, draft.kind)
    form.is_valid()
    signed = attempt(form, lambda: _signed(request, draft))
    if signed is None:
        return _page(request, report, draft, form, 422)
    waits = Report.objects.filter(pk=report.pk, held_until__isnull=False).exists()
    where = "It waits for its release, and can be recalled." if waits else "Its PDF is on its way into the archive."
    messages.success(request, f"{draft.get_kind_display()} signed. {where}")
    return redirect("reporting:detail", report.pk)


def _overtaken(request: SignedInRequest, report: Report, draft: Amendment) -> HttpResponse:
    """It was saved elsewhere meanwhile: what was typed stays in the boxes, what was saved stands above them."""
    form = _form(report, draft, _at_revision(request, draft))
    form.is_valid()
    form.add_error(None, "This was saved elsewhere while you wrote. Join the two texts below, then save.")
    return _page(request, report, draft, form, 409)


def _at_revision(request: SignedInRequest, draft: Amendment) -> QueryDict:
    """What was posted, on top of the draft as it is saved now."""
    data = request.POST.copy()
    data["revision"] = str(draft.revision)
    return data


def _signed(request: SignedInRequest, draft: Amendment) -> object:
    open_patient.require(request.session, draft.report.task.patient)
    proof, accepted = proof_of(request), request.POST.getlist("accepted")
    return amend.sign_amendment(draft, revision=draft.revision, proof=proof, by=request.user, accepted=accepted)


def _form(
    report: Report, draft: Amendment, data: QueryDict | None = None, *, after_a_call: bool = False
) -> AmendmentForm:
    return AmendmentForm(draft, amend.base_of(report), data, after_a_call=after_a_call)


def _page(
    request: SignedInRequest, report: Report, draft: Amendment, form: django_forms.Form, status: int = 200
) -> HttpResponse:
    base = amend.base_of(report)
    context = {"report": report, "task": report.task, "draft": draft, "form": form, "base": base}
    context |= {"overtaken": status == 409, "remarks": amend.remarks_of(draft, base) if draft.revision else []}
    return render(request, "reporting/amendment.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, report_id: int) -> HttpResponse:
    """Ask why, and who asks; then the report counts no more."""
    report = _report(request, report_id)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "GET":
        open_patient.note(request.session, report.task.patient)
    elif form.is_valid():
        open_patient.require(request.session, report.task.patient)
        reason = form.cleaned_data["reason"]
        done = attempt(
            form,
            lambda: amend.withdraw_report(report, reason=reason, proof=proof_of(request), by=request.user),
        )
        if done is not None:
            messages.success(request, "The report is withdrawn. The case waits to be read again.")
            return redirect("reporting:detail", report.pk)
    context = {"report": report, "task": report.task, "form": form, "base": amend.base_of(report)}
    return render(request, "reporting/withdraw.html", context, status=422 if form.errors else 200)
