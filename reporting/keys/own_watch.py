"""Whether the keys of people still hold: asked of their authorities by a timer, never while somebody signs."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from reporting.actions.keys import revoke_key
from reporting.keys.record import SigningKey
from reporting.lifecycle import KEY
from reporting.seal import own_signer
from reporting.signing import RevokedKeyError, require_standing
from ris.core.actors import SystemActor
from ris.notifications.actions import notify

log = logging.getLogger(__name__)

EVERY: Final = 3600.0
SOON: Final = timedelta(days=30)
TIMER: Final = SystemActor("signing-keys")
BY_AUTHORITY: Final = "Revoked by its authority."


def look() -> None:
    """Each key that signs; one that cannot be looked at holds up no other. Run by `run_deliveries`."""
    for key in SigningKey.objects.filter(state__in=KEY.groups["signing"]).select_related("owner").order_by("pk"):
        try:
            _look_at(key)
        except Exception as error:  # noqa: BLE001  a token that is away, a list that is no list: the next must be seen
            log.error("signing %s was not looked at: %s", key, type(error).__name__)


def _look_at(key: SigningKey) -> None:
    if key.valid_to < timezone.now() + SOON:
        _tell(
            key, "ends", "Your signing key ends", f"It ends on {key.valid_to:%Y-%m-%d}. Take in the next one by then."
        )
    try:
        require_standing(own_signer(key, by=TIMER).key_for(timezone.now()), settings.SIGNING_TRUST_FILE.read_bytes())
    except RevokedKeyError:
        revoke_key(key, reason=BY_AUTHORITY, by=TIMER)
        words = "Its authority revoked it. Your reports carry the seal of the house until you take in another one."
        _tell(key, "revoked", "Your signing key signs nothing more", words)


def _tell(key: SigningKey, about: str, subject: str, text: str) -> None:
    """Its owner, once."""
    notify(
        [key.owner] if key.owner.is_active else [],
        key=f"signing-key-{about}/{key.pk}",
        subject=subject,
        text=text,
        link=reverse("reporting:signing-keys"),
    )
