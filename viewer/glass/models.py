"""Who opened whose study in an emergency, why, until when, and what the review said."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from ris.accounts.models import Site, User
from ris.patients.models import Patient
from viewer.glass.lifecycle import GLASS
from worklist.lifecycle import STUDY
from worklist.models import Study


class EmergencyAccessQuerySet(models.QuerySet["EmergencyAccess"]):
    def visible_to(self, user: User) -> Self:
        """Those of the sites where the user reviews; one of no site is for those who answer for the installation."""
        sites = models.Q(site__in=user.sites_where("glass.review"))
        nobodys = models.Q(site__isnull=True) if user.is_superuser else models.Q(pk__in=[])
        return self.filter(sites | nobodys)

    def running(self) -> Self:
        return self.filter(until__gt=Now())


class EmergencyAccess(models.Model):
    """One study, one person, one stretch of time. Ending it early moves `until`."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="emergency_accesses")
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT)
    patient = models.ForeignKey(Patient, null=True, on_delete=models.PROTECT)
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    reason = models.CharField(max_length=500)
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=10, choices=GLASS.choices, default="waiting")
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=160, blank=True)
    remark = models.CharField(max_length=500, blank=True)

    objects = EmergencyAccessQuerySet.as_manager()

    class Meta:
        app_label = "viewer"
        ordering = ["-opened_at", "-pk"]
        verbose_name = "emergency access"
        verbose_name_plural = "emergency accesses"
        constraints = [GLASS.constraint("emergency_access_state_known")]
        indexes = [models.Index(fields=["user", "until"])]

    def __str__(self) -> str:
        return f"emergency access {self.pk}"

    @property
    def is_waiting(self) -> bool:
        return GLASS.within(self, "waiting")

    @property
    def is_running(self) -> bool:
        return self.until > timezone.now()


def viewable(user: User) -> models.QuerySet[Study]:
    """The studies whose pixels the user may see: their own, and what they opened in an emergency that lasts."""
    own = Study.objects.visible_to(user)
    if not user.may("study.break_glass", None):
        return own
    opened = EmergencyAccess.objects.running().filter(user=user).values("study")
    return own | Study.objects.filter(pk__in=opened, state__in=STUDY.groups["readable"])
