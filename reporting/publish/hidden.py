"""What withdrawn reports had put into the archive: it stays there, and nobody is shown it any more."""

from __future__ import annotations

from collections.abc import Iterable

from reporting.lifecycle import REPORT
from reporting.models import Report
from reporting.publish.uids import document_place, selection_place

STUDY = "task__requested_procedures__study_links__study"


def hidden_series(study_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """By study, also where the link ended: series UIDs of the documents and selections of its withdrawn reports."""
    withdrawn = Report.objects.filter(state__in=REPORT.groups["withdrawn"], **{f"{STUDY}__in": list(study_ids)})
    found: dict[int, frozenset[str]] = {}
    for study, report in withdrawn.order_by().values_list(STUDY, "pk").distinct():
        series = {document_place(report, 0, "").series_uid, selection_place(report, 0).series_uid}
        found[study] = found.get(study, frozenset()) | series
    return found
