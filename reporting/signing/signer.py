"""Where the signing key comes from."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from pyhanko.sign.signers import Signer as PdfKey
from pyhanko.sign.signers import SimpleSigner

from reporting.signing.errors import SigningKeyError


class Signer(Protocol):
    """A key that may sign: a PKCS#12 file here, one on a token or in a hardware module in `token`."""

    @property
    def certificate_sha256(self) -> str:
        """The fingerprint of the signing certificate, 64 lower-case hex digits."""

    def key_for(self, at: datetime) -> PdfKey:
        """The unlocked key with its chain, valid at that instant; raises SigningKeyError."""


class _P12(ABC):
    """What every PKCS#12 key does, once it is opened."""

    def __post_init__(self) -> None:
        self._opened()

    @property
    def certificate_sha256(self) -> str:
        return hashlib.sha256(self._opened().signing_cert.dump()).hexdigest()

    def key_for(self, at: datetime) -> PdfKey:
        return valid_at(self._opened(), at)

    @abstractmethod
    def _opened(self) -> PdfKey:
        """Raises SigningKeyError."""


@dataclass(frozen=True)
class P12Signer(_P12):
    """The institution's seal, or one person's key, in a PKCS#12 file (RFC 7292).

    Raises SigningKeyError at once when the file cannot be opened. A file that was replaced counts from the next
    signature on.
    """

    p12_path: Path | str
    passphrase: str = field(repr=False)

    def _opened(self) -> PdfKey:
        path = Path(self.p12_path)
        try:
            return _opened(path, self.passphrase, path.stat().st_mtime_ns)
        except OSError as reason:
            raise SigningKeyError(f"The key file {path.name} cannot be read: {reason.strerror}.") from reason


@dataclass(frozen=True)
class P12Bytes(_P12):
    """One person's key, as its PKCS#12 bytes. Raises SigningKeyError at once when they cannot be opened."""

    p12: bytes = field(repr=False)
    passphrase: str = field(repr=False)

    def _opened(self) -> PdfKey:
        return _unlocked(self.p12, self.passphrase, "given")


def valid_at(key: PdfKey, at: datetime) -> PdfKey:
    """The key; raises SigningKeyError when its certificate does not cover that instant."""
    first, last = key.signing_cert.not_valid_before, key.signing_cert.not_valid_after
    if not first <= at <= last:
        raise SigningKeyError(
            f"The signing certificate is valid from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC, "
            f"not at {at:%Y-%m-%d %H:%M %Z}."
        )
    return key


@lru_cache(maxsize=8)
def _opened(path: Path, passphrase: str, _changed_at: int) -> PdfKey:
    """Once per state of the file."""
    return _unlocked(path.read_bytes(), passphrase, path.name)


@lru_cache(maxsize=64)
def _unlocked(archive: bytes, passphrase: str, name: str) -> PdfKey:
    """Unlocking takes tens of thousands of hash rounds."""
    try:
        key = SimpleSigner.load_pkcs12_data(archive, (), passphrase=passphrase.encode())
    except (ValueError, AttributeError, TypeError) as reason:
        raise SigningKeyError(
            f"The key file {name} cannot be opened: wrong passphrase, or no key and certificate in it."
        ) from reason
    # Who checks has the root already; a copy inside would be bytes that no signature protects.
    key.embed_roots = False
    return key
