"""The page on which several reports are signed at once."""

from __future__ import annotations

import re
from dataclasses import replace

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from reporting.batch.choosing import Candidate, candidates
from reporting.batch.signing import Chosen, sign_batch
from reporting.confirming.record import GRADES
from reporting.models import Report
from reporting.proving import proof_of
from ris import audit
from ris.accounts.models import User
from ris.core.errors import InvalidInput
from ris.core.http import SignedInRequest, require_somewhere

TICKED = re.compile(r"(\d{1,18}):(\d{1,9})")


@login_required
@require_http_methods(["GET", "POST"])
def to_sign(request: SignedInRequest) -> HttpResponse:
    """The reports that one holds; those that were chosen are signed, each with its own signature."""
    require_somewhere(request.user, "report.write", "Writing reports is for residents and radiologists.")
    outcomes, fault = [], ""
    if request.method == "POST":
        try:
            chosen = chosen_of(request.POST, request.user)
            outcomes = sign_batch(chosen, proof=proof_of(request), by=request.user)
        except InvalidInput as refused:
            fault = refused.message
    rows = [_as_chosen(row, request.POST) for row in candidates(request.user)]
    for row in rows:
        audit.record("report.listed", row.report, by=request.user, patient=row.report.task.patient_id)
    ticked = set(_ticked(request.POST)) if fault else set()
    context = {"rows": rows, "outcomes": outcomes, "fault": fault, "grades": GRADES, "ticked": ticked}
    context["signable"] = any(not row.reason for row in rows)
    return render(request, "reporting/to_sign.html", context, status=422 if fault else 200)


def chosen_of(data: QueryDict, user: User) -> list[Chosen]:
    """Those that were ticked (key and revision), of the ones that the signer may see; raises InvalidInput for none."""
    revisions = _ticked(data)
    rows = Report.objects.visible_to(user).filter(pk__in=revisions)
    reports = rows.select_related("task__patient__merged_into", "site", "template").order_by("pk")
    chosen = [Chosen(one, revisions[one.pk], str(data.get(f"grade-{one.pk}", ""))) for one in reports]
    if not chosen:
        raise InvalidInput("Choose at least one report.")
    return chosen


def _ticked(data: QueryDict) -> dict[int, int]:
    """Revisions by report, as they were ticked."""
    found = [TICKED.fullmatch(value) for value in data.getlist("report")]
    return {int(one[1]): int(one[2]) for one in found if one}


def _as_chosen(row: Candidate, data: QueryDict) -> Candidate:
    """The row with the grade that was chosen before it was sent back."""
    return replace(row, grade=str(data.get(f"grade-{row.report.pk}", "")))
