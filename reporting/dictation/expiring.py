"""The timer: recordings whose time is over, and files that never got a row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from reporting.dictation import keeping
from reporting.dictation.actions import expire_clip, not_told_of, tell_that_it_is_untyped
from reporting.dictation.record import AFTER_SIGNING, AT_MOST, Clip, DictationRule
from reporting.lifecycle import CLIP, REPORT
from ris.core.actors import SystemActor

AT_ONCE = 200
SIGNED_KINDS = ("final", "correction", "withdrawal")
SIGNED_AT = Max("report__versions__created_at", filter=Q(report__versions__kind__in=SIGNED_KINDS))
POLICY = SystemActor("dictation")


def expire_due(now: datetime | None = None) -> int:
    """How many recordings were deleted; each in its own transaction."""
    at = now or timezone.now()
    found = list(_due(at))[:AT_ONCE]
    gone = [clip for clip, because in found if expire_clip(clip, because=because, by=POLICY)]
    for clip in not_told_of(_signed_over()):
        tell_that_it_is_untyped(clip)
    _sweep()
    return len(gone)


def _signed_over() -> QuerySet[Clip]:
    """What nobody had typed when its report was signed: it waits in no queue any more, and only its age deletes it."""
    left = Clip.objects.kept().filter(state__in=CLIP.groups["queue"], report__state__in=REPORT.groups["over"])
    found = left.filter(report__held_until=None).select_related("report__template", "author", "site")
    return found.order_by("pk")


def _due(now: datetime) -> Iterator[tuple[Clip, str]]:
    rules = {rule.site_id: (rule.days_after_signing, rule.days_at_most) for rule in DictationRule.objects.all()}
    clips = Clip.objects.kept()
    signed = dict(clips.order_by().values("report").annotate(at=SIGNED_AT).values_list("report", "at"))
    for clip in clips.select_related("report").order_by("recorded_at"):
        after, at_most = rules.get(clip.site_id, (AFTER_SIGNING, AT_MOST))
        signed_at: datetime | None = signed.get(clip.report_id)
        over = REPORT.within(clip.report, "over") and clip.report.held_until is None
        heard = not CLIP.within(clip, "queue")
        if over and heard and signed_at and signed_at + timedelta(days=after) <= now:
            yield clip, "signed"
        elif clip.recorded_at + timedelta(days=at_most) <= now:
            yield clip, "age"


def _sweep() -> None:
    """Files whose row was never written, or whose recording was deleted by a process that died there."""
    names = list(keeping.grown_up())
    if names:
        known = set(Clip.objects.kept().filter(file__in=names).values_list("file", flat=True))
        for name in set(names) - known:
            keeping.drop(name)
