"""A site's phone and logo."""

from __future__ import annotations

from django.db import models

from ris.accounts.models import Site


class SiteLetterhead(models.Model):
    """At most one a site; `logo` is a PNG that was drawn anew."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="letterhead")
    phone = models.CharField(max_length=40, blank=True)
    logo = models.BinaryField(null=True)
    logo_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = "letterhead"

    def __str__(self) -> str:
        return f"letterhead of {self.site}"
