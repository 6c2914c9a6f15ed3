"""What a site has for the hours without the RIS: forms on paper, and a list of the day that opens without us."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone

from ris.accounts.models import Site
from ris.downtime.lifecycle import FORM
from ris.orders.models import ACCESSION_LENGTH, RequestedProcedure

if TYPE_CHECKING:
    from ris.accounts.models import User

STALE_AFTER = timedelta(minutes=30)


class FormQuerySet(models.QuerySet["DowntimeForm"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(site__in=user.sites_where("downtime.view"))

    def in_stock(self) -> Self:
        return self.filter(state__in=FORM.groups["stock"])


class DowntimeForm(models.Model):
    """A sheet of paper with numbers of its own: what is done on it while the RIS is down keeps them for ever."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="downtime_forms")
    accession_number = models.CharField(max_length=ACCESSION_LENGTH, db_index=True)
    accession_issuer = models.CharField(max_length=64)
    requested_procedure_id = models.CharField(max_length=16)
    study_instance_uid = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=8, choices=FORM.choices, default="unused")
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=160)
    exam = models.OneToOneField(RequestedProcedure, null=True, on_delete=models.PROTECT, related_name="downtime_form")
    spoil_reason = models.CharField(max_length=255, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by_name = models.CharField(max_length=160, blank=True)

    objects = FormQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "downtime form"
        constraints = [
            FORM.constraint("downtime_form_state_known"),
            models.UniqueConstraint(fields=["accession_issuer", "accession_number"], name="downtime_form_number_once"),
        ]

    def __str__(self) -> str:
        return self.accession_number


class SnapshotRule(models.Model):
    """That a site gets a list of its day every quarter of an hour, and under which passphrase."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, primary_key=True, related_name="snapshot_rule")
    sealed_passphrase = models.TextField(editable=False, help_text="Encrypted with a key derived from SECRET_KEY.")
    changed_at = models.DateTimeField()
    changed_by_name = models.CharField(max_length=160)
    fault = models.CharField(max_length=255, blank=True, help_text="Why the last one could not be made, or copied.")

    def __str__(self) -> str:
        return f"snapshots of {self.site_id}"


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(site__in=user.sites_where("downtime.snapshot"))


class Snapshot(models.Model):
    """A file that was written: today's and tomorrow's list of a site, encrypted."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="snapshots")
    made_at = models.DateTimeField()
    name = models.CharField(max_length=80, unique=True)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    exams = models.PositiveIntegerField()

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["site", "-made_at"], name="snapshot_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_stale(self) -> bool:
        return timezone.now() - self.made_at > STALE_AFTER
