"""Key files: opened at once, never shown, noticed when replaced."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

from reporting.signing import P12Signer, SigningKeyError, dev_certificate
from tests.reporting.signing.conftest import MADE_AT, PASSPHRASE, SIGNED_AT


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return dev_certificate.create(tmp_path / "seal.p12", PASSPHRASE, "Praxis Süd", at=MADE_AT).p12_path


def fingerprint(file: Path) -> str:
    _, certificate, _ = load_key_and_certificates(file.read_bytes(), PASSPHRASE.encode())
    assert certificate is not None
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def test_a_wrong_passphrase_is_refused_at_once(file: Path) -> None:
    with pytest.raises(SigningKeyError, match="wrong passphrase"):
        P12Signer(file, "guess")


def test_a_missing_file_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(SigningKeyError, match=r"absent\.p12 cannot be read: No such file") as refusal:
        P12Signer(tmp_path / "absent.p12", PASSPHRASE)
    assert str(tmp_path) not in str(refusal.value)


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\x30\x03\x02\x01\x03"])
def test_a_file_that_is_no_key_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.p12").write_bytes(content)
    with pytest.raises(SigningKeyError):
        P12Signer(tmp_path / "bad.p12", PASSPHRASE)


def test_the_passphrase_is_never_shown(file: Path) -> None:
    assert PASSPHRASE not in repr(P12Signer(file, PASSPHRASE))


def test_the_fingerprint_is_that_of_the_certificate(file: Path) -> None:
    assert P12Signer(str(file), PASSPHRASE).certificate_sha256 == fingerprint(file)


def test_a_replaced_file_counts_from_the_next_signature_on(file: Path, tmp_path: Path) -> None:
    signer = P12Signer(file, PASSPHRASE)
    before = signer.certificate_sha256
    rotated = dev_certificate.create(tmp_path / "next.p12", PASSPHRASE, "Praxis Süd", at=MADE_AT)
    os.utime(rotated.p12_path, ns=(1, 1))
    rotated.p12_path.replace(file)
    assert signer.certificate_sha256 == fingerprint(file) != before
    assert signer.key_for(SIGNED_AT).signing_cert.sha256.hex() == fingerprint(file)
