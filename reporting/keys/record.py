"""Whose key it is, until when it holds, and its sealed bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from reporting.lifecycle import KEY

if TYPE_CHECKING:
    from ris.accounts.models import User


class SigningKeyQuerySet(models.QuerySet["SigningKey"]):
    def visible_to(self, user: User) -> Self:
        """One's own; all of them to the administrators of the installation."""
        return self if user.may("installation.manage", None) else self.filter(owner=user)


class SigningKey(models.Model):
    """One active key a person. `sealed`: PKCS#12 and passphrase, encrypted (reporting/keys/sealing.py)."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="signing_keys")
    subject = models.CharField(max_length=200)
    certificate_sha256 = models.CharField(max_length=64, unique=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    sealed = models.TextField()
    state = models.CharField(max_length=10, choices=KEY.choices, default="active")
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=255, blank=True)

    objects = SigningKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-added_at"]
        constraints = [
            KEY.constraint("signing_key_state_known"),
            models.UniqueConstraint(fields=["owner"], condition=Q(state="active"), name="signing_key_one_active"),
        ]

    def __str__(self) -> str:
        return f"key {self.certificate_sha256[:12]} of {self.owner_id}"
