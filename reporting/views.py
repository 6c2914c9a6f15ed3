"""The report pane beside the viewer, a report with its versions, and the signed PDF."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from reporting import actions, open_patient
from reporting.actions.amend import goes_on, may_withdraw, own_drafts
from reporting.actions.returning import return_to_author
from reporting.actions.sign import Answers
from reporting.delay.holding import held_of
from reporting.fieldset import shown_fields
from reporting.forms import fields_of, revision_of, sections_of
from reporting.handing import handed, note_handed
from reporting.lifecycle import REPORT
from reporting.models import Report, ReportVersion
from reporting.moved.reading import moved_images
from reporting.number_views import answer_numbers
from reporting.numbers import changes_since, numbers_of
from reporting.numbers_shown import VERSION
from reporting.pane import may_change, pane_of, require_seen_numbers, versions_of
from reporting.permissions import may_sign_final
from reporting.proving import proof_of
from reporting.refilled import shown_of
from reporting.reread.reading import remarks
from ris import audit
from ris.core.errors import NotFound, NotPermitted, NotVisible
from ris.core.http import SignedInRequest, get_or_404, pdf_answer, require_somewhere, unless_seen
from worklist.models import ReadingTask

FOR_READERS = "Reports are for those who treat or read."
FOR_WRITERS = "Writing reports is for residents and radiologists."


def _report(request: SignedInRequest, pk: int) -> Report:
    require_somewhere(request.user, "report.view", FOR_READERS)
    return get_or_404(
        Report.objects.visible_to(request.user).select_related("task__patient__merged_into", "site", "template"), pk
    )


@login_required
@require_GET
def panel(request: SignedInRequest, task_id: int) -> HttpResponse:
    """The report of a case, as the reading room shows it."""
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    task = get_or_404(ReadingTask.objects.visible_to(request.user).select_related("patient", "site"), task_id)
    report = actions.open_report(task, by=request.user)
    report = _report(request, report.pk)
    pane = pane_of(report, request.user)
    shown = {**shown_of(report), VERSION: pane["numbers_version"]}
    audit.record("report.viewed", report, by=request.user, patient=task.patient_id, **shown)
    return render(request, "reporting/_panel.html", pane)


@login_required
@require_GET
def numbers(request: SignedInRequest, report_id: int) -> HttpResponse:
    """The measured fields again, for those who write; 204 when nothing new was measured."""
    report = _report(request, report_id)
    if not request.user.may("report.write", report.site_id):  # signed or not, these are a draft's
        raise NotVisible("There is no such page, or it is not yours to see.")
    found = numbers_of(report, writable=may_change(report, request.user))
    return unless_seen(request, found["numbers_version"], lambda: answer_numbers(request, report, found))


@login_required
@require_POST
def save(request: SignedInRequest, report_id: int) -> JsonResponse:
    """Keep the draft; answers with its new revision."""
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    report = actions.save_draft(
        _report(request, report_id),
        revision=revision_of(request.POST),
        sections=sections_of(request.POST),
        fields=fields_of(request.POST),
        by=request.user,
    )
    return JsonResponse({"revision": report.revision, "saved_at": report.saved_at, "fields": shown_fields(report)})


@login_required
@require_POST
def send_back(request: SignedInRequest, report_id: int) -> HttpResponse:
    """Give a preliminary report back to its author."""
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    report = _report(request, report_id)
    return_to_author(report, comment=request.POST.get("comment", ""), by=request.user)
    messages.success(request, "The report went back to its author, with your comment.")
    return redirect("worklist:reading-list")


@login_required
@require_GET
def doubts(request: SignedInRequest, report_id: int) -> HttpResponse:
    """What should be looked at again before this draft is signed."""
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    report = _report(request, report_id)
    if not may_change(report, request.user):
        raise NotPermitted("This report is not yours to sign.")
    return render(request, "reporting/_doubts.html", {"remarks": remarks(report)})


@login_required
@require_POST
def sign(request: SignedInRequest, report_id: int) -> HttpResponse:
    """Sign what stands there, with the password or the passkey once more."""
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    report = _report(request, report_id)
    open_patient.require(request.session, report.task.patient)
    kind = "preliminary" if request.POST.get("kind") == "preliminary" else "final"
    seen = request.POST.get("numbers", "")
    require_seen_numbers(report, seen)
    proof = proof_of(request)
    grade, wet_grade, shown = (request.POST.get(name, "") for name in ("grade", "wet_grade", "wet_read"))
    wet_read = int(shown) if shown.isdecimal() else None
    answers = Answers(frozenset(request.POST.getlist("accepted")), grade, wet_grade, wet_read, seen)
    revision = revision_of(request.POST)
    actions.sign_report(report, revision=revision, proof=proof, by=request.user, kind=kind, answers=answers)
    return render(request, "reporting/_panel.html", pane_of(_report(request, report_id), request.user))


@login_required
@require_GET
def status(request: SignedInRequest, report_id: int) -> HttpResponse:
    """Where the signed copies stand; 204 when nothing changed."""
    report = _report(request, report_id)
    versions = versions_of(report, request.user)
    held = held_of(report, request.user)
    states = [f"{version.number}:{version.publication.archive_state}" for version in versions]
    seen = ",".join([*states, f"held:{held['minutes']}"] if held else states)
    context = {"report": report, "versions": versions, "seen": seen, "held": held}
    return unless_seen(request, seen, lambda: render(request, "reporting/_status.html", context))


@login_required
@require_GET
def detail(request: SignedInRequest, report_id: int) -> HttpResponse:
    """A report with all its versions; looking is recorded."""
    report = _report(request, report_id)
    audit.record("report.viewed", report, by=request.user, patient=report.task.patient_id)
    versions, held = versions_of(report, request.user), held_of(report, request.user)
    context = {"report": report, "versions": versions, "task": report.task, "images_url": _images_of(request, report)}
    context |= {"held": held, "prints": Report.objects.released().filter(pk=report.pk).exists()}
    answers = may_sign_final(request.user, report)
    context["amends"] = answers and REPORT.allows(report, "addend") and not held
    context |= {"withdraws": answers and may_withdraw(report), "newest": report.newest_that_left}
    context |= {"changes": changes_since(report), "moved": moved_images(report), "begun": _begun(request, report)}
    grown_at = report.task.images_added_at if REPORT.within(report, "signed") else None
    context |= {"grown_at": grown_at, "judges": request.user.may("report.write", report.site_id)}
    return render(request, "reporting/detail.html", context)


def _begun(request: SignedInRequest, report: Report) -> list[dict[str, Any]]:
    """What the reader began to write above this report, and whether they can go on with it now."""
    drafts = own_drafts(report, request.user) if may_sign_final(request.user, report) else []
    return [{"draft": draft, "goes_on": goes_on(report, draft.kind)} for draft in drafts]


def _images_of(request: SignedInRequest, report: Report) -> str:
    """Where the images of a report are looked at, for those who may: all of its studies, that of its document first."""
    studies = report.task.studies().order_by("first_seen_at", "pk").values_list("study_instance_uid", flat=True)
    if not studies or not request.user.may("study.view", report.site_id):
        return ""
    return f"{reverse('viewer:open')}?StudyInstanceUIDs={','.join(studies)}"


@login_required
@require_GET
def pdf(request: SignedInRequest, version_id: int) -> HttpResponse:
    """The signed PDF, byte for byte as it was signed; of one that counts no more first a page that says so.

    `though`: how it stands, as that page said; with `marked` the word stands on every page, and no signature is left.
    """
    require_somewhere(request.user, "report.view", FOR_READERS)
    visible = ReportVersion.objects.readable_by(request.user)
    version = get_or_404(visible.select_related("report__task__patient__merged_into", "report__site"), version_id)
    paper, stem = handed(version, to_person=True), f"report-{version.accession_numbers[0]}"
    if paper is None:
        raise NotFound("This version has no signed PDF.")
    if paper.is_doubtful and request.GET.get("though") != paper.standing:
        report = version.report
        audit.record("report.viewed", report, by=request.user, patient=report.task.patient_id)
        return render(request, "reporting/not_current.html", {"paper": paper, "report": report, "task": report.task})
    marked = paper.is_doubtful and "marked" in request.GET
    note_handed(paper, by=request.user, by_hand=True, marked=marked)
    if marked:
        return pdf_answer(paper.marked(), paper.name(stem), shown=True)
    return HttpResponse(paper.body, content_type="application/pdf", headers=paper.headers(stem))
