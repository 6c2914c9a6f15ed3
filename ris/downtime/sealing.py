"""Keeping a passphrase that must be known to encrypt: never in clear in the database or its backups.

A hash would not do, since every snapshot is encrypted with the passphrase itself (ris/core/sealing.py).
"""

from __future__ import annotations

from typing import Final

from cryptography.fernet import InvalidToken

from ris.core.sealing import own_ring

PURPOSE: Final = "isocenter downtime passphrase"


class Unreadable(Exception):
    """It was sealed under another SECRET_KEY."""


def seal(passphrase: str) -> str:
    return own_ring(PURPOSE).encrypt(passphrase.encode()).decode()


def unseal(sealed: str) -> str:
    """The passphrase; raises Unreadable."""
    try:
        return own_ring(PURPOSE).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable("SECRET_KEY has changed since the passphrase was set. Set the passphrase again.") from None
