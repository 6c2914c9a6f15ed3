"""The admin's pages of report templates: editor with preview, import and export, versions."""

from __future__ import annotations

import json
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reporting.actions import templates as actions
from reporting.actions.templates import TemplateData, faults_of
from reporting.fieldset import shown
from reporting.models import ReportTemplate
from reporting.permissions import require_templates
from reporting.proofreading.roles import ROLES, role_of
from reporting.templates.computed import compute
from reporting.templates.fields import TYPES, of_section
from reporting.templates.formulas import FORMULAS
from reporting.templates.merging import SOURCES
from reporting.templates.mrrt import Imported, MrrtRefused, write
from reporting.templates.values import typed
from ris.accounts.models import User
from ris.core.errors import DomainError, InvalidInput
from ris.dicom import sandbox
from ris.dicom.models import MODALITIES

PAGES = "admin/reporting/reporttemplate/"
LARGEST = 1_000_000
READ = "reporting.templates.mrrt.sandboxed.read_json"
EMPTY: dict[str, Any] = {
    "key": "", "title": "", "modality": "", "body_part": "", "about": {}, "fields": [],
    "sections": [{"key": key, "title": key.capitalize(), "text": ""}
                 for key in ("technique", "comparison", "findings", "impression")],
}  # fmt: skip


def user_of(request: HttpRequest) -> User:
    """Who asks; whoever may not manage templates is refused before anything is read."""
    user = cast("User", request.user)
    require_templates(user)
    return user


def page(request: HttpRequest, name: str, status: int = 200, **context: Any) -> HttpResponse:
    """A page in the admin's frame."""
    around = {**admin.site.each_context(request), "opts": ReportTemplate._meta, **context}
    return render(request, f"{PAGES}{name}.html", around, status=status)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int | None) -> HttpResponse:
    """The editor: of a new template, a draft, or to look at a version that is fixed."""
    user = user_of(request)
    row = get_object_or_404(ReportTemplate, pk=pk) if pk is not None else None
    if request.method == "POST":
        return _saved(request, row, by=user)
    return _editor(request, row, (row and TemplateData.of(row).columns()) or EMPTY, {})


def _saved(request: HttpRequest, row: ReportTemplate | None, *, by: User) -> HttpResponse:
    try:
        data = data_of(request.POST.get("body", ""))
        if row is None:
            row = actions.begin_template(data, by=by)
        else:
            row = actions.edit_template(row, data, revision=_revision(request), by=by)
    except DomainError as error:
        messages.error(request, error.message)
        return _editor(request, row, _readable(request.POST.get("body", "")), error.fields, status=error.status)
    messages.success(request, f"Saved as a draft: {row}. New reports use it once it is published.")
    if request.POST.get("next") == "mapping":
        of = request.POST.get("of", "")
        return redirect(f"{address('mapping', row)}?{urlencode({'of': of})}")
    return redirect("admin:reporting_reporttemplate_change", row.pk)


def _revision(request: HttpRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() else -1


def _editor(
    request: HttpRequest, row: ReportTemplate | None, body: dict[str, Any], faults: dict[str, str], status: int = 200
) -> HttpResponse:
    formulas = {
        name: {"label": rule.label, "inputs": dict(rule.inputs), "many": rule.many, "units": list(rule.units),
               "optional": sorted(rule.optional)}
        for name, rule in FORMULAS.items()
    }  # fmt: skip
    versions = ReportTemplate.objects.filter(key=row.key).order_by("-version") if row else []
    return page(
        request, "edit", status, template=row, title=str(row) if row else "New report template", versions=versions,
        editor={"body": body, "faults": faults, "formulas": formulas, "open": row is None or row.open},
        types=TYPES, merges=SOURCES, modalities=MODALITIES,
    )  # fmt: skip


def data_of(text: str) -> TemplateData:
    """What the editor sends, as JSON; raises InvalidInput when it is not even of that shape."""
    said = _readable(text)
    words = {name: said.get(name, "") for name in ("key", "title", "modality", "body_part")}
    if not all(isinstance(value, str) for value in words.values()) or not isinstance(said.get("about", {}), dict):
        raise InvalidInput("The page is out of date. Reload it.")
    sections, fields = said.get("sections", []), said.get("fields", [])
    return TemplateData(**words, sections=sections, fields=fields, about=said.get("about", {}))


def _readable(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text) if len(text) <= LARGEST else None
    except (ValueError, RecursionError):
        said = None
    return said if isinstance(said, dict) else dict(EMPTY)


@require_POST
def preview(request: HttpRequest) -> JsonResponse:
    """The template as a report begins with it, and what is wrong with it; nothing is saved."""
    user_of(request)
    data = data_of(request.POST.get("body", ""))
    faults = faults_of(data)
    structural = [place for place in faults if place.startswith(("sections", "fields")) or not place]
    html = "" if structural else render(request, "reporting/_preview.html", _previewed(data)).content.decode()
    return JsonResponse({"faults": faults, "html": html})


def _previewed(data: TemplateData) -> dict[str, Any]:
    at = timezone.now().isoformat()
    specs = data.columns()["fields"]
    held = compute(specs, {spec["key"]: typed(spec, spec.get("default", ""), by="", at=at) for spec in specs})
    sections = [
        {
            **section,
            "role": ROLES.get(role_of(section), ""),
            "fields": [shown(spec, held[spec["key"]]) for spec in of_section(specs, section["key"])],
        }
        for section in data.columns()["sections"]
    ]
    return {"title": data.title, "sections": sections, "writable": True}


def _done(request: HttpRequest, row: ReportTemplate, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("admin:reporting_reporttemplate_change", row.pk)


@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(ReportTemplate, pk=pk)
    try:
        row = actions.publish_template(row, by=user_of(request))
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("admin:reporting_reporttemplate_change", pk)
    return _done(request, row, "Published: new reports begin with it. Reports that were begun keep theirs.")


@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(ReportTemplate, pk=pk)
    try:
        row = actions.retire_template(row, by=user_of(request))
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("admin:reporting_reporttemplate_change", pk)
    return _done(request, row, "Retired: no new report begins with it.")


@require_POST
def next_version(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(ReportTemplate, pk=pk)
    row = actions.begin_template(TemplateData.of(row), by=user_of(request))
    return _done(request, row, f"Version {row.version} is a draft now. The published one stays until you publish this.")


@require_GET
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The version as an MRRT file."""
    user_of(request)
    row = get_object_or_404(ReportTemplate, pk=pk)
    headers = {"Content-Disposition": f'attachment; filename="{row.key}-v{row.version}.html"'}
    return HttpResponse(write(TemplateData.of(row).columns()), content_type="text/html; charset=utf-8", headers=headers)


@require_http_methods(["GET", "POST"])
def import_page(request: HttpRequest) -> HttpResponse:
    """An MRRT file becomes a draft; what it has no place for is told."""
    user = user_of(request)
    if request.method == "GET":
        return page(request, "import", title="Import a template", faults=[])
    try:
        imported = _imported(request)
        row = actions.begin_template(TemplateData(**imported.template), by=user)
    except MrrtRefused as refused:
        return page(request, "import", 422, title="Import a template", faults=refused.faults)
    except InvalidInput as error:
        faults = [f"{place}: {words}" for place, words in error.fields.items()]
        return page(request, "import", 422, title="Import a template", faults=faults)
    for note in imported.notes:
        messages.warning(request, note)
    return _done(request, row, f"Imported as a draft: {row}. Look at it, then publish it.")


def _imported(request: HttpRequest) -> Imported:
    """What the chosen file says, read where a hostile one does no harm. Raises MrrtRefused."""
    file = request.FILES.get("file")
    if file is None:
        raise MrrtRefused("Choose a file.")
    if (file.size or 0) > LARGEST:
        raise MrrtRefused("The file is larger than 1000 kB.")
    try:
        said = sandbox.call(READ, file.read())
    except sandbox.SandboxRefused as refused:
        raise MrrtRefused(refused.reason) from refused
    if "faults" in said:
        raise MrrtRefused(*said["faults"])
    return Imported(**said)


def address(name: str, row: ReportTemplate) -> str:
    return reverse(f"admin:reporting_reporttemplate_{name}", args=[row.pk])
