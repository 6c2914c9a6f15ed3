"""The installation's signing key, applied to a PDF (PAdES); settings.SIGNING_P12_FILE says where it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings

from reporting.signing import P12Signer, SigningError, sign_pdf
from ris.core.errors import Unavailable

UNUSABLE = "The signing key cannot be used, so nothing was signed. Your draft is safe; tell your administrator."


@dataclass(frozen=True, slots=True)
class Sealed:
    """A signed PDF, and the SHA-256 of the certificate that signed it."""

    body: bytes
    certificate_sha256: str


def seal_pdf(pdf: bytes, *, reason: str, name: str, at: datetime) -> Sealed:
    """Sign; raises Unavailable when the key cannot be used."""
    signer = _signer(str(settings.SIGNING_P12_FILE), settings.SIGNING_P12_PASSWORD)
    try:
        body = sign_pdf(pdf, signer=signer, reason=reason, location="Isocenter", name=name, at=at)
    except SigningError as error:
        raise Unavailable(UNUSABLE) from error
    return Sealed(body, signer.certificate_sha256)


@lru_cache(maxsize=2)
def _signer(path: str, passphrase: str) -> P12Signer:
    try:
        return P12Signer(path, passphrase)
    except (OSError, ValueError) as error:
        raise Unavailable(UNUSABLE) from error
