"""The dashboard and its tables as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ris import audit
from ris.core.errors import NotFound
from ris.core.http import SignedInRequest, require_somewhere
from ris.core.texts import plain_cell
from ris.dashboards import figures, plot
from ris.dashboards.figures import Asked, Table
from ris.dicom.models import MODALITIES

FOR_WHOM = "Dashboards are for radiologists and administrators."
# What of each table is drawn: which columns, and whether lying or standing.
DRAWN = {
    "turnaround": ((2, 4), "log"),
    "volumes": ((1, 2, 3), "columns"),
    "ageing": ((1, 2), "rows"),
    "no-shows": ((3,), "rows"),
    "rooms": ((1, 2), "rows"),
}


@login_required
@require_GET
def dashboard(request: SignedInRequest) -> HttpResponse:
    """How long things take, how much is done, who did not come, how rooms are used, what waits."""
    require_somewhere(request.user, "figures.view", FOR_WHOM)
    asked = Asked.read(request.GET.dict())
    context: dict[str, Any] = {
        "asked": asked,
        "parts": [{"table": table, "plot": drawn(table)} for table in figures.tables(request.user, asked)],
        "sites": figures.sites_of(request.user),
        "modalities": MODALITIES,
        "periods": figures.PERIODS,
    }
    return render(request, "dashboards/dashboard.html", context)


@login_required
@require_GET
def as_csv(request: SignedInRequest, key: str) -> HttpResponse:
    """One table as it stands on the page."""
    require_somewhere(request.user, "figures.view", FOR_WHOM)
    asked = Asked.read(request.GET.dict())
    table = next((one for one in figures.tables(request.user, asked) if one.key == key), None)
    if table is None:
        raise NotFound("There is no such table.")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.columns)
    writer.writerows([["" if value is None else plain_cell(value) for value in row] for row in table.rows])
    audit.record("dashboard.exported", ("dashboard", key), by=request.user)
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{key}-{asked.period}-days.csv"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def drawn(table: Table) -> plot.Plot | None:
    """None for a table without rows."""
    if not any(any(row[1:]) for row in table.rows):
        return None
    places, way = DRAWN[table.key]
    names = [str(row[0]) for row in table.rows]
    series = [(table.columns[place], [row[place] for row in table.rows]) for place in places]
    return plot.columns(names, series) if way == "columns" else plot.rows(names, series, log=way == "log")
