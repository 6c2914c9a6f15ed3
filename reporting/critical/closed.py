"""Findings of images that turned out to be another patient's: who may have been told wrongly is called back."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from reporting.critical.record import CriticalFinding
from reporting.lifecycle import CRITICAL
from ris.accounts.models import User
from ris.notifications.actions import notify
from worklist.models import ReadingTask, Study


@transaction.atomic
def warn_of_closing(study: Study) -> None:
    """Whoever flagged or told a finding of a case whose images were closed since, once each. Safe to repeat."""
    procedures = study.links.values("requested_procedure")
    cases = ReadingTask.objects.filter(requested_procedures__in=procedures, images_closed_at__isnull=False)
    rows = CriticalFinding.objects.filter(task__in=cases.values("pk"), state__in=CRITICAL.groups["tellable"])
    for critical in rows.select_related("task", "site").order_by("pk"):
        if critical.is_void:
            _warn(critical)


def _warn(critical: CriticalFinding) -> None:
    people = {critical.flagged_by_id, *critical.communications.values_list("by", flat=True)}
    notify(
        User.objects.filter(pk__in=people, is_active=True),
        key=f"critical/{critical.pk}/closed",
        subject="Images of a critical finding were another patient's",
        text=words_of(critical),
        link=reverse("reporting:critical-case", args=[critical.task_id]),
        site=critical.site,
    )


def words_of(critical: CriticalFinding) -> str:
    """What is to be done of it now: while no images are left, nobody is called."""
    told = critical.communications.filter(reached=True).order_by("at", "pk").values_list("told", flat=True)
    back = f" Call back {', '.join(dict.fromkeys(told))}: they were told." if told else ""
    who = critical.recipient
    now = f"do not call {who}." if critical.is_of_no_image else f"look at those that are left before you call {who}."
    return f"Images of its case were another patient's and were closed: {now}{back}"
