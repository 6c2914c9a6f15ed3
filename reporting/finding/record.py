"""The searchable words of a report: those of its newest version."""

from __future__ import annotations

from django.db import models


class ReportText(models.Model):
    """One row a report; the full-text index over `body` is kept by the database itself (see `index`)."""

    report = models.OneToOneField("reporting.Report", on_delete=models.CASCADE, primary_key=True, related_name="words")
    site = models.ForeignKey("accounts.Site", on_delete=models.PROTECT, related_name="+")
    modality = models.CharField(max_length=2, blank=True)
    year = models.PositiveSmallIntegerField()
    signer_id = models.CharField(max_length=64)
    signer_name = models.CharField(max_length=160)
    body = models.TextField()

    def __str__(self) -> str:
        return f"words of report {self.report_id}"
