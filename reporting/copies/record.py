"""The document of a version in the further studies of its report: one report may answer several (DESIGN.md §3)."""

from __future__ import annotations

from django.db import models


class FurtherCopy(models.Model):
    """The document, or the note, of a version in a study beside its first one: an object of its own, made once, kept.

    `stored_at`: when a re-read proved that the archive holds it; None for one on its way, or that had not to go.
    The version is called archived when it stands in all of its studies.
    """

    publication = models.ForeignKey("reporting.Publication", on_delete=models.PROTECT, related_name="copies")
    study_instance_uid = models.CharField(max_length=64, db_index=True)
    sop_instance_uid = models.CharField(max_length=64, unique=True)
    series_instance_uid = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64, blank=True)
    body = models.BinaryField(null=True)
    stored_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "study_instance_uid"], name="further_copy_once_per_study")
        ]

    def __str__(self) -> str:
        return f"{self.sop_instance_uid} in {self.study_instance_uid}"
