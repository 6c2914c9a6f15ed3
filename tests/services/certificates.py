"""An authority, and certificates of its making, for the time of a test."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone


@dataclass(frozen=True)
class Pair:
    """Two PEM files."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates; all of them lie in `folder`."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        self.certificate = folder / f"{name}.pem"
        self._write(self.certificate, self._certificate(self._name, self._key, constraints, days=365))

    def issue(self, name: str, *, days: int = 365) -> Pair:
        """A certificate for loopback that ends in so many days."""
        key = ec.generate_private_key(ec.SECP256R1())
        pair = Pair(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        constraints = x509.BasicConstraints(ca=False, path_length=None)
        self._write(pair.certificate, self._certificate(_named(name), key, constraints, days=days))
        form = serialization.PrivateFormat.PKCS8
        pair.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
        pair.key.chmod(0o600)
        return pair

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, constraints: x509.BasicConstraints, *, days: int
    ) -> x509.Certificate:
        now = timezone.now()
        loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(constraints, critical=True)
            .add_extension(loopback, critical=False)
        )
        return built.sign(self._key, hashes.SHA256())

    @staticmethod
    def _write(path: Path, certificate: x509.Certificate) -> None:
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
