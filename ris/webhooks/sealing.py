"""The secret of a webhook: shown once, kept encrypted under SECRET_KEY (ris/core/sealing.py).

Whoever drops a SECRET_KEY, from its fallbacks too, gives each webhook a new secret; until then its deliveries wait, and
say why.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from cryptography.fernet import InvalidToken

from ris.core.sealing import own_ring

PURPOSE: Final = "isocenter webhooks"


class Unreadable(Exception):
    """The secret was encrypted under another SECRET_KEY."""


def new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def seal(secret: str) -> str:
    return own_ring(PURPOSE).encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises Unreadable."""
    try:
        return own_ring(PURPOSE).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Proves who sent the body, and when: HMAC-SHA256 over both."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
