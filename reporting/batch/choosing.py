"""The reports that a reader holds, and why one of them is not signed together with others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reporting import permissions
from reporting.actions.sign import require_signable
from reporting.confirming.grading import to_confirm
from reporting.lifecycle import REPORT
from reporting.models import Report, ReportVersion
from reporting.numbers_shown import were_shown
from reporting.proofreading.roles import key_of
from reporting.refilled import looks_at_this, was_shown
from reporting.reread.reading import remarks
from ris.accounts.models import User
from ris.core.errors import ConcurrentUpdateError, InvalidInput
from worklist.lifecycle import READING

MOST = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """A report that could be signed. `reason`: why not together with others, "" when it can be."""

    report: Report
    reason: str
    preliminary: ReportVersion | None
    grade: str = ""

    @property
    def impression(self) -> str:
        """What the report's impression says so far."""
        return str(self.report.content["sections"].get(key_of(self.report.sections, "impression"), ""))


def candidates(user: User) -> list[Candidate]:
    """The reports of the cases that `user` holds, those saved last first."""
    rows = Report.objects.visible_to(user).filter(
        task__claimed_by=user, task__state__in=READING.groups["mine"], state__in=REPORT.groups["writable"]
    )
    rows = rows.select_related("task__patient__merged_into", "site", "template").order_by("-saved_at", "-pk")
    return [candidate(report, user) for report in rows[:MOST]]


def candidate(report: Report, user: User) -> Candidate:
    final = permissions.may_sign_final(user, report)
    return Candidate(report, reason_against(report, user), to_confirm(report, user) if final else None)


def kind_for(report: Report, user: User) -> str:
    return "final" if permissions.may_sign_final(user, report) else "preliminary"


def reason_against(report: Report, user: User) -> str:
    """Why this report needs its own page before it is signed; "" for none."""
    if report.saved_at is None:
        return "Nothing was written yet."
    if not is_seen(report, user):
        return "It changed since you opened it. Open it once more."
    if not were_shown(report, user):
        return "Its measurements changed since you opened it. Open it once more."
    if report.content.get("marks"):
        return "A measurement changed after it stood in the report. Look at it there."
    if found := remarks(report):
        return f"To look at again: {' '.join(one.doubt.words for one in found)}"
    try:
        require_signable(report, report.revision)
    except (InvalidInput, ConcurrentUpdateError) as fault:
        return fault.message
    return ""


def is_seen(report: Report, user: User) -> bool:
    """Whether `user` was shown this very draft since its measurements or key images last changed, or wrote its text.

    What the exam's record wrote into it has to have stood on a page of theirs: a save may come from one that was older.
    """
    return was_shown(report, user) and _is_later(report, user)


def _is_later(report: Report, user: User) -> bool:
    times = list(looks_at_this(report, user).order_by("-at").values_list("at", flat=True)[:1])
    if report.saved_at is not None and report.saved_by_id == str(user.pk):
        times.append(report.saved_at)
    return bool(times) and max(times) >= _last_change(report)


def _last_change(report: Report) -> datetime:
    objects = report.task.stored_objects.values_list("stored_at", flat=True)
    images = report.task.key_images.values_list("chosen_at", flat=True)
    return max([report.saved_at or report.created_at, *objects, *images])
