"""Keeping a passphrase that must be known to encrypt: never in clear in the database or its backups.

A hash would not do, since every snapshot is encrypted with the passphrase itself. It is kept under a key derived from
SECRET_KEY (HKDF-SHA256, RFC 5869; Fernet: AES-128-CBC with HMAC-SHA256), so that a stolen database alone opens nothing.
Keys of SECRET_KEY_FALLBACKS still open what they sealed.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"isocenter downtime passphrase"


class Unreadable(Exception):
    """It was sealed under another SECRET_KEY."""


def seal(passphrase: str) -> str:
    return _keys().encrypt(passphrase.encode()).decode()


def unseal(sealed: str) -> str:
    """The passphrase; raises Unreadable."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable("SECRET_KEY has changed since the passphrase was set. Set the passphrase again.") from None


def _keys() -> MultiFernet:
    return MultiFernet([_key(str(secret)) for secret in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]])


def _key(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
