"""Who is told of what, and how it went last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from ris.accounts.models import Site

if TYPE_CHECKING:
    from ris.accounts.models import User


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(site__in=user.sites_where("delivery.manage"))


class Webhook(models.Model):
    """A program of somebody else that is told of events of a site. `sealed` is its secret, encrypted."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="webhooks")
    name = models.CharField(max_length=60)
    url = models.CharField("address", max_length=500)
    kinds = models.JSONField(default=list, help_text="Kinds of events; * for all that are offered.")
    active = models.BooleanField(default=True)
    sealed = models.TextField(editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    rest_until = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=200, blank=True, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["site", "name"]
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="webhook_name_once_per_site")]

    def __str__(self) -> str:
        return self.name
