"""What was brought from outside, and what was handed out, as rows.

Part of the worklist's models; kept apart because it is one thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models

from ris.accounts.models import Site
from ris.patients.models import Patient
from worklist.lifecycle import EXPORT, OUTSIDE

if TYPE_CHECKING:
    from ris.accounts.models import User


class OutsideImportQuerySet(models.QuerySet["OutsideImport"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(site__in=user.sites_where("study.import"))


class OutsideImport(models.Model):
    """One delivery: files as they were brought, until they are a patient's studies or thrown away."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="outside_imports")
    state = models.CharField(max_length=10, choices=OUTSIDE.choices, default="collecting")
    brought_by = models.CharField(max_length=160)
    brought_at = models.DateTimeField()
    source = models.CharField(max_length=120, blank=True)
    patient = models.ForeignKey(Patient, null=True, on_delete=models.PROTECT, related_name="outside_imports")
    bytes = models.BigIntegerField(default=0)
    notes = models.JSONField(default=list, help_text="What was left out and why, in words.")
    problem = models.CharField(max_length=255, blank=True)
    working_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = OutsideImportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [OUTSIDE.constraint("outside_import_state_known")]

    def __str__(self) -> str:
        return f"outside import {self.pk}"


class OutsideFile(models.Model):
    """One file of a delivery; its bytes lie under its key in the folder of the delivery. `facts` as its header says."""

    KINDS = [("new", "New"), ("zip", "ZIP"), ("dicom", "DICOM"), ("pdf", "PDF"), ("other", "Other")]

    delivery = models.ForeignKey(OutsideImport, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(max_length=6, choices=KINDS, default="new")
    name = models.CharField(max_length=255)
    size = models.BigIntegerField(default=0)
    study_uid = models.CharField(max_length=64, blank=True, db_index=True)
    series_uid = models.CharField(max_length=64, blank=True)
    sop_uid = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)
    stored = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["delivery", "kind"], name="outside_file_kind")]

    def __str__(self) -> str:
        return f"file {self.pk}"


class OutsideStudy(models.Model):
    """A study that another house made: whose it is here, and what it called the person (`original`)."""

    study = models.OneToOneField("worklist.Study", on_delete=models.PROTECT, related_name="outside")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="outside_studies")
    delivery = models.ForeignKey(OutsideImport, on_delete=models.PROTECT, related_name="studies")
    source = models.CharField(max_length=120, blank=True)
    original = models.JSONField(default=dict)
    accession_there = models.CharField(max_length=16, blank=True)
    body_part = models.CharField(max_length=16, blank=True)
    modality = models.CharField(max_length=16, blank=True)
    laterality = models.CharField(max_length=1, blank=True)
    reports = models.JSONField(default=list, help_text="Old reports: series_uid, sop_uid and name of each.")
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=160)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "outside studies"

    def __str__(self) -> str:
        return f"outside study {self.pk}"


class StudyExportQuerySet(models.QuerySet["StudyExport"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(asked_by=user, site__in=user.sites_where("study.export"))


class StudyExport(models.Model):
    """A study as a ZIP for the patient, made in the background and kept for a short time, for who asked for it."""

    study = models.ForeignKey("worklist.Study", on_delete=models.PROTECT, related_name="exports")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="study_exports")
    state = models.CharField(max_length=8, choices=EXPORT.choices, default="waiting")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="study_exports")
    asked_at = models.DateTimeField()
    recipient = models.CharField(max_length=160)
    with_reports = models.BooleanField(default=True)
    reports = models.PositiveSmallIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    problem = models.CharField(max_length=255, blank=True)

    objects = StudyExportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [EXPORT.constraint("study_export_state_known")]

    def __str__(self) -> str:
        return f"export {self.pk}"
