"""Taking in, replacing and revoking a person's own signing key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from reporting.actions.sign import Proof, require_fresh
from reporting.keys.record import SigningKey
from reporting.keys.sealing import Archive, can_seal, seal, sealed_anew
from reporting.lifecycle import KEY
from reporting.signing import P12Bytes, SigningError, validate
from reporting.signing.trial import trial_pdf
from ris import audit
from ris.accounts.models import User
from ris.core.errors import InvalidInput, NotPermitted
from ris.core.texts import fault_of_text
from ris.dicom import sandbox

LARGEST = 64 * 1024


def add_key(p12: bytes, passphrase: str, *, proof: Proof, by: User) -> SigningKey:
    """Keep one's own key; an earlier one is replaced. It must sign something that our checks call valid.

    Raises NotPermitted, InvalidInput.
    """
    _require_signer(by)
    require_fresh(proof)
    if not can_seal():
        raise InvalidInput("Own keys cannot be kept here yet: your administrator has to set SIGNING_KEY_ENCRYPTION.")
    said = _examined(p12, passphrase)
    _require_accepted(p12, passphrase)
    sealed = seal(Archive(p12, passphrase), owner_id=by.pk)
    return _keep(said, sealed, by=by)


def _require_signer(by: User) -> None:
    if not (by.may("report.sign_final", None) or by.may("report.sign_preliminary", None)):
        raise NotPermitted("Signing keys are for those who sign reports.")


def _examined(p12: bytes, passphrase: str) -> dict[str, Any]:
    if len(p12) > LARGEST:
        raise InvalidInput("That is no key.", fields={"file": "Larger than a key can be."})
    try:
        found = sandbox.call("reporting.keys.examined.examined", p12, passphrase)
    except sandbox.SandboxRefused as refused:
        raise InvalidInput("The key was not taken in.", fields={"file": refused.reason}) from None
    return dict(found)


def _require_accepted(p12: bytes, passphrase: str) -> None:
    """Sign a page with it, and judge that as `verify_reports` will."""
    now = timezone.now().replace(microsecond=0)
    try:
        found = validate(trial_pdf(P12Bytes(p12, passphrase), at=now), settings.SIGNING_TRUST_FILE.read_bytes())
    except SigningError as error:
        raise InvalidInput("The key was not taken in.", fields={"file": str(error)}) from None
    except OSError:
        raise InvalidInput(
            "The file of the authorities (SIGNING_TRUST_FILE) is missing. Tell your administrator."
        ) from None
    if not found.valid:
        raise InvalidInput("The key was not taken in.", fields={"file": found.problem})


@transaction.atomic
def _keep(said: dict[str, Any], sealed: str, *, by: User) -> SigningKey:
    """The earlier key signs nothing more; what it signed stays."""
    User.objects.select_for_update().get(pk=by.pk)
    if SigningKey.objects.filter(certificate_sha256=said["sha256"]).exists():
        raise InvalidInput("The key was not taken in.", fields={"file": "This key is known here already."})
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
        added_at=now,
    )
    audit.record("security.signing-key-added", key, by=by, certificate=key.certificate_sha256)
    return key


@transaction.atomic
def revoke_key(key: SigningKey, *, reason: str, by: User) -> SigningKey:
    """It signs nothing more from now on; what it signed before stays valid. Raises NotPermitted, InvalidInput."""
    locked = SigningKey.objects.select_for_update().get(pk=key.pk)
    if locked.owner_id != by.pk and not by.may("installation.manage", None):
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
