"""Printing signed reports: what is printed is on record, and a second print says that it is a copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from reporting.models import Artifact, Report, ReportVersion
from reporting.moved.reading import without_their_images
from reporting.printing.sheaf import sheaf
from ris import audit
from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput
from worklist.models import ReadingTask

PRINTED = "report.put-on-paper"
HANDED = "report.printed"
MOST = 200
COPY = "COPY"
UNDER_REVIEW = "UNDER REVIEW"
"""On each page of a report that lost images since it was signed: it may be about another patient."""


def print_reports(reports: Sequence[Report], *, by: User) -> bytes:
    """One PDF of the newest version of each, in the order given; marked are those that were printed before, and those
    that lost images since.

    `reports`: those that `by` may read. Raises InvalidInput for one that is not final or has not been released.
    """
    if not 0 < len(reports) <= MOST:
        raise InvalidInput(f"Choose between one and {MOST} reports.")
    return sheaf(_put_on_record(reports, by=by))  # outside: others write while the pages are put together


@transaction.atomic
def _put_on_record(reports: Sequence[Report], *, by: User) -> list[tuple[bytes, str]]:
    """The signed PDF of each, with its mark."""
    keys = {report.pk for report in reports}
    _hold(keys)
    if Report.objects.released().filter(pk__in=keys).count() != len(keys):
        raise InvalidInput("Only final reports that have been released are printed. Choose others.")
    versions = {one.report_id: one for one in _newest(keys)}
    bodies = dict(Artifact.objects.filter(version__in=versions.values(), kind="pdf").values_list("version_id", "body"))
    before, doubtful = _on_paper(keys), without_their_images(reports)
    papers = []
    for report in reports:
        version = versions[report.pk]
        copy = (report.pk, version.number) in before
        marks = [UNDER_REVIEW] * (report.pk in doubtful) + [COPY] * copy
        papers.append((bytes(bodies[version.pk]), " ".join(marks)))
        said: dict[str, Any] = {"version": version.number, "copy": copy, "under_review": report.pk in doubtful}
        audit.record(PRINTED, report, by=by, patient=report.task.patient_id, **said)
    return papers


def _hold(keys: set[int]) -> None:
    """Until this print is on record, no other of the same reports begins: one of two is the copy."""
    tasks = ReadingTask.objects.filter(reports__in=keys)
    list(ReadingTask.objects.select_for_update(of=("self",)).filter(pk__in=tasks.values("pk")).order_by("pk"))
    list(Report.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))


def _newest(keys: set[int]) -> list[ReportVersion]:
    """The newest version of each that has left, last; what it says is not read."""
    rows = ReportVersion.objects.have_left().filter(report__in=keys)
    return list(rows.order_by("report_id", "number").defer("content"))


def was_on_paper(version: ReportVersion) -> bool:
    """Whether it was printed before, or a person got the signed PDF, which any other program prints."""
    return (version.report_id, version.number) in _on_paper({version.report_id})


def _on_paper(keys: set[int]) -> set[tuple[int, int]]:
    """By report, the numbers of the versions that somebody has on paper, or may have."""
    label, ids = Report._meta.label_lower, [str(key) for key in keys]
    rows = AuditEvent.objects.filter(action__in=[PRINTED, HANDED], target_kind=label, target_id__in=ids)
    said = rows.values_list("action", "target_id", "detail")
    counted = [(key, detail) for action, key, detail in said if action == PRINTED or detail.get("by_hand")]
    return {(int(key), detail["version"]) for key, detail in counted if "version" in detail}
