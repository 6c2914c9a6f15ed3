"""Whether the seal of the house can be used: looked at by a timer, never by a page, and shown to administrators."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from asn1crypto import x509
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from reporting.keys.verdicts import note_revoked
from reporting.seal import house_signer
from reporting.signing import RevokedKeyError, SigningError, require_standing
from reporting.signing.trial import trial_pdf
from ris.accounts.models import User
from ris.core.panels import Card, Panel

KEY: Final = "reporting.seal"
EVERY: Final = 300.0
# Longer than a few rounds: when nobody looks any more, nothing old is shown.
KEPT: Final = 1000
SOON: Final = timedelta(days=30)


def problems() -> list[tuple[str, str]]:
    """(what, what to do): each is a reason why reports are not sealed, or soon will not be; never raises."""
    now = timezone.now()
    try:
        certificate = _tried(now)
    except SigningError as error:
        return [("Reports cannot be sealed.", str(error))]
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "there is no certificate in it"
        return [("Signatures cannot be checked.", f"SIGNING_TRUST_FILE cannot be used: {why}.")]
    ends = certificate.not_valid_after
    if ends < now + SOON:
        return [(f"The certificate of the seal ends on {ends:%Y-%m-%d}.", "Have it renewed, or reports wait then.")]
    return []


def _tried(now: datetime) -> x509.Certificate:
    """Sign a page that nobody sees, as a report would be; the certificate. Raises SigningError, OSError."""
    signer = house_signer()
    key, trust = signer.key_for(now), settings.SIGNING_TRUST_FILE.read_bytes()
    try:
        require_standing(key, trust)
    except RevokedKeyError:
        note_revoked(signer.certificate_sha256)
        raise
    trial_pdf(signer, at=now.replace(microsecond=0))
    return key.signing_cert


def look() -> None:
    """Try the seal and keep what was found. Run by `run_deliveries`."""
    cache.set(KEY, problems(), KEPT)


def found_for(user: User) -> list[tuple[str, str]]:
    """As of the last minutes, for those who look after deliveries."""
    return cache.get(KEY, []) if user.may("delivery.manage", None) else []


def home_cards(user: User) -> list[Card]:
    found = found_for(user)
    page = reverse("events:deliveries")
    return [Card("Sealing of reports", len(found), page, found[0][1], urgent=True)] if found else []


def deliveries_panel(user: User) -> list[Panel]:
    found = found_for(user)
    return [Panel("Sealing of reports", "dicom/_health.html", {"warnings": found})] if found else []
