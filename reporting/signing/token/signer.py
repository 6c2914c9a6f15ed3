"""A key on a token as a signer: its certificate is read anew for each signature, and what it signs is checked."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any

from asn1crypto import pem, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_der_x509_certificate
from pyhanko.sign.signers import Signer as PdfKey
from pyhanko_certvalidator.registry import SimpleCertificateStore

from reporting.signing.errors import SigningKeyError
from reporting.signing.signer import valid_at
from reporting.signing.token.asking import ask
from reporting.signing.token.faults import fault
from reporting.signing.token.place import TokenKey

ROOM = 512
"""Bytes that are kept for a signature before it is made: RSA of 4096 bits."""


class TokenSigner:
    """For one signature: make another one for the next. Raises TokenFault at once when the token cannot be used.

    `certificates`: PEM, the key's own certificate where the token does not hold it, and those between it and the
    authority. `only`: the fingerprint of the one certificate that may be used. `careful`: see `ask`.
    """

    def __init__(self, key: TokenKey, certificates: bytes = b"", *, careful: bool = False, only: str = "") -> None:
        self.key = key
        found = ask(key, "look", careful=careful)
        given = certificates_of(certificates)
        self._known = [x509.Certificate.load(base64.b64decode(one["der"])) for one in found["certificates"]] + given
        self._own = _own_of(found) or [one for one in given if not one.ca]
        if not self._own:
            raise fault("no-certificate", key)
        self._own = [one for one in self._own if only in ("", _sha256(one))]
        if not self._own:
            raise fault("other-certificate", key)
        self._own.sort(key=lambda one: one.not_valid_before)
        self._chosen = self._own[-1]

    @property
    def certificate_sha256(self) -> str:
        """The fingerprint of the certificate that signs."""
        return _sha256(self._chosen)

    @property
    def certificate(self) -> bytes:
        """It itself, DER."""
        return bytes(self._chosen.dump())

    def key_for(self, at: datetime) -> PdfKey:
        """Of several certificates of the key the newest that is valid then; raises SigningKeyError."""
        self._chosen = next((one for one in reversed(self._own) if _covers(one, at)), self._chosen)
        return valid_at(_OnToken(self.key, self._chosen, _chain(self._chosen, self._known)), at)


class _OnToken(PdfKey):
    """pyHanko's key: everything but the signature itself is made here, and that is asked of the token."""

    def __init__(self, key: TokenKey, certificate: x509.Certificate, chain: list[x509.Certificate]) -> None:
        store = SimpleCertificateStore()
        store.register_multiple(chain)
        super().__init__(embed_roots=False, signing_cert=certificate, cert_registry=store)
        self._token_key = key
        if certificate.public_key.algorithm not in ("ec", "rsa"):
            raise fault("mechanism", key)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002
        """Runs in a thread and a loop of its own (pades.py): nothing else waits for the token."""
        if digest_algorithm.lower() != "sha256":
            raise fault("mechanism", self._token_key)
        if dry_run:
            return bytes(ROOM)
        made = base64.b64decode(ask(self._token_key, "sign", data=data))
        _require_made_by(self.signing_cert, made, data, self._token_key)
        return made


def _require_made_by(certificate: x509.Certificate, made: bytes, data: bytes, key: TokenKey) -> None:
    """A token may hold a key under another one's certificate: what it signed with it would be worth nothing."""
    public: Any = load_der_x509_certificate(certificate.dump()).public_key()
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(made, data, padding.PKCS1v15(), SHA256())
        else:
            public.verify(made, data, ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise fault("unlike", key) from None


def _own_of(found: dict[str, Any]) -> list[x509.Certificate]:
    """The certificates under the key's id; where it has none, those under its label."""
    same = "id" if found["id"] else "label"
    rows = [one for one in found["certificates"] if one[same] == found[same]]
    certificates = [x509.Certificate.load(base64.b64decode(one["der"])) for one in rows]
    return [one for one in certificates if not one.ca]


def _chain(certificate: x509.Certificate, known: list[x509.Certificate]) -> list[x509.Certificate]:
    """The authorities between it and the root, as far as they are known here."""
    above = {one.subject.dump(): one for one in known if one.ca and one.subject.dump() != one.issuer.dump()}
    chain: list[x509.Certificate] = []
    while (issuer := above.pop(certificate.issuer.dump(), None)) is not None:
        chain.append(issuer)
        certificate = issuer
    return chain


def _sha256(certificate: x509.Certificate) -> str:
    return hashlib.sha256(certificate.dump()).hexdigest()


def _covers(certificate: x509.Certificate, at: datetime) -> bool:
    return bool(certificate.not_valid_before <= at <= certificate.not_valid_after)


def certificates_of(text: bytes) -> list[x509.Certificate]:
    """Of a PEM file, or none of none. Raises SigningKeyError."""
    try:
        return [x509.Certificate.load(der) for _, _, der in pem.unarmor(text, multiple=True)] if text else []
    except ValueError as error:
        raise SigningKeyError("The file of the certificates beside the token is no PEM file.") from error
