"""The key that signs a PDF (PAdES): the signer's own where they have one, else the institution's seal."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings

from reporting.keys import tokens
from reporting.keys.record import SigningKey
from reporting.keys.sealing import OnToken, unseal
from reporting.keys.verdicts import is_revoked
from reporting.lifecycle import KEY
from reporting.signing import (
    P12Bytes,
    P12Signer,
    PinRefused,
    RevokedKeyError,
    Signer,
    SigningError,
    SigningKeyError,
    Statement,
    TimestampError,
    TokenSigner,
    Witness,
    sign_stated,
    validate,
)
from reporting.signing.standing import REVOKED
from ris.accounts.models import User
from ris.core.actors import Actor
from ris.core.errors import Unavailable

logger = logging.getLogger(__name__)

UNUSABLE = "The signing key cannot be used, so nothing was signed. Your draft is safe; tell your administrator."
OWN_UNUSABLE = (
    "Your own signing key cannot be used, so nothing was signed. Your draft is safe. Renew or revoke the key."
)
NO_TIMESTAMP = "The timestamping authority does not answer, so nothing was signed. Your draft is safe; try again soon."
SILENT = "The timestamping authority did not answer when this was signed."


@dataclass(frozen=True, slots=True)
class Sealed:
    """A signed PDF, the SHA-256 of the certificate that signed it, and what a third party attests of the time."""

    body: bytes
    certificate_sha256: str
    timestamped_at: datetime | None = None
    timestamp_problem: str = ""


def seal_pdf(pdf: bytes, *, reason: str, by: User, at: datetime) -> Sealed:
    """Sign; raises Unavailable when the key cannot be used, or a timestamp is required and cannot be had."""
    own = SigningKey.objects.filter(owner=by, state__in=KEY.groups["signing"]).first()
    statement = Statement(reason=reason, location="Isocenter", name=by.display, at=at)
    try:
        signer = own_signer(own, by=by) if own else _unrevoked_seal()
        return _signed(pdf, signer, statement, by if own else tokens.SYSTEM)
    except SigningError as error:
        logger.error("Nothing was signed with %s: %s", own or "the seal of the house", error)
        raise Unavailable(_words(OWN_UNUSABLE if own else UNUSABLE, error)) from error


def house_signer() -> Signer:
    """The seal of the house: on a token where the settings name one, else in its file. Raises SigningKeyError."""
    key = tokens.house_key()
    if key is not None:
        return tokens.opened(key, tokens.house_certificates())
    return _file(str(settings.SIGNING_P12_FILE), settings.SIGNING_P12_PASSWORD)


def _unrevoked_seal() -> Signer:
    """The seal, unless the last look found it revoked: no list is fetched while somebody waits for a signature."""
    signer = house_signer()
    if is_revoked(signer.certificate_sha256):
        raise RevokedKeyError(REVOKED)
    return signer


def _words(general: str, error: SigningError) -> str:
    """With what is wrong with the key and what to do about it, where that is known."""
    return f"{general} {error}" if isinstance(error, SigningKeyError) else general


def _signed(pdf: bytes, signer: Signer, statement: Statement, by: Actor) -> Sealed:
    try:
        return _witnessed(pdf, signer, statement) if settings.TSA_URL else _plain(pdf, signer, statement)
    except PinRefused as refusal:
        if isinstance(signer, TokenSigner):
            tokens.note_refusal(signer.key, refusal, by=by)
        raise


def _plain(pdf: bytes, signer: Signer, statement: Statement, problem: str = "") -> Sealed:
    body = sign_stated(pdf, signer=signer, statement=statement)
    return Sealed(body, signer.certificate_sha256, timestamp_problem=problem)


def _witnessed(pdf: bytes, signer: Signer, statement: Statement) -> Sealed:
    """With a timestamp that our own check accepts; TSA_DOWN says what becomes of it otherwise."""
    trust = _authorities()
    witness = Witness(settings.TSA_URL, trust)
    try:
        body = sign_stated(pdf, signer=signer, statement=statement, witness=witness)
        attested = validate(body, trust).timestamped_at
        if attested is None:
            raise TimestampError("nobody vouches for the timestamping authority")
    except TimestampError as error:
        if settings.TSA_DOWN == "refuse":
            raise Unavailable(NO_TIMESTAMP) from error
        return _plain(pdf, signer, statement, SILENT)
    return Sealed(body, signer.certificate_sha256, attested)


def _authorities() -> bytes:
    try:
        return bytes(settings.SIGNING_TRUST_FILE.read_bytes())
    except OSError as error:
        raise Unavailable(UNUSABLE) from error


def own_signer(key: SigningKey, *, by: Actor) -> Signer:
    """A person's key, unsealed. Raises SigningError."""
    kept = unseal(key.sealed, owner_id=key.owner_id)
    if not isinstance(kept, OnToken):
        return P12Bytes(*kept)
    return tokens.opened(tokens.own_key(kept), only=key.certificate_sha256, by=by)


@lru_cache(maxsize=2)
def _file(path: str, passphrase: str) -> P12Signer:
    return P12Signer(path, passphrase)
