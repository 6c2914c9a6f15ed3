"""Whose key it is, until when it holds, and its sealed bytes; which PINs a token refused."""

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
    """One active key a person. `sealed`: PKCS#12 and passphrase, or where on a `token` it is with the PIN, encrypted
    (reporting/keys/sealing.py).
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="signing_keys")
    subject = models.CharField(max_length=200)
    certificate_sha256 = models.CharField(max_length=64, unique=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    sealed = models.TextField()
    token = models.CharField(max_length=32, blank=True, default="", db_default="")
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


class RefusedPinQuerySet(models.QuerySet["RefusedPin"]):
    def visible_to(self, user: User) -> Self:
        """For the administrators of the installation."""
        return self if user.may("installation.manage", None) else self.none()


class RefusedPin(models.Model):
    """A PIN that a token refused, by a keyed digest of it: not tried again, for a few tries lock a token.

    Ends with another PIN, or when an administrator says that this one holds now.
    """

    fingerprint = models.CharField(max_length=64, unique=True)
    token = models.CharField(max_length=32)
    code = models.CharField(max_length=20)
    refused_at = models.DateTimeField()

    objects = RefusedPinQuerySet.as_manager()

    class Meta:
        ordering = ["-refused_at"]

    def __str__(self) -> str:
        return f"{self.code} of {self.token}"
