"""Whether a signed version waits before it leaves, and until when."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Any

from django.utils import timezone

from reporting.delay.record import PublishDelay
from reporting.finding.keeping import keep_words
from reporting.lifecycle import CRITICAL
from reporting.models import Report, ReportVersion
from ris.accounts.models import User
from ris.core.actors import Actor
from ris.events import emit

AT_ONCE = ("STAT", "HIGH")
"""Priorities whose reports never wait (workflow.md rule 7)."""

HELD = ("final",)
"""The kinds of versions that wait: a preliminary one is for those who act now, an addendum follows what has left."""


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
    report.held_until = timezone.now() + delay
    report.save(update_fields=["held_until"])
    emit("report.held", report, by=by, after=delay, version_id=version.pk)


def send_out(version: ReportVersion, *, by: Actor) -> None:
    """Part of a transaction: whoever waits for signed reports hears of this one."""
    keep_words(version)
    emit("report.signed", version.report, by=by, version_id=version.pk)
    if version.content.get("key_images"):
        emit("report.illustrated", version.report, by=by, version_id=version.pk)


def held_of(report: Report, user: User) -> dict[str, Any] | None:
    """What a page says of a report that waits: until when, in how many minutes, whether `user` may recall it."""
    if report.held_until is None:
        return None
    left = (report.held_until - timezone.now()).total_seconds()
    newest = report.latest_version
    own = newest is not None and newest.signature.signer_id == str(user.pk)
    return {"until": report.held_until, "minutes": max(1, ceil(left / 60)), "own": own}
