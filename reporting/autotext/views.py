"""One's own autotexts on a page, in a file, and for the editor of a report."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reporting.autotext import actions
from reporting.autotext.choosing import autotexts_for
from reporting.autotext.forms import AutotextForm, FileForm
from reporting.autotext.record import Autotext
from reporting.models import Report
from reporting.spelling import spell
from ris.core.errors import InvalidInput
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere

FOR_WRITERS = "Autotexts are for those who write reports."
LARGEST = 5_000_000
SHOWN = 300


@login_required
@require_http_methods(["GET", "POST"])
def autotexts(request: SignedInRequest) -> HttpResponse:
    """All that one can use, one's own first; a new one is made here."""
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    form = AutotextForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        made = attempt(form, lambda: actions.write_autotext(None, form.written, by=request.user))
        if made is not None:
            messages.success(request, f".{made.keyword} is kept.")
            return redirect("reporting:autotexts")
    return _page(request, form)


def _page(request: SignedInRequest, form: AutotextForm, file_fault: str = "") -> HttpResponse:
    words = request.GET.get("q", "").strip()
    rows = Autotext.objects.visible_to(request.user).select_related("procedure", "group", "site").distinct()
    if words:
        rows = rows.filter(Q(keyword__icontains=words.removeprefix(".")) | Q(text__icontains=words))
    found = sorted(rows, key=lambda row: (row.owner_id is None, row.keyword))[:SHOWN]
    spell(request, form)
    context = {"rows": found, "q": words, "form": form, "file_form": FileForm(), "file_fault": file_fault}
    return render(request, "reporting/autotexts.html", context, status=422 if form.errors or file_fault else 200)


@login_required
@require_http_methods(["GET", "POST"])
def autotext(request: SignedInRequest, autotext_id: int) -> HttpResponse:
    """Change one of one's own, or remove it."""
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    row = get_or_404(Autotext.objects.own(request.user), autotext_id)
    if "remove" in request.POST:
        actions.remove_autotext(row, by=request.user)
        messages.info(request, f".{row.keyword} was removed.")
        return redirect("reporting:autotexts")
    form = AutotextForm(request.POST if request.method == "POST" else None, of=row)
    if form.is_bound and form.is_valid():
        done = attempt(form, lambda: actions.write_autotext(row, form.written, by=request.user))
        if done is not None:
            messages.success(request, f".{done.keyword} is kept.")
            return redirect("reporting:autotexts")
    spell(request, form)
    return render(request, "reporting/autotext.html", {"row": row, "form": form}, status=422 if form.errors else 200)


@login_required
@require_GET
def autotexts_export(request: SignedInRequest) -> JsonResponse:
    """One's own in a file."""
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    answer = JsonResponse({"autotexts": actions.given_out(request.user)}, json_dumps_params={"indent": 1})
    answer.headers["Content-Disposition"] = 'attachment; filename="autotexts.json"'
    return answer


@login_required
@require_POST
def autotexts_import(request: SignedInRequest) -> HttpResponse:
    """All of a file become one's own, or none."""
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    form = FileForm(request.POST, request.FILES)
    try:
        count = actions.take_in(_items(form), by=request.user)
    except InvalidInput as fault:
        return _page(request, AutotextForm(), fault.message)
    messages.success(request, f"{count} autotexts were taken in.")
    return redirect("reporting:autotexts")


def _items(form: FileForm) -> list[Any]:
    """What a file holds; raises InvalidInput."""
    if not form.is_valid() or form.cleaned_data["file"].size > LARGEST:
        raise InvalidInput("Choose a file that was saved here, of five megabytes at most.")
    try:
        read = json.loads(form.cleaned_data["file"].read().decode())
    except (ValueError, RecursionError):
        raise InvalidInput("This file is not JSON.") from None
    items = read.get("autotexts") if isinstance(read, dict) else read
    if not isinstance(items, list):
        raise InvalidInput("This file holds no autotexts.")
    return items


@login_required
@require_GET
def report_autotexts(request: SignedInRequest, report_id: int) -> JsonResponse:
    """What the editor of a report expands, those that count first."""
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    report = get_or_404(Report.objects.visible_to(request.user).select_related("task"), report_id)
    return JsonResponse({"autotexts": autotexts_for(report, request.user)})
