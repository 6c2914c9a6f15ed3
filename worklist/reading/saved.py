"""Filters that people keep: for themselves, for a group of readers, or for everybody who reads at a site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models

from ris.accounts.models import Site

if TYPE_CHECKING:
    from ris.accounts.models import User


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def visible_to(self, user: User) -> Self:
        """One's own, those of one's groups, and those shared at the sites where one reads."""
        sites = user.sites_where("reading.list")
        groups = user.reading_groups.filter(site__in=sites).values("pk")
        return self.filter(models.Q(owner=user) | models.Q(site__in=sites) | models.Q(group__in=groups))


class SavedFilter(models.Model):
    """A named way to narrow the reading list; `query` as `Filter.query` writes it; shared with a site or a group."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.CASCADE, related_name="saved_filters")
    group = models.ForeignKey(
        "worklist.ReadingGroup", null=True, blank=True, on_delete=models.CASCADE, related_name="saved_filters"
    )
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=400)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_filter_once")]

    def __str__(self) -> str:
        return self.name
