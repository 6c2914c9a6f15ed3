"""Bringing studies from outside: drop, look, choose the patient, store."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ris import audit
from ris.core.errors import InvalidInput, NotFound
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, pdf_answer, require_somewhere, unless_seen
from ris.dicom import sandbox
from ris.dicom.archive import get_archive
from ris.dicom.datasets import InstanceRef
from ris.patients.finding.search import search
from ris.patients.models import Patient
from worklist.lifecycle import OUTSIDE
from worklist.models import Study
from worklist.outside import actions
from worklist.outside.comparing import compared, differences, studies_in
from worklist.outside.forms import BeginForm, GiveForm
from worklist.outside.rows import OutsideImport, OutsideStudy

PAGE = 50
FOR = "Bringing studies from outside is for clerks, technologists and radiologists."


@login_required
@require_http_methods(["GET", "POST"])
def deliveries(request: SignedInRequest) -> HttpResponse:
    """What was brought, newest first, and a new delivery; files may come with it in the same form."""
    require_somewhere(request.user, "study.import", FOR)
    form = BeginForm(request.POST or None, sites=request.user.sites_where("study.import"))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        row = attempt(form, lambda: actions.begin_import(data["site"], source=data["source"], by=request.user))
        if row is not None:
            return _with_files(request, row)
    rows = OutsideImport.objects.visible_to(request.user).select_related("site", "patient")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": page}
    return render(request, "worklist/outside/list.html", context, status=422 if form.errors else 200)


def _with_files(request: SignedInRequest, row: OutsideImport) -> HttpResponse:
    """Files of the form itself: what a browser without the drop area sends."""
    files = request.FILES.getlist("files")
    for file in files:
        part = actions.Part(name=file.name or "file", offset=0, body=file)
        actions.take_part(row, part, by=request.user)
    if files:
        actions.close_import(row, by=request.user)
    return redirect("worklist:outside-delivery", delivery_id=row.pk)


@login_required
@require_http_methods(["GET", "POST"])
def delivery(request: SignedInRequest, delivery_id: int) -> HttpResponse:
    """One delivery at whatever stage it is; `?patient=` compares, and POST gives."""
    require_somewhere(request.user, "study.import", FOR)
    row = get_or_404(OutsideImport.objects.visible_to(request.user).select_related("site", "patient"), delivery_id)
    context = _context(request, row)
    form = context.get("form")
    if request.method == "POST" and isinstance(form, GiveForm) and form.is_valid():
        choice = actions.Choice(
            patient=context["person"],
            studies=form.cleaned_data["studies"],
            accepted=form.accepted,
            reports=form.reports,
        )
        if attempt(form, lambda: actions.give_import(row, choice, by=request.user)) is not None:
            return redirect("worklist:outside-delivery", delivery_id=row.pk)
    failed = isinstance(form, GiveForm) and bool(form.errors)
    return render(request, "worklist/outside/delivery.html", context, status=422 if failed else 200)


def _context(request: SignedInRequest, row: OutsideImport) -> dict[str, Any]:
    context: dict[str, Any] = {"row": row, "stored": row.files.filter(stored=True).count()}
    context["total"] = row.files.filter(kind="dicom").count()
    if not OUTSIDE.within(row, "ready"):
        return context
    brought = studies_in(row)
    context["brought"] = brought
    there = brought[0].person
    wanted = request.POST.get("patient") or request.GET.get("patient", "")
    if wanted.isdecimal():
        person = get_or_404(Patient.objects.visible_to(request.user), int(wanted)).current
        form = GiveForm(
            request.POST or None,
            brought=brought,
            differing=differences(there, person),
            reports=list(row.files.filter(kind="pdf")),
        )
        return {**context, "person": person, "rows": compared(there, person), "form": form}
    text = request.GET.get("q", there.name.split("=")[0].replace("^", " ")).strip()
    return {**context, "q": text, "people": search(text, request.user).patients if text else []}


@login_required
@require_GET
def progress(request: SignedInRequest, delivery_id: int) -> HttpResponse:
    """How far it is; 204 when nothing changed."""
    require_somewhere(request.user, "study.import", FOR)
    row = get_or_404(OutsideImport.objects.visible_to(request.user), delivery_id)
    context = _context(request, row)
    version = f"{row.state}-{context['stored']}-{row.problem}"
    context["version"] = version
    return unless_seen(request, version, lambda: render(request, "worklist/outside/_progress.html", context))


@login_required
@require_POST
def part(request: SignedInRequest, delivery_id: int) -> HttpResponse:
    """A piece of a file as the body of the request; `?name=` and `?offset=` say of which, and where."""
    require_somewhere(request.user, "study.import", FOR)
    row = get_or_404(OutsideImport.objects.visible_to(request.user), delivery_id)
    offset = request.GET.get("offset", "0")
    if not offset.isdecimal() or len(offset) > 15:
        raise InvalidInput("A piece of a file begins at a number of bytes.")
    piece = actions.Part(name=request.GET.get("name", ""), offset=int(offset), body=request)  # type: ignore[arg-type]
    actions.take_part(row, piece, by=request.user)
    return JsonResponse({"ok": True})


@login_required
@require_POST
def verb(request: SignedInRequest, delivery_id: int, verb: str) -> HttpResponse:
    """Close, discard or try again."""
    require_somewhere(request.user, "study.import", FOR)
    row = get_or_404(OutsideImport.objects.visible_to(request.user), delivery_id)
    verbs = {"close": actions.close_import, "discard": actions.discard_import, "retry": actions.retry_import}
    if verb not in verbs:
        raise NotFound("There is no such button.")
    verbs[verb](row, by=request.user)
    if verb == "discard":
        messages.success(request, "The files were thrown away.")
        return redirect("worklist:outside")
    return redirect("worklist:outside-delivery", delivery_id=row.pk)


@login_required
@require_GET
def report(request: SignedInRequest, outside_id: int, number: int) -> HttpResponse:
    """An old report, as it came; seen by who may see its images."""
    require_somewhere(request.user, "study.view", "Old reports are for those who see the images.")
    visible = Study.objects.visible_to(request.user)
    rows = OutsideStudy.objects.filter(study__in=visible.values("pk")).select_related("study", "patient")
    row = get_or_404(rows, outside_id)
    if number >= len(row.reports):
        raise NotFound("There is no such report.")
    kept = row.reports[number]
    ref = InstanceRef(row.study.study_instance_uid, kept["series_uid"], kept["sop_uid"])
    body = bytes.fromhex(sandbox.call("worklist.outside.directory.document", get_archive().retrieve(ref)))
    audit.record("report.outside-viewed", row, by=request.user, patient=row.patient,
                 study_uid=row.study.study_instance_uid, site_id=row.study.site_id)  # fmt: skip
    return pdf_answer(body, "outside-report.pdf", shown=True)
