"""The transactional outbox: a fact is a row before it is a message (DESIGN.md §5.2)."""

from __future__ import annotations

from typing import Self

from django.db import models

from ris.core.actors import Actor
from ris.events.lifecycle import DELIVERY

EVERYWHERE = "installation.manage"
MANAGE = "delivery.manage"


class Event(models.Model):
    """Something that happened, written in the transaction in which it happened."""

    kind = models.CharField(max_length=40, db_index=True)
    at = models.DateTimeField()
    site_id = models.BigIntegerField(null=True)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.CharField(max_length=64)
    target_kind = models.CharField(max_length=64)
    target_id = models.CharField(max_length=128)
    payload = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["target_kind", "target_id"], name="event_target")]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, actor: Actor) -> Self:
        """Deliveries of the sites that one manages; those of no site are the installation's."""
        if actor.may(EVERYWHERE, None):
            return self.all()
        return self.filter(event__site_id__in=[site for site in actor.site_ids if actor.may(MANAGE, site)])


class Delivery(models.Model):
    """One event on its way to one subscriber."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    subscriber = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=DELIVERY.choices, default="pending")
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="delivery_once_per_subscriber"),
            DELIVERY.constraint("delivery_state_known"),
        ]
        indexes = [models.Index(fields=["state", "next_at"])]

    def __str__(self) -> str:
        return f"{self.event} to {self.subscriber}"

    def is_managed_by(self, actor: Actor) -> bool:
        site = self.event.site_id
        return actor.may(EVERYWHERE, None) or (site is not None and actor.may(MANAGE, site))
