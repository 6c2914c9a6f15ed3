"""What the report pane shows: the text, the numbers (reporting.numbers), where the signed copy stands."""

from __future__ import annotations

from typing import Any

from django.db import models

from reporting import permissions
from reporting.confirming.grading import changed_since, to_confirm
from reporting.confirming.record import GRADES
from reporting.delay.holding import held_of
from reporting.dictation.beside import beside
from reporting.fieldset import fields_of_section
from reporting.joining.sealing import key_for
from reporting.lifecycle import REPORT
from reporting.models import Report, ReportVersion
from reporting.numbers import numbers_of
from ris.accounts.models import User
from ris.core.errors import ConcurrentUpdateError
from worklist.actions.wet_reads import to_grade
from worklist.exam.summary import for_reader
from worklist.reading.wet import GRADES as WET_GRADES


def pane_of(report: Report, user: User) -> dict[str, Any]:
    """Everything the pane's template needs."""
    writable = may_change(report, user)
    signed = not writable and REPORT.within(report, "signed")
    final = writable and permissions.may_sign_final(user, report)
    texts = report.content["sections"]
    return {
        "report": report,
        "task": report.task,
        "sections": [
            {**item, "text": texts.get(item["key"], ""), "fields": _fields(report, item["key"], signed=signed)}
            for item in report.sections
        ],
        "writable": writable,
        "flags": user.may("report.write", report.site_id),  # a critical finding, from any state
        "keep_key": key_for(user, report),
        "may_sign_final": final,
        "versions": versions_of(report, user),
        "held": held_of(report, user),
        "exam": for_reader(report.task),
        **beside(report, user),
        **_confirmed(report, user, writable=writable),
        **_wet(report, user, final=final),
        **numbers_of(report, writable=writable),
    }


def _fields(report: Report, section: str, *, signed: bool) -> list[dict[str, Any]]:
    """Of a signed report those that say something: an empty box with a unit is no finding."""
    return [one for one in fields_of_section(report, section) if one["text"] or not signed]


def versions_of(report: Report, user: User) -> models.QuerySet[ReportVersion]:
    """What was signed, newest first, as far as `user` may read it."""
    rows = ReportVersion.objects.readable_by(user).filter(report=report)
    return rows.select_related("publication", "signature", "recall").order_by("-number")


def _confirmed(report: Report, user: User, *, writable: bool) -> dict[str, Any]:
    """What came back and why; for an attending, what differs from the preliminary version that is confirmed."""
    shown: dict[str, Any] = {"returned": report.returns.first() if REPORT.within(report, "writable") else None}
    preliminary = to_confirm(report, user) if writable and permissions.may_sign_final(user, report) else None
    if preliminary is None:
        return shown
    changed = changed_since(report, preliminary)
    is_newest = preliminary == report.newest_in_force  # else it is whoever signed after it who would have it back
    return shown | {"preliminary": preliminary, "differences": changed, "grades": GRADES, "goes_back": is_newest}


def _wet(report: Report, user: User, *, final: bool) -> dict[str, Any]:
    """What another reader said at first sight, for whoever signs the report after it."""
    found = to_grade(report.task, user) if final else None
    return {"wet_read": found, "wet_grades": WET_GRADES} if found else {}


def may_change(report: Report, user: User) -> bool:
    return REPORT.within(report, "writable") and permissions.may_write(user, report.task)


def require_seen_numbers(report: Report, seen: str) -> None:
    """Raise when the signer's page did not show the numbers that would be signed."""
    if numbers_of(report)["numbers_version"] != seen:
        raise ConcurrentUpdateError("Measurements or technique changed since you looked. Read them again, then sign.")
