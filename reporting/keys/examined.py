"""What is in a PKCS#12 file, or in the certificate of a token, that somebody gives us.

Runs in the sandbox's child; pure.
"""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from ris.dicom.sandbox.errors import Refusal

SHORTEST_RSA = 2048


def examined(p12: bytes, passphrase: str) -> dict[str, Any]:
    """Subject, fingerprint and validity of the key. Raises Refusal in words for its owner."""
    try:
        key, certificate, _chain = pkcs12.load_key_and_certificates(p12, passphrase.encode())
    except (ValueError, TypeError):
        raise Refusal("It cannot be opened: the passphrase is wrong, or this is no PKCS#12 file.") from None
    if key is None or certificate is None:
        raise Refusal("There is no key with its certificate in it.")
    return _said_of(certificate)


def certificate_examined(der: bytes) -> dict[str, Any]:
    """The same of a certificate whose key stays on its token. Raises Refusal."""
    try:
        certificate = x509.load_der_x509_certificate(der)
    except ValueError:
        raise Refusal("The certificate on the token cannot be read.") from None
    return _said_of(certificate)


def _said_of(certificate: x509.Certificate) -> dict[str, Any]:
    _require_strong(certificate.public_key())
    _require_for_signing(certificate)
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return {
        "subject": str(names[0].value)[:200] if names else certificate.subject.rfc4514_string()[:200],
        "sha256": certificate.fingerprint(hashes.SHA256()).hex(),
        "valid_from": certificate.not_valid_before_utc.isoformat(),
        "valid_to": certificate.not_valid_after_utc.isoformat(),
    }


def _require_strong(key: object) -> None:
    elliptic = isinstance(key, ec.EllipticCurvePublicKey)
    if not elliptic and not (isinstance(key, rsa.RSAPublicKey) and key.key_size >= SHORTEST_RSA):
        raise Refusal(f"The key is neither an elliptic one nor RSA of at least {SHORTEST_RSA} bits.")


def _require_for_signing(certificate: x509.Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not (usage.digital_signature or usage.content_commitment):
        raise Refusal("The certificate is not for signing.")
