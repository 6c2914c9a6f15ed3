"""Tokens as the settings name them, asked by one process at a time and never twice with a PIN that they refused."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from reporting.keys.record import RefusedPin
from reporting.keys.sealing import OnToken
from reporting.signing import PinRefused, SigningKeyError, TokenKey, TokenSigner
from reporting.signing.token.faults import fault
from reporting.signing.token.turn import turn
from ris import audit, env
from ris.core.actors import Actor, SystemActor

SYSTEM: Final = SystemActor("system")
MOST_REFUSED: Final = 2
"""So many PINs of a token, entered by hand, are tried in vain, and no other: many a token locks after three."""


def house_key() -> TokenKey | None:
    """The seal of the house, where the settings put it on a token."""
    if not settings.SIGNING_PKCS11_TOKEN:
        return None
    return TokenKey(
        settings.SIGNING_PKCS11_MODULE, settings.SIGNING_PKCS11_TOKEN, _turns(), settings.SIGNING_PKCS11_KEY,
        settings.SIGNING_PKCS11_KEY_ID.lower(), settings.SIGNING_PKCS11_TOKEN_PIN, frozenset(env.SECRETS),
    )  # fmt: skip


def own_key(place: OnToken) -> TokenKey:
    """A person's, behind the driver of the house: nobody else says which code runs here."""
    return TokenKey(
        settings.SIGNING_PKCS11_MODULE, place.token, _turns(), place.label, place.key_id, place.pin,
        frozenset(env.SECRETS),
    )  # fmt: skip


def _turns() -> Path:
    return Path(settings.DATA_DIR) / "signing" / "turns"


def house_certificates() -> bytes:
    """PEM, or nothing. Raises SigningKeyError."""
    path = settings.SIGNING_PKCS11_CERTIFICATES
    try:
        return Path(path).read_bytes() if path else b""
    except OSError as error:
        raise SigningKeyError(f"SIGNING_PKCS11_CERTIFICATES cannot be read: {error.strerror}.") from error


def opened(
    key: TokenKey, certificates: bytes = b"", *, careful: bool = False, only: str = "", by: Actor = SYSTEM
) -> TokenSigner:
    """The key, once its PIN has been found right. Raises TokenFault; a refused PIN is not tried a second time.

    One process at a time logs in, so that a PIN that has become wrong is not tried by twenty at once. `careful`: the
    PIN was entered just now; few of a token are tried in vain, and the last that it would take is not. `by`: whose try.
    """
    mine = fingerprint(key)
    with turn(key, "pin"):
        refused = {row.fingerprint: row.code for row in RefusedPin.objects.filter(token=key.token)}
        if careful and len(refused) >= MOST_REFUSED:
            raise fault("pin-tries", key, str(len(refused)))
        if mine in refused:
            raise fault(refused[mine], key)
        try:
            signer = TokenSigner(key, certificates, careful=careful, only=only)
        except PinRefused as refusal:
            note_refusal(key, refusal, by=by)
            raise
        if refused:
            RefusedPin.objects.filter(fingerprint__in=refused).delete()
    return signer


@transaction.atomic
def note_refusal(key: TokenKey, refusal: PinRefused, *, by: Actor) -> None:
    """From now on this PIN is not tried again; the trail says who had it tried."""
    row, new = RefusedPin.objects.get_or_create(
        fingerprint=fingerprint(key),
        defaults={"token": key.token, "code": refusal.code, "refused_at": timezone.now()},
    )
    if new:
        audit.record("security.token-pin-refused", row, by=by, outcome="failure")


def fingerprint(key: TokenKey) -> str:
    """Of driver, token and PIN; under SECRET_KEY, for a PIN is short enough to be guessed from a plain digest."""
    said = "\0".join((key.module, key.token, key.pin))
    return salted_hmac("reporting.keys.tokens", said, algorithm="sha256").hexdigest()
