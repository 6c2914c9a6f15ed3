"""Critical findings for audits: every finding and every attempt to tell it."""

from __future__ import annotations

import csv

from django.http import HttpResponse

from reporting.critical.record import CriticalFinding
from ris import audit
from ris.accounts.models import User
from ris.core.texts import plain_cell

HEADINGS = (
    "finding", "accession_numbers", "category", "state", "flagged_at", "flagged_by", "due_at", "escalations",
    "recipient", "reach", "words", "withdrawn_because",
    "told", "how", "reached", "read_back", "told_at", "told_by", "noted_at", "note",
)  # fmt: skip


def csv_answer(user: User) -> HttpResponse:
    """CSV (RFC 4180), times in UTC, of the sites whose audit trail `user` sees. That it was taken is recorded.

    Of patients the accession numbers, not the names; the words of a finding and of a call are those of whoever wrote
    them.
    """
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="critical-findings.csv"'
    answer["Cache-Control"] = "private, no-store"
    writer = csv.writer(answer)
    writer.writerow(HEADINGS)
    rows = CriticalFinding.objects.filter(site__in=user.sites_where("audit.view")).order_by("pk")
    for row in rows.select_related("flagged_by").prefetch_related("communications__by", "task__requested_procedures"):
        for line in _lines(row):
            writer.writerow(line)
    audit.record("critical.exported", user, by=user)
    return answer


def _lines(row: CriticalFinding) -> list[list[object]]:
    accessions = sorted({item.accession_number for item in row.task.requested_procedures.all()})
    own: list[object] = [
        row.pk, " ".join(accessions), row.category, row.state, row.flagged_at.isoformat(), row.flagged_by.username,
        row.due_at.isoformat(), row.escalations, plain_cell(row.recipient), plain_cell(row.reach),
        plain_cell(row.finding), plain_cell(row.withdrawn_because),
    ]  # fmt: skip
    told = [
        [
            plain_cell(one.told),
            one.way,
            one.reached,
            one.read_back,
            one.at.isoformat(),
            one.by.username,
            one.noted_at.isoformat(),
            plain_cell(one.note),
        ]
        for one in row.communications.all()
    ]
    return [[*own, *line] for line in told or [[""] * 8]]
