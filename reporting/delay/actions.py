"""Recalling a signed report before it leaves, and letting it go."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from reporting.actions.holding import locked_report
from reporting.delay.holding import AMENDED, FREE, delay_of, send_out
from reporting.delay.record import Recall
from reporting.lifecycle import AMENDMENT, ARCHIVING, REPORT
from reporting.models import Publication, Report, ReportVersion
from reporting.moved.reading import moved_images
from reporting.permissions import require_system
from ris import audit
from ris.accounts.models import User
from ris.core.actors import Actor, SystemActor
from ris.core.errors import NotPermitted, TransitionError
from ris.events import emit
from ris.notifications.actions import notify
from worklist.actions.reading import recall_case
from worklist.models import ReadingTask, Study

LEFT = "This report has been released. Add an addendum, correct it or withdraw it instead."
MOVED = "Images of this report were moved away after it was signed. Recall it, and read it against those that are left."


@transaction.atomic
def recall_report(report: Report, *, by: User) -> Report:
    """Take one's own signature back before it leaves: a draft again, or preliminary if it was, and one's own.

    An addendum or a correction is its writer's draft again, and the report what it was all the time for others. The
    signed version is kept as recalled; nobody was sent it. Raises NotPermitted, TransitionError when it has left.
    """
    locked = locked_report(report)
    _recall(locked, _held_version(locked, by), to=by, by=by)
    return locked


def _recall(report: Report, version: ReportVersion, *, to: User | None, by: Actor) -> None:
    """`to` has the case again, None when nobody is left to have it."""
    if version.kind in AMENDED:
        _take_back(report, version, by)
        return
    verb = "recall-to-preliminary" if report.held_from == "preliminary" else "recall"
    REPORT.advance(report, verb, revision=report.revision + 1, changed_at=timezone.now(), **FREE)
    recall_case(report.task, to=to, report_state=report.state)
    _note_recall(report, version, by)


def take_back_for(report: Report, *, by: User) -> None:
    """Part of a withdrawal, which waits for nobody: what had not left never leaves. An addendum or a correction is its
    writer's draft again; a final version that waited above a preliminary one goes with it.
    """
    version = report.waiting
    if version is None:
        return
    if version.kind in AMENDED:
        _take_back(report, version, by)
        return
    REPORT.advance(report, "recall-to-preliminary", **FREE)
    _note_recall(report, version, by)


def _take_back(report: Report, version: ReportVersion, by: Actor) -> None:
    _free(report)
    rows = report.amendments.select_for_update().filter(kind=version.kind, author_id=version.signature.signer_id)
    written = rows.filter(state__in=AMENDMENT.groups["signed"]).latest("base", "pk")
    AMENDMENT.advance(written, "recall", revision=written.revision + 1)
    _note_recall(report, version, by)


def _free(report: Report) -> None:
    for name, value in FREE.items():
        setattr(report, name, value)
    report.save(update_fields=list(FREE))


def _note_recall(report: Report, version: ReportVersion, by: Actor) -> None:
    Recall.objects.create(version=version, by_id=str(by.id), by_name=by.display, at=timezone.now())
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
    """Let one's own report go before its time. Raises NotPermitted, TransitionError when it has left or lost images."""
    locked = locked_report(report)
    version = _held_version(locked, by)
    if moved_images(locked):
        raise TransitionError(MOVED)
    return _release(locked, version, by=by)


@transaction.atomic
def release_due(version: ReportVersion, *, now: datetime, by: Actor) -> None:
    """The time is over: it leaves, unless it was recalled, has left, or lost images since. Safe to repeat."""
    require_system(by, "report.publish")
    locked = locked_report(Report.objects.get(pk=version.report_id))
    if locked.held_until is None or locked.held_number != version.number or locked.held_until > now:
        return
    _release_or_keep(locked, version, by=by)


@transaction.atomic
def release_urgent(task: ReadingTask, *, by: Actor) -> None:
    """The case became urgent or critical while its report waited: that leaves now (workflow.md rule 7)."""
    for report in Report.objects.filter(task=task, held_until__isnull=False).order_by("pk"):
        locked = locked_report(report)
        if (version := locked.waiting) is None:
            continue
        version.report = locked
        if not delay_of(version):
            _release_or_keep(locked, version, by=by)


def keep_back(study: Study, *, by: Actor) -> None:
    """A study was closed or moved: what was signed on it and waits goes back to its signer. Safe to repeat."""
    require_system(by, "report.publish")
    procedures = study.links.values("requested_procedure")
    waiting = Report.objects.filter(task__requested_procedures__in=procedures, held_until__isnull=False)
    for report in waiting.order_by("pk").distinct():
        _keep_what_lost_images(report)


@transaction.atomic
def _keep_what_lost_images(report: Report) -> None:
    locked = locked_report(report)
    if (version := locked.waiting) is not None and moved_images(locked):
        _keep(locked, version)


def _release_or_keep(report: Report, version: ReportVersion, *, by: Actor) -> None:
    if moved_images(report):
        _keep(report, version)
    else:
        _release(report, version, by=by)


def _keep(report: Report, version: ReportVersion) -> None:
    """Its images were moved away while it waited: it is its signer's to change, and nobody is sent it (rule 3)."""
    signer_id = version.signature.signer_id
    signer = User.objects.filter(pk=signer_id, is_active=True).first() if signer_id.isdecimal() else None
    to = signer if signer and signer.may("report.write", report.site_id) else None
    _recall(report, version, to=to, by=SystemActor("delivery"))
    notify(
        [to] if to else [], key=f"kept-back/{version.pk}", site=report.site,
        subject="A report that you signed was kept back",
        text=f"Accession {', '.join(version.accession_numbers)}. Its images were moved away before it was released: "
        "nobody was sent it. Read it against those that are left, then sign again.",
        link=reverse("reporting:detail", args=[report.pk]),
    )  # fmt: skip


def _release(report: Report, version: ReportVersion, *, by: Actor) -> Report:
    _free(report)
    version.report = report
    audit.record("report.released", report, by=by, patient=report.task.patient_id, version=version.number)
    send_out(version, by=by)
    return report
