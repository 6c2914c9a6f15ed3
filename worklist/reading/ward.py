"""The page of the emergency ward: what readers said at first sight, as soon as they said it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import models
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ris import audit
from ris.accounts.models import User
from ris.core.http import SignedInRequest, require_somewhere, unless_seen
from ris.orders.models import RequestedProcedure
from worklist.lists import fingerprint
from worklist.reading.grades import with_grades
from worklist.reading.told import told_states
from worklist.reading.wet import WetRead

FOR_VIEWERS = "Wet reads are for those who may see reports."
SHOWN = 100


@login_required
@require_GET
def wet_reads(request: SignedInRequest) -> HttpResponse:
    """Of the last day, newest first. Looking is recorded once, not at each poll."""
    require_somewhere(request.user, "report.view", FOR_VIEWERS)
    found = ward_rows(request.user)
    for row in found["rows"]:
        audit.record("reading.wet-read-viewed", row.task, by=request.user)
    return render(request, "worklist/wet_reads.html", found)


@login_required
@require_GET
def wet_read_rows(request: SignedInRequest) -> HttpResponse:
    """The rows again; 204 when nothing changed."""
    require_somewhere(request.user, "report.view", FOR_VIEWERS)
    found = ward_rows(request.user)
    return unless_seen(request, found["version"], lambda: render(request, "worklist/_wet_read_rows.html", found))


def ward_rows(user: User) -> dict[str, Any]:
    """Six queries, however many there are. What does not count any more is said to be so, without its words."""
    procedures = models.Prefetch("task__requested_procedures", RequestedProcedure.objects.select_related("procedure"))
    related = ("task__patient__merged_into", "task__site", "reader")
    rows = WetRead.objects.at_sites_of(user).recent().with_standing().select_related(*related)
    found = with_grades(rows.prefetch_related(procedures, "grades__by")[:SHOWN])
    told = told_states(row.task for row in found)
    for row in found:
        row.report_told = told[row.task_id]
    seen = [(row.pk, row.report_told, row.standing, row.graded and row.graded.pk) for row in found]
    return {"rows": found, "version": fingerprint(seen)}
