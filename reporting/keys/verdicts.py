"""Which certificates were found revoked. Revocation is for good: a list that is silent later takes nothing back."""

from __future__ import annotations

from typing import Final

from django.core.cache import cache

KEY: Final = "reporting.revoked"


def note_revoked(certificate_sha256: str) -> None:
    """`certificate_sha256`: 64 hexadecimal digits."""
    cache.set(f"{KEY}.{certificate_sha256}", "revoked", None)


def is_revoked(certificate_sha256: str) -> bool:
    """As of the last look. A cache that was emptied says no until the next one, five minutes at most."""
    return cache.get(f"{KEY}.{certificate_sha256}") is not None
