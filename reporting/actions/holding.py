"""Locking a report in the house's order: its case first (docs/architecture.md)."""

from __future__ import annotations

from reporting import permissions
from reporting.lifecycle import REPORT
from reporting.models import Report
from ris.accounts.models import User
from ris.core.errors import TransitionError
from worklist.models import ReadingTask


def locked_report(report: Report) -> Report:
    """The report as it is now, locked until the transaction ends; `task` of it is locked too."""
    ReadingTask.objects.select_for_update().get(pk=report.task_id)
    rows = Report.objects.select_for_update(of=("self",)).select_related("task__patient", "site", "template")
    return rows.get(pk=report.pk)


def locked_draft(report: Report, *, by: User, signed: str) -> Report:
    """The same for whoever writes it. Raises NotPermitted, and TransitionError with the words `signed` when it is."""
    locked = locked_report(report)
    permissions.require_write(by, locked.task)
    if not REPORT.allows(locked, "save"):
        raise TransitionError(signed)
    return locked
