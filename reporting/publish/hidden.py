"""What reports had put into the archive and nobody is shown any more: it stays there.

Of withdrawn reports, and of those whose images were moved away: the study took the document along to another exam.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from reporting.lifecycle import REPORT
from reporting.publish.uids import series_of
from worklist.models import StudyLink

REPORTS = "requested_procedure__reading_tasks__reports"
STUDY_UID = "study__study_instance_uid"


def hidden_series(study_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """By study: series UIDs of the documents and selections of reports that were withdrawn, or have lost the study."""
    links = StudyLink.objects.filter(study__in=list(study_ids), **{f"{REPORTS}__isnull": False}).order_by()
    shown: dict[tuple[int, int], bool] = defaultdict(bool)
    uids = {}
    for study, study_uid, report, state, active in links.values_list(
        "study_id", STUDY_UID, REPORTS, f"{REPORTS}__state", "active"
    ):
        uids[study] = study_uid
        shown[study, report] |= active and state not in REPORT.groups["withdrawn"]
    found: dict[int, frozenset[str]] = {}
    for (study, report), keep in shown.items():
        if not keep:
            found[study] = found.get(study, frozenset()) | series_of(report, uids[study])
    return found


def own_series(study_id: int) -> frozenset[str]:
    """Series UIDs of the documents and selections of every report that the study's exams have, or had."""
    links = StudyLink.objects.filter(study=study_id, **{f"{REPORTS}__isnull": False}).order_by()
    return frozenset().union(*(series_of(report, uid) for report, uid in links.values_list(REPORTS, STUDY_UID)))
