"""The development key: usable for signing reports, recognisable as what it is, never overwritten."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

from reporting.signing import dev_certificate
from tests.reporting.signing.conftest import MADE_AT, PASSPHRASE


@pytest.fixture
def made(tmp_path: Path) -> dev_certificate.DevelopmentCertificate:
    return dev_certificate.create(tmp_path / "seal.p12", PASSPHRASE, "Praxis Süd", at=MADE_AT)


def certificates(made: dev_certificate.DevelopmentCertificate) -> tuple[x509.Certificate, x509.Certificate]:
    """The signing certificate and the authority."""
    _, certificate, _ = load_key_and_certificates(made.p12_path.read_bytes(), PASSPHRASE.encode())
    assert certificate is not None
    return certificate, x509.load_pem_x509_certificate(made.ca_path.read_bytes())


def test_the_key_may_sign_and_not_deny_and_nothing_else(made: dev_certificate.DevelopmentCertificate) -> None:
    certificate, _ = certificates(made)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.content_commitment
    assert not usage.value.key_cert_sign
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_the_key_is_named_as_one_for_development(made: dev_certificate.DevelopmentCertificate) -> None:
    certificate, authority = certificates(made)
    for one in (certificate, authority):
        assert "O=Isocenter development\\, not for patient care" in one.subject.rfc4514_string()
    assert "CN=Praxis Süd" in certificate.subject.rfc4514_string()


def test_the_authority_signed_the_key_and_may_certify_no_other_authority(
    made: dev_certificate.DevelopmentCertificate,
) -> None:
    certificate, authority = certificates(made)
    certificate.verify_directly_issued_by(authority)
    authority.verify_directly_issued_by(authority)
    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)


def test_the_key_is_valid_for_five_years(made: dev_certificate.DevelopmentCertificate) -> None:
    certificate, _ = certificates(made)
    assert certificate.not_valid_before_utc <= MADE_AT
    assert certificate.not_valid_after_utc - MADE_AT == timedelta(days=1825)


def test_the_file_has_a_p256_key_that_only_its_owner_can_read(made: dev_certificate.DevelopmentCertificate) -> None:
    key, _, _ = load_key_and_certificates(made.p12_path.read_bytes(), PASSPHRASE.encode())
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert isinstance(key.curve, ec.SECP256R1)
    assert stat.S_IMODE(made.p12_path.stat().st_mode) == 0o600


def test_a_key_that_exists_is_never_replaced(made: dev_certificate.DevelopmentCertificate) -> None:
    before = made.p12_path.read_bytes()
    with pytest.raises(FileExistsError):
        dev_certificate.create(made.p12_path, PASSPHRASE, "Another", at=MADE_AT)
    assert made.p12_path.read_bytes() == before
