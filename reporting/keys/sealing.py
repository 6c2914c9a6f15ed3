"""Keys at rest: encrypted under SIGNING_KEY_ENCRYPTION, which is in no database and in no backup of one.

Of several secrets the first seals and all of them open (ris/core/sealing.py), until `manage.py rotate_signing_keys` has
sealed everything anew.
"""

from __future__ import annotations

import base64
import json
from typing import Final, NamedTuple

from cryptography.fernet import InvalidToken, MultiFernet
from django.conf import settings

from ris.core.errors import Unavailable
from ris.core.sealing import ring

PURPOSE: Final = "isocenter signing keys"


class Archive(NamedTuple):
    """A PKCS#12 archive, and what opens it."""

    p12: bytes
    passphrase: str


class OnToken(NamedTuple):
    """Where on a token a key is, and the PIN that opens it."""

    token: str
    label: str
    key_id: str
    pin: str


TOKEN_FIELDS: Final = ("token", "label", "key_id", "pin")


def can_seal() -> bool:
    """Whether own keys can be kept at all."""
    return bool(settings.SIGNING_KEY_ENCRYPTION)


def seal(kept: Archive | OnToken, *, owner_id: int) -> str:
    """Opens for this owner only, also when the row is put under another one."""
    if isinstance(kept, OnToken):
        said: dict[str, object] = dict(zip(TOKEN_FIELDS, kept, strict=True), owner=owner_id)
    else:
        said = {"owner": owner_id, "p12": base64.b64encode(kept.p12).decode(), "passphrase": kept.passphrase}
    return _ring().encrypt(json.dumps(said).encode()).decode()


def unseal(sealed: str, *, owner_id: int) -> Archive | OnToken:
    """Raises Unavailable when SIGNING_KEY_ENCRYPTION is another one, or the row is somebody else's."""
    try:
        said = json.loads(_ring().decrypt(sealed.encode()))
    except InvalidToken:
        said = {}
    if said.get("owner") != owner_id:
        raise Unavailable("Your signing key cannot be opened, so nothing was signed. Tell your administrator.")
    if "p12" in said:
        return Archive(base64.b64decode(said["p12"]), said["passphrase"])
    return OnToken(*(said[name] for name in TOKEN_FIELDS))


def sealed_anew(sealed: str) -> str:
    """The same under the first secret; raises Unavailable when none opens it."""
    try:
        return _ring().rotate(sealed.encode()).decode()
    except InvalidToken:
        raise Unavailable("A key was encrypted under a secret that SIGNING_KEY_ENCRYPTION does not name.") from None


def _ring() -> MultiFernet:
    if not can_seal():
        raise Unavailable("SIGNING_KEY_ENCRYPTION is not set: people's own keys can be neither kept nor used.")
    return ring(settings.SIGNING_KEY_ENCRYPTION, PURPOSE)
