"""When a report is due: rules of the site by priority and modality, and what the screen says of a case."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import models

from ris.accounts.models import Site
from ris.dicom.models import MODALITIES
from ris.orders.models import PRIORITIES

USUAL_MINUTES: Final = {"STAT": 60, "HIGH": 240, "ROUTINE": 2880, "MEDIUM": 2880, "LOW": 10080}
SOON_SHARE: Final = 4
"""The last quarter of the time counts as soon."""


class TurnaroundRule(models.Model):
    """How soon a report is due after its images came. Without a rule: an hour, four hours, two days, a week."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="turnaround_rules")
    priority = models.CharField(max_length=8, choices=PRIORITIES)
    modality = models.CharField(max_length=2, choices=MODALITIES, blank=True, help_text="Empty: every modality.")
    minutes = models.PositiveIntegerField()

    class Meta:
        ordering = ["site", "priority", "modality"]
        constraints = [
            models.UniqueConstraint(fields=["site", "priority", "modality"], name="turnaround_once"),
            models.CheckConstraint(condition=models.Q(minutes__gt=0), name="turnaround_takes_time"),
        ]

    def __str__(self) -> str:
        return f"{self.priority} {self.modality or 'any'}: {self.minutes} min"


def due_at(site_id: int, priority: str, modality: str, since: datetime) -> datetime:
    """The modality's own rule before the site's general one before the usual."""
    rules = TurnaroundRule.objects.filter(site_id=site_id, priority=priority, modality__in=["", modality])
    chosen = rules.order_by("-modality").values_list("minutes", flat=True).first()
    return since + timedelta(minutes=chosen or USUAL_MINUTES[priority])


def urgency(since: datetime, due: datetime | None, now: datetime) -> str:
    """ "overdue", "soon" or "" for a case that is due at `due`."""
    if due is None:
        return ""
    if now > due:
        return "overdue"
    return "soon" if (due - now) * SOON_SHARE < due - since else ""


def age_words(since: datetime | None, now: datetime) -> str:
    """12 min, 3 h, 2 d."""
    minutes = int((now - since) / timedelta(minutes=1)) if since else 0
    if minutes < 60:
        return f"{max(minutes, 0)} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} d"
