"""The archive of reports: a box for words, choices beside it, the newest first."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from reporting.finding.listed import note_listed
from reporting.finding.query import read
from reporting.finding.search import FACETS, search
from reporting.finding.showing import of_similar_people, rows_of
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
    context: dict[str, Any] = {"q": text, "found": found, "rows": rows_of(found, query, request.user)}
    context["facets"] = [(kind, TITLES[kind], found.facets.get(kind, []), chosen.get(kind)) for kind in FACETS]
    if text and not found.count:
        context["similar"] = of_similar_people(text, request.user)
    note_listed([*context["rows"], *context.get("similar", [])], by=request.user)
    return render(request, "reporting/archive.html", context)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None
