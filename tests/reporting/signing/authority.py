"""A certificate authority of a test with a revocation list, and a timestamping authority: openssl behind HTTP."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
signer_digest = sha256
"""


@dataclass(frozen=True)
class Made:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class Authority:
    """Issues certificates that say where its revocation list is, and lists what it revoked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.revoked: list[int] = []
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder("Test authority", key.public_key(), _name("Test authority"))
        usage = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        certificate = usage.add_extension(_usage(certifies=True), critical=True).sign(key, hashes.SHA256())
        self.own = Made(certificate, key)

    @property
    def pem(self) -> bytes:
        return self.own.certificate.public_bytes(Encoding.PEM)

    def issue(self, name: str, *, timestamps: bool = False) -> Made:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(name, key.public_key(), self.own.certificate.subject)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(certifies=False), critical=True)
        where = x509.DistributionPoint([x509.UniformResourceIdentifier(f"{self.url}/list.crl")], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([where]), critical=False)
        if timestamps:
            purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(purpose, critical=True)
        return Made(builder.sign(self.own.key, hashes.SHA256()), key)

    def _builder(self, name: str, key: ec.EllipticCurvePublicKey, issuer: x509.Name) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return x509.CertificateBuilder(
            issuer, _name(name), key, x509.random_serial_number(), now - DAY, now + 365 * DAY
        ).add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)

    def crl(self) -> bytes:
        now = datetime.now(UTC)
        builder = x509.CertificateRevocationListBuilder(self.own.certificate.subject, now - DAY / 24, now + DAY)
        for serial in self.revoked:
            revoked = x509.RevokedCertificateBuilder(serial, now - DAY / 48).build()
            builder = builder.add_revoked_certificate(revoked)
        return builder.sign(self.own.key, hashes.SHA256()).public_bytes(Encoding.DER)


@dataclass(frozen=True)
class Services:
    """Both authorities behind one address."""

    url: str
    authority: Authority
    asked: list[str]


@contextmanager
def authorities(folder: Path) -> Iterator[Services]:
    """An HTTP server on loopback with /list.crl and /tsa."""
    asked: list[str] = []
    handler = type("Handler", (_Handler,), {"folder": folder, "asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    authority = Authority(url)
    handler.authority = authority  # type: ignore[attr-defined]
    _write_tsa(folder, authority.issue("Test timestamps", timestamps=True), authority)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Services(url, authority, asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def p12_of(made: Made, authority: Authority, passphrase: str) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"key", made.key, made.certificate, [authority.own.certificate], BestAvailableEncryption(passphrase.encode())
    )


def _write_tsa(folder: Path, made: Made, authority: Authority) -> None:
    key = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "tsa.key").write_bytes(key)
    (folder / "tsa.pem").write_bytes(made.certificate.public_bytes(Encoding.PEM))
    (folder / "ca.pem").write_bytes(authority.pem)
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))


class _Handler(BaseHTTPRequestHandler):
    folder: Path
    asked: list[str]
    authority: Authority

    def do_GET(self) -> None:
        self.asked.append("crl")
        self._answer("application/pkix-crl", self.authority.crl())

    def do_POST(self) -> None:
        self.asked.append("tsa")
        if self.path != "/tsa":
            self._answer("text/html", b"<p>Nothing here</p>")
            return
        (self.folder / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
        names = ("-config", "tsa.cnf", "-signer", "tsa.pem", "-inkey", "tsa.key", "-queryfile", "query")
        command = ["openssl", "ts", "-reply", *names, "-out", "answer"]
        subprocess.run(command, cwd=self.folder, capture_output=True, check=True)
        self._answer("application/timestamp-reply", (self.folder / "answer").read_bytes())

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the test's output."""


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _usage(*, certifies: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certifies, content_commitment=not certifies, key_cert_sign=certifies, crl_sign=certifies,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
