"""Recalling a signed report before it leaves, and letting it go."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from reporting.actions.holding import locked_report
from reporting.delay.holding import send_out
from reporting.delay.record import Recall
from reporting.lifecycle import ARCHIVING, REPORT
from reporting.models import Publication, Report, ReportVersion
from reporting.permissions import require_system
from ris import audit
from ris.accounts.models import User
from ris.core.actors import Actor
from ris.core.errors import NotPermitted, TransitionError
from ris.events import emit
from worklist.actions.reading import recall_case

LEFT = "This report has been released. Add an addendum, correct it or withdraw it instead."


@transaction.atomic
def recall_report(report: Report, *, by: User) -> Report:
    """Take one's own signature back before the report leaves: a draft again, or preliminary if it was, and one's own.

    The signed version is kept as recalled; nobody was sent it. Raises NotPermitted, TransitionError when it has left.
    """
    locked = locked_report(report)
    version = _held_version(locked, by)
    was_preliminary = locked.versions.in_force().filter(kind="preliminary").exists()
    verb = "recall-to-preliminary" if was_preliminary else "recall"
    REPORT.advance(locked, verb, revision=locked.revision + 1, held_until=None)
    Recall.objects.create(version=version, by_id=str(by.pk), by_name=by.display, at=timezone.now())
    ARCHIVING.advance(Publication.objects.select_for_update().get(version=version), "withhold")
    recall_case(locked.task, to=by, report_state=locked.state)
    patient, sha256 = locked.task.patient_id, version.content_sha256
    audit.record("report.recalled", locked, by=by, patient=patient, version=version.number, sha256=sha256)
    emit("report.recalled", locked, by=by, version_id=version.pk)
    return locked


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
    newest = locked.versions.latest("number")
    if locked.held_until is None or newest.pk != version.pk or locked.held_until > now:
        return
    _release(locked, newest, by=by)


def _release(report: Report, version: ReportVersion, *, by: Actor) -> Report:
    report.held_until = None
    report.save(update_fields=["held_until"])
    version.report = report
    audit.record("report.released", report, by=by, patient=report.task.patient_id, version=version.number)
    send_out(version, by=by)
    return report
