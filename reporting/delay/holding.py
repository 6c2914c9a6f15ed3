"""Whether a signed version waits before it leaves, and until when."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Any, Final

from django.utils import timezone

from reporting.amending.recipients import tell_recipients
from reporting.delay.record import PublishDelay
from reporting.finding.keeping import keep_words
from reporting.lifecycle import CRITICAL, REPORT
from reporting.models import Report, ReportVersion
from ris.accounts.models import User
from ris.core.actors import Actor
from ris.events import emit
from worklist.actions.reading import follow_amended, reopen_task

AT_ONCE = ("STAT", "HIGH")
"""Priorities whose reports never wait (workflow.md rule 7)."""

HELD = ("final", "addendum", "correction")
"""The kinds of versions that wait: a preliminary one is for those who act now, and a withdrawal stops a harm."""

AMENDED: Final = {
    "addendum": ("addend", "report.addended"),
    "correction": ("correct", "report.corrected"),
    "withdrawal": ("withdraw", "report.withdrawn"),
}
"""What becomes of a report, and what is told of it, when a version leaves that is not its first."""

FREE: Final[dict[str, Any]] = {"held_until": None, "held_number": None, "held_from": ""}


def delay_of(version: ReportVersion) -> timedelta:
    """None for what is urgent, critical, or signed at a site without a delay."""
    report = version.report
    urgent = (
        report.task.priority in AT_ONCE
        or report.task.critical_findings.exclude(state__in=CRITICAL.groups["none"]).exists()
    )
    if version.kind not in HELD or urgent:
        return timedelta(0)
    row = PublishDelay.objects.filter(site=report.site_id).first()
    return timedelta(minutes=row.minutes if row else 0)


def hold_or_send(version: ReportVersion, *, by: User) -> None:
    """Part of the signing transaction: the version leaves now, or waits where its signer can recall it."""
    delay = delay_of(version)
    if not delay:
        send_out(version, by=by)
        return
    report = version.report
    report.held_until, report.held_number = timezone.now() + delay, version.number
    report.held_from = _outside(report, version)
    report.save(update_fields=list(FREE))
    emit("report.held", report, by=by, after=delay, version_id=version.pk)


def _outside(report: Report, version: ReportVersion) -> str:
    """What the report was before this version: an amended one moves on when the version leaves, and not before."""
    if version.kind in AMENDED:
        return report.state
    return "preliminary" if report.versions.in_force().filter(kind="preliminary").exists() else "draft"


def send_out(version: ReportVersion, *, by: Actor) -> None:
    """Part of a transaction: whoever waits for signed reports hears of this one."""
    keep_words(version)
    _note_left(version.report)
    if version.kind in AMENDED:
        _amended(version, by=by)
        return
    emit("report.signed", version.report, by=by, version_id=version.pk)
    if version.content.get("key_images"):
        emit("report.illustrated", version.report, by=by, version_id=version.pk)


def _note_left(report: Report) -> None:
    report.issued_at = report.changed_at = timezone.now()
    report.save(update_fields=["issued_at", "changed_at"])


def _amended(version: ReportVersion, *, by: Actor) -> None:
    """The report is from now on what this version makes of it, and who has read it hears of it."""
    report = version.report
    verb, told = AMENDED[version.kind]
    if version.kind == "withdrawal":
        verb, report.held_from = verb_of_withdrawal(report), ""
    REPORT.advance(report, verb, held_from=report.held_from)
    if version.kind == "correction" and version.content.get("key_images") and _shows_others(version):
        emit("report.illustrated", report, by=by, version_id=version.pk)
    (reopen_task if version.kind == "withdrawal" else follow_amended)(report.task, report_state=report.state)
    emit(told, report, by=by, version_id=version.pk)
    tell_recipients(version)


def verb_of_withdrawal(report: Report) -> str:
    """A preliminary report that went back to its author is a draft here, and outside what it was."""
    return "withdraw-returned" if report.is_revised else "withdraw"


def _shows_others(version: ReportVersion) -> bool:
    """Whether its key images are others than those of the version that it corrects: a new selection is archived."""
    before = version.report.versions.get(number=version.content["supersedes"]["number"])
    return _images_of(version) != _images_of(before)


def _images_of(version: ReportVersion) -> list[tuple[str, int]]:
    return [(one["sop_uid"], one["frame"]) for one in version.content.get("key_images", [])]


def held_of(report: Report, user: User) -> dict[str, Any] | None:
    """What a page says of a report that waits: until when, in how many minutes, whether `user` may recall it.

    None for those who only read: to them nothing of it has happened.
    """
    if report.held_until is None or not user.may("report.write", report.site_id):
        return None
    left = (report.held_until - timezone.now()).total_seconds()
    newest = report.latest_version
    own = newest is not None and newest.signature.signer_id == str(user.pk)
    return {"until": report.held_until, "minutes": max(1, ceil(left / 60)), "own": own}
