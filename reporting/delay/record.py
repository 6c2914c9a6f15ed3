"""How long a site holds signed reports back, and what was recalled in that time."""

from __future__ import annotations

from typing import Final

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

LONGEST: Final = 60


class PublishDelay(models.Model):
    """Minutes between a final signature and its release; a site without a row has none."""

    site = models.OneToOneField("accounts.Site", on_delete=models.CASCADE, related_name="publish_delay")
    minutes = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(LONGEST)])

    def __str__(self) -> str:
        return f"{self.minutes} minutes at {self.site}"


class Recall(models.Model):
    """A version that never left: its signer took it back before it was released. Rows are only ever added."""

    version = models.OneToOneField("reporting.ReportVersion", on_delete=models.PROTECT, related_name="recall")
    by_id = models.CharField(max_length=64)
    by_name = models.CharField(max_length=160)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"recall of version {self.version_id}"
