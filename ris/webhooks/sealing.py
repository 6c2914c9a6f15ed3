"""The secret of a webhook: shown once, kept encrypted under a key derived from SECRET_KEY (HKDF, RFC 5869).

Whoever changes SECRET_KEY gives each webhook a new secret; until then its deliveries wait, and say why.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"isocenter webhooks"


class Unreadable(Exception):
    """The secret was encrypted under another SECRET_KEY."""


def new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def seal(secret: str) -> str:
    return _key().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises Unreadable."""
    try:
        return _key().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Proves who sent the body, and when: HMAC-SHA256 over both."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _key() -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
