"""Pages on which a signed report is added to, corrected or withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from reporting import open_patient
from reporting.actions import amend
from reporting.amending.fieldset import as_posted, parts_of, sections_with_fields, shown_fields
from reporting.amending.forms import AmendmentForm
from reporting.amending.joining import Mine, both_of
from reporting.amending.record import KINDS, Amendment
from reporting.joining.sealing import key_for
from reporting.models import Report, ReportVersion
from reporting.permissions import may_sign_final
from reporting.proving import proof_of
from reporting.spelling import spell
from ris import audit
from ris.core.errors import ConcurrentUpdateError, InvalidInput, NotFound, NotPermitted
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere

FOR_SIGNERS = "Addenda, corrections and withdrawals are for those who sign final."
PAGES = {"withdrawal": "reporting/withdraw.html"}


@dataclass(frozen=True, slots=True)
class Answer:
    """How a page comes back; `unsaved`: what was typed could not be kept and is on the page only."""

    status: int = 200
    unsaved: bool = False


SHOWN, UNSAVED, OVERTAKEN, REFUSED = Answer(), Answer(422, unsaved=True), Answer(409, unsaved=True), Answer(422)


def _report(request: SignedInRequest, pk: int) -> Report:
    require_somewhere(request.user, "report.view", FOR_SIGNERS)
    rows = Report.objects.visible_to(request.user).select_related("task__patient__merged_into", "site", "template")
    report = get_or_404(rows, pk)
    if not may_sign_final(request.user, report):
        raise NotPermitted(FOR_SIGNERS)
    return report


def _draft(request: SignedInRequest, report_id: int, kind: str) -> tuple[Report, Amendment]:
    """One's own open draft, begun when there is none."""
    report = _report(request, report_id)
    if kind not in dict(KINDS):
        raise NotFound("There is no such page.")
    return report, amend.begin_amendment(report, kind=kind, by=request.user)


@login_required
@require_http_methods(["GET", "POST"])
def amendment(request: SignedInRequest, report_id: int, kind: str) -> HttpResponse:
    """Write an addendum, a correction or a withdrawal: save it, sign it, or give it up."""
    if "drop" in request.POST:
        return _dropped(request, _report(request, report_id), kind)
    report, draft = _draft(request, report_id, kind)
    if request.method == "GET":
        audit.record("report.viewed", report, by=request.user, patient=report.task.patient_id)
        open_patient.note(request.session, report.task.patient)
        return _page(request, report, draft, _form(report, draft, after_a_call="call" in request.GET))
    return _posted(request, report, draft, _form(report, draft, request.POST))


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, report_id: int) -> HttpResponse:
    """Ask why, and who asks; then the report counts no more."""
    return amendment(request, report_id, "withdrawal")


@login_required
@require_POST
def save(request: SignedInRequest, report_id: int, kind: str) -> JsonResponse:
    """Keep what stands in the page, every few seconds; answers with its new revision."""
    report, draft = _draft(request, report_id, kind)
    form = _form(report, draft, request.POST)
    if not form.is_valid():
        raise InvalidInput(f"It was not saved. {' '.join(form.faults.values())}", fields=form.faults)
    saved = amend.save_amendment(draft, form.typed, revision=form.seen_revision, by=request.user)
    fields = shown_fields(saved, amend.base_of(report)) if kind == "correction" else {}
    return JsonResponse({"revision": saved.revision, "saved_at": saved.saved_at, "fields": fields})


@login_required
@require_POST
def joining(request: SignedInRequest, report_id: int, kind: str) -> HttpResponse:
    """What the page has beside what was saved, with the revision that a join of both starts from."""
    report, draft = _draft(request, report_id, kind)
    context = {"saved": draft, "site": report.site, "into": f"the {kind}"}
    context |= both_of(draft, amend.base_of(report), Mine.of_page(request.POST))
    return render(request, "reporting/_joining.html", context)


def _dropped(request: SignedInRequest, report: Report, kind: str) -> HttpResponse:
    if draft := amend.own_draft(report, kind, request.user):
        amend.drop_amendment(draft, by=request.user)
    messages.info(request, "Your draft was given up. The report is as it was.")
    return redirect("reporting:detail", report.pk)


def _posted(request: SignedInRequest, report: Report, draft: Amendment, form: AmendmentForm) -> HttpResponse:
    """What was typed is kept before anything is signed: a wrong password loses nothing."""
    if not form.is_valid():
        return _page(request, report, draft, form, UNSAVED)
    revision = form.seen_revision
    try:
        saved = attempt(form, lambda: amend.save_amendment(draft, form.typed, revision=revision, by=request.user))
    except ConcurrentUpdateError:
        return _overtaken(request, report, draft)
    if saved is None:
        return _page(request, report, draft, form, UNSAVED)
    draft, form = saved, _form(report, saved, _at_revision(request, saved))
    if not _signs(request, draft):
        messages.success(request, "Saved. It is not signed yet.")
        return redirect(request.path)
    form.is_valid()
    if attempt(form, lambda: _signed(request, draft)) is None:
        return _page(request, report, draft, form, REFUSED)
    messages.success(request, _words(report, draft))
    return redirect("reporting:detail", report.pk)


def _signs(request: SignedInRequest, draft: Amendment) -> bool:
    """A withdrawal is asked for by pages and programs that know of no draft."""
    return "sign" in request.POST or (draft.kind == "withdrawal" and "save" not in request.POST)


def _words(report: Report, draft: Amendment) -> str:
    if draft.kind == "withdrawal":
        return "The report is withdrawn. The case waits to be read again."
    waits = Report.objects.filter(pk=report.pk, held_until__isnull=False).exists()
    where = "It waits for its release, and can be recalled." if waits else "Its PDF is on its way into the archive."
    return f"{draft.get_kind_display()} signed. {where}"


def _overtaken(request: SignedInRequest, report: Report, draft: Amendment) -> HttpResponse:
    """It was saved elsewhere meanwhile: what was typed stays in the boxes, what was saved stands above them."""
    form = _form(report, draft, _at_revision(request, draft))
    form.is_valid()
    form.add_error(None, "This was saved elsewhere while you wrote. Join the two texts below, then save.")
    return _page(request, report, draft, form, OVERTAKEN)


def _at_revision(request: SignedInRequest, draft: Amendment) -> QueryDict:
    """What was posted, on top of the draft as it is saved now."""
    data = request.POST.copy()
    data["revision"] = str(draft.revision)
    return data


def _signed(request: SignedInRequest, draft: Amendment) -> object:
    open_patient.require(request.session, draft.report.task.patient)
    proof, accepted = proof_of(request), request.POST.getlist("accepted")
    if draft.kind == "withdrawal":
        return amend.withdraw_report(draft.report, reason=draft.reason, proof=proof, by=request.user)
    return amend.sign_amendment(draft, revision=draft.revision, proof=proof, by=request.user, accepted=accepted)


def _form(
    report: Report, draft: Amendment, data: QueryDict | None = None, *, after_a_call: bool = False
) -> AmendmentForm:
    return AmendmentForm(draft, amend.base_of(report), data, after_a_call=after_a_call)


def _page(
    request: SignedInRequest, report: Report, draft: Amendment, form: AmendmentForm, answer: Answer = SHOWN
) -> HttpResponse:
    base = amend.base_of(report)
    context = {"report": report, "task": report.task, "draft": draft, "form": form, "base": base}
    asked = draft.revision and draft.kind != "withdrawal"
    spell(request, form)
    context |= {"overtaken": answer is OVERTAKEN, "remarks": amend.remarks_of(draft, base) if asked else []}
    if draft.kind == "correction" and (sections := sections_with_fields(draft, base)):
        context |= parts_of(form, as_posted(sections, request.POST) if answer.unsaved else sections)
    context |= {"keep_key": key_for(request.user, report), **_standing(request, draft, base, answer)}
    return render(request, PAGES.get(draft.kind, "reporting/amendment.html"), context, status=answer.status)


def _standing(request: SignedInRequest, draft: Amendment, base: ReportVersion, answer: Answer) -> dict[str, Any]:
    """What is begun, and from which revision the page goes on by itself (static/js/report-amending.js): the draft's, or
    the one that what was typed belongs to when it could not be kept.
    """
    written = amend.says_anything(draft)
    return {
        "written": written,
        "resumed": written and request.method == "GET",
        "older": written and draft.base != base.number,
        "unsaved": answer.unsaved,
        "page_revision": (answer.unsaved and request.POST.get("revision")) or draft.revision,
    }
