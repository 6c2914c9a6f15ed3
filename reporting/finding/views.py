"""The archive of reports: a box for words, choices beside it, the newest first."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from reporting.finding.people import alike, written_of
from reporting.finding.query import Query, read
from reporting.finding.quoting import quote
from reporting.finding.search import FACETS, PAGE, Found, search
from reporting.models import Report, ReportVersion
from ris.accounts.models import User
from ris.core.http import SignedInRequest, require_somewhere

TITLES = {"site": "Site", "modality": "Modality", "year": "Year", "signer": "Signed by"}


@login_required
@require_GET
def archive(request: SignedInRequest) -> HttpResponse:
    """Signed reports of one's sites that have the words, newest first."""
    require_somewhere(request.user, "report.view", "Reports are for those who treat or read.")
    text = request.GET.get("q", "").strip()
    query, chosen = read(text), {kind: request.GET[kind] for kind in FACETS if request.GET.get(kind, "").isalnum()}
    found = search(query, request.user.sites_where("report.view"), chosen, before=_number(request.GET.get("before")))
    context: dict[str, Any] = {"q": text, "found": found, "rows": _rows(found, query, request.user)}
    context["facets"] = [(kind, TITLES[kind], found.facets.get(kind, []), chosen.get(kind)) for kind in FACETS]
    if text and not found.count:
        context["similar"] = _of_similar_people(text, request.user)
    return render(request, "reporting/archive.html", context)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


def _rows(found: Found, query: Query, user: User) -> list[dict[str, Any]]:
    """The reports of a page with their newest version and the sentence that has the words."""
    reports = _shown(Report.objects.visible_to(user).filter(pk__in=found.reports))
    known = {report.pk: report for report in reports}
    return [_row(known[pk], query) for pk in found.reports if pk in known]


def _shown(reports: Any) -> Any:
    left = ReportVersion.objects.have_left()
    newest = left.select_related("signature").order_by("-number")
    rows = reports.filter(pk__in=left.values("report")).select_related("task__patient__merged_into", "site", "template")
    return rows.prefetch_related(Prefetch("versions", newest, to_attr="newest_first"))


def _row(report: Report, query: Query) -> dict[str, Any]:
    version: ReportVersion = report.newest_first[0]  # type: ignore[attr-defined]  # the prefetch above
    return {"report": report, "version": version, "quote": quote(version.content, query)}


def _of_similar_people(text: str, user: User) -> list[dict[str, Any]]:
    """The newest reports of people whose name is like the text: names that were misspelt, or have changed."""
    reports = _shown(Report.objects.visible_to(user).filter(written_of(alike(text, user)))).order_by("-pk")[:PAGE]
    return [_row(report, Query()) for report in reports]
