"""A certificate authority and a signing key for development, named as such and trusted by nobody else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID, ObjectIdentifier

ORGANIZATION = "Isocenter development, not for patient care"
AUTHORITY = "Isocenter development CA"
VALIDITY = timedelta(days=5 * 365)
CLOCK_TOLERANCE = timedelta(hours=1)
DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336 id-kp-documentSigning

PrivateKey = ec.EllipticCurvePrivateKey
PublicKey = ec.EllipticCurvePublicKey


@dataclass(frozen=True)
class DevelopmentCertificate:
    """Where the two files are: the key with its chain, and the authority to trust, in PEM."""

    p12_path: Path
    ca_path: Path


def create(path: Path, passphrase: str, name: str, *, at: datetime) -> DevelopmentCertificate:
    """Write a new P-256 key for `name` to `path` (PKCS#12) and its authority beside it as `<stem>.ca.pem`.

    Valid for five years from `at` (aware). The authority's own key is thrown away, so that it can never certify
    another one. Raises FileExistsError rather than replacing a key that may have signed something.
    """
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _authority(authority_key, at)
    certificate = _seal(name, key.public_key(), authority_key, at)
    archive = pkcs12.serialize_key_and_certificates(
        name.encode(), key, certificate, [authority], BestAvailableEncryption(passphrase.encode())
    )
    made = DevelopmentCertificate(path, path.with_suffix(".ca.pem"))
    _write_once(made.p12_path, archive, mode=0o600)
    _write_once(made.ca_path, authority.public_bytes(Encoding.PEM), mode=0o644)
    return made


def _authority(key: PrivateKey, at: datetime) -> x509.Certificate:
    started = _started(AUTHORITY, key.public_key(), key.public_key(), at)
    constrained = started.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return constrained.add_extension(_usage(certifies=True), critical=True).sign(key, hashes.SHA256())


def _seal(name: str, key: PublicKey, authority_key: PrivateKey, at: datetime) -> x509.Certificate:
    started = _started(name, key, authority_key.public_key(), at)
    constrained = started.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    purposed = constrained.add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), critical=False)
    return purposed.add_extension(_usage(certifies=False), critical=True).sign(authority_key, hashes.SHA256())


def _started(name: str, key: PublicKey, issuer_key: PublicKey, at: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder(
            issuer_name=_name(AUTHORITY),
            subject_name=_name(name),
            public_key=key,
            serial_number=x509.random_serial_number(),
            not_valid_before=at - CLOCK_TOLERANCE,
            not_valid_after=at + VALIDITY,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _usage(*, certifies: bool) -> x509.KeyUsage:
    """An authority certifies; a seal signs and cannot deny it (nonRepudiation)."""
    return x509.KeyUsage(
        digital_signature=not certifies,
        content_commitment=not certifies,
        key_cert_sign=certifies,
        crl_sign=certifies,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_once(path: Path, content: bytes, *, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
