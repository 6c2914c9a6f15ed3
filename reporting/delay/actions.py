"""Recalling a signed report before it leaves, and letting it go."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from reporting.actions.holding import locked_report
from reporting.delay.holding import AMENDED, FREE, delay_of, send_out
from reporting.delay.record import Recall
from reporting.lifecycle import AMENDMENT, ARCHIVING, REPORT
from reporting.models import Publication, Report, ReportVersion
from reporting.permissions import require_system
from ris import audit
from ris.accounts.models import User
from ris.core.actors import Actor
from ris.core.errors import NotPermitted, TransitionError
from ris.events import emit
from worklist.actions.reading import recall_case
from worklist.models import ReadingTask

LEFT = "This report has been released. Add an addendum, correct it or withdraw it instead."


@transaction.atomic
def recall_report(report: Report, *, by: User) -> Report:
    """Take one's own signature back before it leaves: a draft again, or preliminary if it was, and one's own.

    An addendum or a correction is its writer's draft again, and the report what it was all the time for others. The
    signed version is kept as recalled; nobody was sent it. Raises NotPermitted, TransitionError when it has left.
    """
    locked = locked_report(report)
    version = _held_version(locked, by)
    if version.kind in AMENDED:
        _take_back(locked, version, by)
        return locked
    verb = "recall-to-preliminary" if locked.held_from == "preliminary" else "recall"
    REPORT.advance(locked, verb, revision=locked.revision + 1, **FREE)
    recall_case(locked.task, to=by, report_state=locked.state)
    _note_recall(locked, version, by)
    return locked


def take_back_for(report: Report, *, by: User) -> None:
    """Part of a withdrawal, which waits for nobody: the addendum or correction that had not left never leaves."""
    if (version := report.waiting) is not None:
        _take_back(report, version, by)


def _take_back(report: Report, version: ReportVersion, by: User) -> None:
    _free(report)
    rows = report.amendments.select_for_update().filter(kind=version.kind, author_id=version.signature.signer_id)
    written = rows.filter(state__in=AMENDMENT.groups["signed"]).latest("base", "pk")
    AMENDMENT.advance(written, "recall", revision=written.revision + 1)
    _note_recall(report, version, by)


def _free(report: Report) -> None:
    for name, value in FREE.items():
        setattr(report, name, value)
    report.save(update_fields=list(FREE))


def _note_recall(report: Report, version: ReportVersion, by: User) -> None:
    Recall.objects.create(version=version, by_id=str(by.pk), by_name=by.display, at=timezone.now())
    ARCHIVING.advance(Publication.objects.select_for_update().get(version=version), "withhold")
    patient, sha256 = report.task.patient_id, version.content_sha256
    audit.record("report.recalled", report, by=by, patient=patient, version=version.number, sha256=sha256)
    emit("report.recalled", report, by=by, version_id=version.pk)


def _held_version(report: Report, by: User) -> ReportVersion:
    """The version that waits; raises unless it does and `by` signed it."""
    if report.held_until is None:
        raise TransitionError(LEFT)
    version = report.versions.select_related("signature").latest("number")
    if version.signature.signer_id != str(by.pk):
        raise NotPermitted("Only who signed a report recalls it, or sends it before its time.")
    return version


@transaction.atomic
def release_now(report: Report, *, by: User) -> Report:
    """Let one's own report go before its time. Raises NotPermitted, TransitionError when it has left."""
    locked = locked_report(report)
    version = _held_version(locked, by)
    return _release(locked, version, by=by)


@transaction.atomic
def release_due(version: ReportVersion, *, now: datetime, by: Actor) -> None:
    """The time is over: it leaves, unless it was recalled or has left. Safe to repeat."""
    require_system(by, "report.publish")
    locked = locked_report(Report.objects.get(pk=version.report_id))
    if locked.held_until is None or locked.held_number != version.number or locked.held_until > now:
        return
    _release(locked, version, by=by)


@transaction.atomic
def release_urgent(task: ReadingTask, *, by: Actor) -> None:
    """The case became urgent or critical while its report waited: that leaves now (workflow.md rule 7)."""
    for report in Report.objects.filter(task=task, held_until__isnull=False).order_by("pk"):
        locked = locked_report(report)
        if (version := locked.waiting) is None:
            continue
        version.report = locked
        if not delay_of(version):
            _release(locked, version, by=by)


def _release(report: Report, version: ReportVersion, *, by: Actor) -> Report:
    _free(report)
    version.report = report
    audit.record("report.released", report, by=by, patient=report.task.patient_id, version=version.number)
    send_out(version, by=by)
    return report
