"""Secrets that must be known again, kept so that a stolen database alone opens nothing.

Fernet (AES-128-CBC with HMAC-SHA256) under a key that HKDF-SHA256 (RFC 5869) derives from a secret of the settings,
another one for each purpose. Of several secrets the first seals and all of them open.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def ring(secrets: Iterable[str], purpose: str) -> MultiFernet:
    """What is sealed for one purpose opens for no other."""
    return MultiFernet([_key(secret, purpose) for secret in secrets])


def own_ring(purpose: str) -> MultiFernet:
    """Under SECRET_KEY; keys of SECRET_KEY_FALLBACKS still open what they sealed."""
    return ring(map(str, [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]), purpose)


def _key(secret: str, purpose: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
