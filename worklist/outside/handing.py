"""Handing a study out: asked for, made in the background, saved by who asked."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from ris.accounts.once import once
from ris.core.errors import NotPermitted
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere, unless_seen
from worklist.outside.exporting import ask_export, exportable, may_export, people_of
from worklist.outside.forms import ExportForm
from worklist.outside.rows import StudyExport
from worklist.outside.streaming import zip_answer

PAGE = 50
FOR = "Handing out studies is for clerks, technologists and radiologists."


@login_required
@require_http_methods(["GET", "POST"])
@once
def ask(request: SignedInRequest, study_id: int) -> HttpResponse:
    """For whom, and with the reports or not."""
    require_somewhere(request.user, "study.export", FOR)
    study = get_or_404(exportable(request.user), study_id)
    if not may_export(request.user, study):
        raise NotPermitted(FOR)
    form = ExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        asked = attempt(form, lambda: ask_export(study, **data, by=request.user))
        if asked is not None:
            messages.success(request, "It is being made. It can be saved here when it is ready.")
            return redirect("worklist:exports")
    context = {"form": form, "study": study, "person": people_of([study]).get(study.pk)}
    return render(request, "worklist/outside/export.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def exports(request: SignedInRequest) -> HttpResponse:
    """What one asked for."""
    require_somewhere(request.user, "study.export", FOR)
    return render(request, "worklist/outside/exports.html", _shown(_rows(request)))


@login_required
@require_GET
def export_rows(request: SignedInRequest) -> HttpResponse:
    """The rows again; 204 when nothing changed."""
    require_somewhere(request.user, "study.export", FOR)
    rows = _rows(request)
    return unless_seen(request, _version(rows), lambda: render(request, "worklist/outside/_exports.html", _shown(rows)))


def _rows(request: SignedInRequest) -> list[StudyExport]:
    return list(StudyExport.objects.visible_to(request.user).select_related("study", "site")[:PAGE])


def _version(rows: list[StudyExport]) -> str:
    return "-".join(f"{row.pk}{row.state}" for row in rows) or "none"


def _shown(rows: list[StudyExport]) -> dict[str, object]:
    """Whose they are is asked only where something is shown."""
    people = people_of(row.study for row in rows)
    return {"rows": [(row, people.get(row.study_id)) for row in rows], "version": _version(rows)}


@login_required
@require_GET
def save(request: SignedInRequest, export_id: int) -> HttpResponseBase:
    """The ZIP itself, streamed from the disk."""
    require_somewhere(request.user, "study.export", FOR)
    row = get_or_404(StudyExport.objects.visible_to(request.user).select_related("study"), export_id)
    return zip_answer(row, by=request.user, later=isinstance(request, ASGIRequest))
