"""People, the sites where they have a role, and the tokens of their programs."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from ris.accounts.permissions import ADMIN_PERMISSIONS, ROLES, permissions_of
from ris.accounts.scopes import EVERYTHING


def check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("This is not a time zone of the IANA list, such as Europe/Berlin.")


class Installation(models.Model):
    """The one row that makes this installation itself: the seed of every UID it mints. Keep it with the backup."""

    identifier = models.UUIDField(default=uuid.uuid4, editable=False)

    def __str__(self) -> str:
        return str(self.identifier)


_seed: dict[str, tuple[str, str]] = {}


def installation_seed() -> tuple[str, str]:
    """(UID root, installation id); the row is made by the first migration."""
    alias = str(settings.DATABASES["default"]["NAME"])
    if alias not in _seed:
        _seed[alias] = (
            settings.UID_ROOT,
            str(Installation.objects.order_by("pk").values_list("identifier", flat=True)[0]),
        )
    return _seed[alias]


class Site(models.Model):
    """A department or clinic: its time zone, its patient numbers, its accession numbers."""

    code = models.SlugField(max_length=8, unique=True)
    name = models.CharField(max_length=80)
    address = models.TextField(blank=True)
    time_zone = models.CharField(max_length=40, default="Europe/Berlin", validators=[check_time_zone])
    patient_id_issuer = models.CharField(
        max_length=64, help_text="Assigning authority of this site's patient numbers, (0010,0021)."
    )
    accession_prefix = models.CharField(
        max_length=4, unique=True, validators=[RegexValidator(r"^[A-Z0-9]{1,4}$", "One to four capitals or digits.")]
    )
    discovery = models.BooleanField(
        default=False, help_text="A device that nobody entered yet may connect and echo; it is noted and sees nothing."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class User(AbstractUser):
    """A person who signs in. Satisfies ris.core.actors.Actor."""

    kind: ClassVar[str] = "user"
    # Of the token with which they came (ris.accounts.scopes); None in a browser.
    scopes: frozenset[str] | None = None

    display_name = models.CharField(max_length=80, blank=True, help_text="As colleagues and reports show it.")
    dicom_name = models.CharField(
        "DICOM name", max_length=64, blank=True, help_text="As DICOM writes it: FAMILY^Given^Middle^Dr."
    )

    def __str__(self) -> str:
        return self.display

    @property
    def display(self) -> str:
        return self.display_name or self.get_full_name() or self.username

    @property
    def observer_name(self) -> str:
        """The person name that SR and PDF carry, VR PN."""
        return self.dicom_name or f"{self.last_name or self.username}^{self.first_name}".rstrip("^")

    @cached_property
    def roles_by_site(self) -> dict[int, frozenset[str]]:
        found: dict[int, set[str]] = {}
        for site_id, role in self.memberships.values_list("site_id", "role"):
            found.setdefault(site_id, set()).add(role)
        return {site_id: frozenset(roles) for site_id, roles in found.items()}

    @property
    def site_ids(self) -> frozenset[int]:
        return frozenset(self.roles_by_site)

    def sites_where(self, permission: str) -> frozenset[int]:
        """The sites at which this person holds a permission."""
        if self.is_superuser and permission in ADMIN_PERMISSIONS:
            return frozenset(Site.objects.values_list("pk", flat=True))
        return frozenset(
            site_id for site_id, roles in self.roles_by_site.items() if permission in permissions_of(roles)
        )

    def may(self, permission: str, site_id: int | None) -> bool:
        """Whether this person may do something at a site (None: anywhere)."""
        if not self.is_active:
            return False
        if self.is_superuser and permission in ADMIN_PERMISSIONS:
            return True
        if site_id is None:
            return bool(self.sites_where(permission))
        return permission in permissions_of(self.roles_by_site.get(site_id, frozenset()))


class Membership(models.Model):
    """A role at a site."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=list(ROLES.items()))

    class Meta:
        ordering = ["site", "role"]
        constraints = [
            models.UniqueConstraint(fields=["user", "site", "role"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=list(ROLES)), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} at {self.site}"


class Submission(models.Model):
    """A form that was sent, by a digest of who sent what (ris.accounts.once), and where its answer led."""

    digest = models.CharField(max_length=64, unique=True)
    answer = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"submission {self.pk}"


class PasskeyChallenge(models.Model):
    """What a passkey was asked (ris.accounts.passkeys): of whom, in which session, for what. Gone once answered."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    challenge = models.CharField(max_length=64, unique=True)
    session = models.CharField(max_length=64)
    act = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"passkey challenge {self.pk}"


def token_expiry() -> object:
    return timezone.now() + timedelta(days=365)


def every_scope() -> list[str]:
    """Of tokens that were made before there were scopes, and of those that are given none."""
    return [EVERYTHING]


class ApiToken(models.Model):
    """A program's key: only its hash is kept, it expires, and it can do no more than its owner and its scopes."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    read_only = models.BooleanField(default=True)
    scopes = models.JSONField(default=every_scope, db_default=[EVERYTHING])
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=token_expiry)

    class Meta:
        ordering = ["name"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def hash_of(key: str) -> str:
        return hashlib.sha256(key.encode()).hexdigest()

    @classmethod
    def issue(
        cls, user: User, name: str, *, read_only: bool = True, scopes: Sequence[str] = (EVERYTHING,)
    ) -> tuple[ApiToken, str]:
        """Make a token; the key is shown once and kept nowhere."""
        token = cls(user=user, name=name, read_only=read_only, scopes=list(scopes))
        return token, token.keep()

    def keep(self) -> str:
        """Save a new one under a fresh key, which is returned this one time."""
        key = secrets.token_urlsafe(32)
        self.digest = self.hash_of(key)
        self.save(force_insert=True)
        return key
