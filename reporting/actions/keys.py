"""Taking in, replacing and revoking a person's own signing key; letting a PIN be tried again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from reporting.actions.sign import Proof, require_fresh
from reporting.keys import tokens
from reporting.keys.record import RefusedPin, SigningKey
from reporting.keys.sealing import Archive, OnToken, can_seal, seal, sealed_anew
from reporting.lifecycle import KEY
from reporting.signing import (
    P12Bytes,
    PinRefused,
    Signer,
    SigningError,
    SigningKeyError,
    TokenFault,
    require_standing,
    validate,
)
from reporting.signing.trial import trial_pdf
from ris import audit
from ris.accounts.models import User
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, NotPermitted
from ris.core.texts import fault_of_text
from ris.dicom import sandbox

LARGEST = 64 * 1024
REVOKERS = ("installation.manage", "signing-key.revoke")


def add_key(p12: bytes, passphrase: str, *, proof: Proof, by: User) -> SigningKey:
    """Keep one's own key; an earlier one is replaced. It must sign something that our checks call valid.

    Raises NotPermitted, InvalidInput.
    """
    _require_signer(by, proof)
    said = _examined(p12, passphrase)
    _require_accepted(P12Bytes(p12, passphrase), "file")
    sealed = seal(Archive(p12, passphrase), owner_id=by.pk)
    return _keep(said, sealed, by=by)


def add_token_key(place: OnToken, *, proof: Proof, by: User) -> SigningKey:
    """The same for a key that stays on a token; taken in again with another PIN, that one counts.

    Raises NotPermitted, InvalidInput.
    """
    _require_signer(by, proof)
    _require_own_token(place, by)
    try:
        signer = tokens.opened(tokens.own_key(place), careful=True, by=by)
    except SigningKeyError as error:
        raise InvalidInput("The key was not taken in.", fields={_field_of(error): str(error)}) from None
    said = _read("reporting.keys.examined.certificate_examined", signer.certificate, field="label")
    _require_accepted(signer, "label")
    return _keep(said, seal(place, owner_id=by.pk), by=by, token=place.token)


def _field_of(error: SigningKeyError) -> str:
    """Beside which field a fault of a token stands."""
    code = error.code if isinstance(error, TokenFault) else ""
    if isinstance(error, PinRefused) or code in ("pin-last-try", "pin-tries", "no-pin"):
        return "pin"
    return "label" if "key" in code or "certificate" in code or code == "mechanism" else "token"


def _require_own_token(place: OnToken, by: User) -> None:
    """Raise for a token that is not theirs: whoever tries PINs on another's token can lock it, or find its PIN.

    It stays its owner's when their key signs no more; handed on, it is set up anew under another label.
    """
    if not settings.SIGNING_PKCS11_MODULE:
        raise InvalidInput("Keys on tokens cannot be used here yet: your administrator has to set up their driver.")
    others = SigningKey.objects.filter(token=place.token).exclude(owner=by)
    if place.token == settings.SIGNING_PKCS11_TOKEN or others.exists():
        raise InvalidInput("The key was not taken in.", fields={"token": "That is not your token."})


def _require_signer(by: User, proof: Proof) -> None:
    if not (by.may("report.sign_final", None) or by.may("report.sign_preliminary", None)):
        raise NotPermitted("Signing keys are for those who sign reports.")
    require_fresh(proof)
    if not can_seal():
        raise InvalidInput("Own keys cannot be kept here yet: your administrator has to set SIGNING_KEY_ENCRYPTION.")


def _examined(p12: bytes, passphrase: str) -> dict[str, Any]:
    if len(p12) > LARGEST:
        raise InvalidInput("That is no key.", fields={"file": "Larger than a key can be."})
    return _read("reporting.keys.examined.examined", p12, passphrase, field="file")


def _read(function: str, payload: bytes, *arguments: str, field: str) -> dict[str, Any]:
    try:
        found = sandbox.call(function, payload, *arguments)
    except sandbox.SandboxRefused as refused:
        raise InvalidInput("The key was not taken in.", fields={field: refused.reason}) from None
    return dict(found)


def _require_accepted(signer: Signer, field: str) -> None:
    """Sign a page with it, judge that as `verify_reports` will, and ask its authority whether it was revoked."""
    now = timezone.now().replace(microsecond=0)
    try:
        trust = settings.SIGNING_TRUST_FILE.read_bytes()
        found = validate(trial_pdf(signer, at=now), trust)
        if found.valid:
            require_standing(signer.key_for(now), trust)
    except SigningError as error:
        raise InvalidInput("The key was not taken in.", fields={field: str(error)}) from None
    except OSError:
        raise InvalidInput(
            "The file of the authorities (SIGNING_TRUST_FILE) is missing. Tell your administrator."
        ) from None
    if not found.valid:
        raise InvalidInput("The key was not taken in.", fields={field: found.problem})


@transaction.atomic
def _keep(said: dict[str, Any], sealed: str, *, by: User, token: str = "") -> SigningKey:
    """The earlier key signs nothing more; what it signed stays."""
    User.objects.select_for_update().get(pk=by.pk)
    known = SigningKey.objects.select_for_update().filter(certificate_sha256=said["sha256"]).first()
    if known is not None and token and known.token and known.owner_id == by.pk and KEY.within(known, "signing"):
        return _replace_pin(known, sealed, token, by=by)
    if known is not None:
        field = "label" if token else "file"
        raise InvalidInput("The key was not taken in.", fields={field: "This key is known here already."})
    now = timezone.now()
    for earlier in SigningKey.objects.select_for_update().filter(owner=by, state__in=KEY.groups["signing"]):
        KEY.advance(earlier, "replace", ended_at=now)
    key = SigningKey.objects.create(
        owner=by,
        subject=said["subject"],
        certificate_sha256=said["sha256"],
        valid_from=datetime.fromisoformat(said["valid_from"]),
        valid_to=datetime.fromisoformat(said["valid_to"]),
        sealed=sealed,
        token=token,
        added_at=now,
    )
    audit.record("security.signing-key-added", key, by=by, certificate=key.certificate_sha256)
    return key


def _replace_pin(key: SigningKey, sealed: str, token: str, *, by: User) -> SigningKey:
    """The same key, where it is now and with the PIN that holds now."""
    key.sealed, key.token = sealed, token
    key.save(update_fields=["sealed", "token"])
    audit.record("security.signing-key-pin-changed", key, by=by, certificate=key.certificate_sha256)
    return key


@transaction.atomic
def release_pin(refused: RefusedPin, *, by: User) -> None:
    """The PIN that a token refused holds now: it may be tried again, once. Raises NotPermitted."""
    if not by.may("installation.manage", None):
        raise NotPermitted("A refused PIN is released by an administrator.")
    locked = RefusedPin.objects.select_for_update().filter(pk=refused.pk).first()
    if locked is not None:
        audit.record("security.token-pin-released", locked, by=by)
        locked.delete()


@transaction.atomic
def revoke_key(key: SigningKey, *, reason: str, by: Actor) -> SigningKey:
    """It signs nothing more from now on; what it signed before stays valid. Raises NotPermitted, InvalidInput."""
    locked = SigningKey.objects.select_for_update().get(pk=key.pk)
    if str(locked.owner_id) != str(by.id) and not any(by.may(right, None) for right in REVOKERS):
        raise NotPermitted("A key is revoked by its owner or by an administrator.")
    reason = " ".join(reason.split())
    fault = fault_of_text(reason, longest=255) if reason else "Why? Lost, stolen, left the house."
    if fault:
        raise InvalidInput("The key was not revoked.", fields={"reason": fault})
    KEY.advance(locked, "revoke", ended_at=timezone.now(), reason=reason)
    audit.record("security.signing-key-revoked", locked, by=by, certificate=locked.certificate_sha256)
    return locked


@transaction.atomic
def encrypt_anew() -> int:
    """Every key under the first secret of SIGNING_KEY_ENCRYPTION; how many there are. Raises Unavailable."""
    keys = list(SigningKey.objects.select_for_update().order_by("pk"))
    for key in keys:
        key.sealed = sealed_anew(key.sealed)
        key.save(update_fields=["sealed"])
    return len(keys)
