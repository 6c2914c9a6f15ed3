"""How far an attending agreed, and why a preliminary report went back."""

from __future__ import annotations

from typing import Final

from django.db import models

GRADES: Final = [("none", "No difference"), ("minor", "Minor: nothing changes for the patient"),
                 ("major", "Major: what was done on the preliminary may be wrong")]  # fmt: skip
LONGEST_COMMENT: Final = 1000


class Agreement(models.Model):
    """The grade that the signer of a final version gave the preliminary one. Rows are only ever added."""

    version = models.OneToOneField("reporting.ReportVersion", on_delete=models.PROTECT, related_name="agreement")
    preliminary = models.ForeignKey("reporting.ReportVersion", on_delete=models.PROTECT, related_name="graded_by")
    grade = models.CharField(max_length=5, choices=GRADES)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(grade__in=[key for key, _ in GRADES]), name="agreement_known")
        ]

    def __str__(self) -> str:
        return f"{self.grade} between versions {self.preliminary_id} and {self.version_id}"


class Return(models.Model):
    """A preliminary report that went back to its author, and why."""

    report = models.ForeignKey("reporting.Report", on_delete=models.PROTECT, related_name="returns")
    comment = models.CharField(max_length=LONGEST_COMMENT)
    by_id = models.CharField(max_length=64)
    by_name = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"return of report {self.report_id}"
