from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from pytest_django import Settings

from ris.dicom import checks, tls
from tests.services.certificates import Authority


def ids(settings: Settings, **files: object) -> set[str | None]:
    for name in ("CERT", "KEY", "CA"):
        setattr(settings, f"DICOM_TLS_{name}", str(files.get(name.lower(), "")))
    return {message.id for message in checks.tls_settings(None)}


def test_without_settings_there_is_no_tls_and_no_fault(settings: Settings) -> None:
    assert ids(settings) == set()
    assert not tls.configured().complete


def test_a_certificate_with_its_key_is_well(settings: Settings, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pair = authority.issue("isocenter")
    assert ids(settings, cert=pair.certificate, key=pair.key, ca=authority.certificate) == set()


def test_authorities_alone_are_for_calling_devices(settings: Settings, tmp_path: Path) -> None:
    assert ids(settings, ca=Authority(tmp_path).certificate) == set()


def test_half_a_configuration_is_an_error(settings: Settings, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    one, other = authority.issue("one"), authority.issue("other")
    assert ids(settings, cert=one.certificate) == {"ris.dicom.E003"}
    assert ids(settings, key=one.key) == {"ris.dicom.E003"}
    assert ids(settings, cert=one.certificate, key=other.key) == {"ris.dicom.E003"}
    assert ids(settings, cert=one.certificate, key=tmp_path / "nowhere") == {"ris.dicom.E003"}
    assert ids(settings, cert=one.certificate, key=one.key, ca=one.key) == {"ris.dicom.E003"}


def test_a_certificate_that_ends_soon_and_a_key_that_all_can_read_are_warnings(
    settings: Settings, tmp_path: Path
) -> None:
    pair = Authority(tmp_path).issue("isocenter", days=3)
    pair.key.chmod(0o644)
    assert ids(settings, cert=pair.certificate, key=pair.key) == {"ris.dicom.W003", "ris.dicom.W004"}


def test_the_contexts_allow_nothing_old(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pair = authority.issue("isocenter")
    files = tls.Files(str(pair.certificate), str(pair.key), str(authority.certificate))
    server, client = tls.server_context(files), tls.client_context(files)
    for context in (server, client):
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2
        assert context.verify_mode == ssl.CERT_REQUIRED
        assert all("ECDHE" in suite["name"] or suite["protocol"] == "TLSv1.3" for suite in context.get_ciphers())
    assert tls.server_context(tls.Files(files.certificate, files.key)).verify_mode == ssl.CERT_NONE


def test_an_encrypted_key_is_a_fault_and_asks_no_terminal(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    pair = Authority(tmp_path).issue("isocenter")
    key = serialization.load_pem_private_key(pair.key.read_bytes(), None)
    locked = serialization.BestAvailableEncryption(b"secret")
    form = serialization.PrivateFormat.PKCS8
    pair.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, locked))
    with pytest.raises(tls.TlsFault, match="DICOM_TLS_KEY"):
        tls.server_context(tls.Files(str(pair.certificate), str(pair.key)))
