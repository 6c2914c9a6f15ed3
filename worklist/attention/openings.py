"""Who had the images of a study, or a report of them, before their eyes (workflow.md rule 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from django.db.models import QuerySet

from ris.audit.models import AuditEvent
from ris.core import panels

SHOWN: Final = 100
MOST_READ: Final = 20_000
OPENINGS: Final = {
    "study.opened": "opened the images",
    "object.stored": "saved measurements",
    "report.signed": "signed a report",
}
OF_REPORTS: Final = {
    "report.opened": "wrote a report",
    "report.viewed": "read the report",
    "report.printed": "took the signed PDF",
    "report.put-on-paper": "printed the report",
}
REPORTS: Final = "reports-of-studies"
"""The place where reporting says which of its objects are of these studies: (study, kind and id in the audit trail)."""


def openings_of(uids: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """By study: who saw it or read of it, when, and what they did; the latest first."""
    wanted = list(uids)
    done = AuditEvent.objects.filter(outcome="success").order_by("-id")
    images = list(done.filter(study_uid__in=wanted, action__in=OPENINGS)[:MOST_READ])
    told = [(event, event.study_uid) for event in images] + list(_of_reports(done, wanted))
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event, uid in sorted(told, key=lambda one: -one[0].pk):
        if len(found[uid]) < SHOWN:
            found[uid].append({"at": event.at, "who": event.actor_display, "what": _words(event)})
    return dict(found)


def _of_reports(done: QuerySet[AuditEvent], wanted: list[str]) -> Iterable[tuple[AuditEvent, str]]:
    studies: dict[tuple[str, str], list[str]] = defaultdict(list)
    for uid, kind, key in panels.collect(REPORTS, wanted):
        studies[kind, key].append(uid)
    for kind in {kind for kind, _key in studies}:
        keys = [key for named, key in studies if named == kind]
        for event in done.filter(target_kind=kind, target_id__in=keys, action__in=OF_REPORTS)[:MOST_READ]:
            yield from ((event, uid) for uid in studies[kind, event.target_id])


def _words(event: AuditEvent) -> str:
    return {**OPENINGS, **OF_REPORTS}[event.action]
