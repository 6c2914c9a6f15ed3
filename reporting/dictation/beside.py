"""What the report pane shows of dictation."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from reporting import permissions
from reporting.dictation.actions import allows
from reporting.dictation.audio import LONGEST_SECONDS
from reporting.lifecycle import CLIP, REPORT
from reporting.models import Report
from ris.accounts.models import User


def beside(report: Report, user: User) -> dict[str, Any]:
    """The recordings of a report that can still be heard or must be checked; whether another can be made.

    Once it is signed nothing waits to be checked: whoever signed over it, where the site allows that, stands for it.
    """
    over = REPORT.within(report, "over")
    there = Q(deleted_at=None) | Q(state__in=() if over else CLIP.groups["unchecked"])
    clips = list(report.clips.filter(there).select_related("author", "typist"))
    for clip in clips:
        clip.report = report
    writable = REPORT.within(report, "writable") and permissions.may_write(user, report.task)
    states = ",".join(f"{clip.pk}:{clip.state}:{clip.typist_id}:{clip.deleted_at is None:d}" for clip in clips)
    return {
        "report": report,
        "clips": [
            {
                "clip": clip,
                "unchecked": CLIP.within(clip, "unchecked") and not over,
                "taken": CLIP.within(clip, "taken"),
            }
            for clip in clips
        ],
        "clips_version": f"{states or 'none'};{writable:d}",
        "records": writable and allows(report.site_id),
        "longest": LONGEST_SECONDS,
        "writable": writable,
    }
