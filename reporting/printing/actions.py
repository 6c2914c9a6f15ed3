"""Printing signed reports: what is printed is on record, and a second print says that it is a copy."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from reporting.models import Artifact, Report, ReportVersion
from reporting.printing.sheaf import sheaf
from ris import audit
from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput

PRINTED = "report.put-on-paper"
HANDED = "report.printed"
MOST = 200
COPY = "COPY"


@transaction.atomic
def print_reports(reports: Sequence[Report], *, by: User) -> bytes:
    """One PDF of the newest version of each, in the order given; a version that was printed before is marked.

    `reports`: those that `by` may read. Raises InvalidInput for one that is not final or has not been released.
    """
    if not 0 < len(reports) <= MOST:
        raise InvalidInput(f"Choose between one and {MOST} reports.")
    keys = {report.pk for report in reports}
    if Report.objects.released().filter(pk__in=keys).count() != len(keys):
        raise InvalidInput("Only final reports that have been released are printed. Choose others.")
    papers = []
    for report in reports:
        version = report.versions.have_left().latest("number")
        copy = was_on_paper(version)
        papers.append((bytes(Artifact.objects.get(version=version, kind="pdf").body), COPY if copy else ""))
        patient = report.task.patient_id
        audit.record(PRINTED, report, by=by, patient=patient, version=version.number, copy=copy)
    return sheaf(papers)


def was_on_paper(version: ReportVersion) -> bool:
    """Whether it was printed before, or a person got the signed PDF, which any other program prints."""
    label = Report._meta.label_lower
    rows = AuditEvent.objects.filter(action__in=[PRINTED, HANDED], target_kind=label, target_id=str(version.report_id))
    before = [row for row in rows if row.action == PRINTED or row.detail.get("by_hand")]
    return any(row.detail.get("version") == version.number for row in before)
