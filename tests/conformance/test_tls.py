"""The worklist over TLS as dcmtk and openssl see it (PS3.15 B.12)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conformance.scanner import FINDSCU
from tests.conformance.scp_process import scp_process
from tests.services.certificates import Authority, Pair
from tests.services.server import free_port
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True)]
ECHOSCU = "/usr/bin/echoscu"
OPENSSL = "/usr/bin/openssl"


@dataclass(frozen=True)
class Secured:
    """A running server and what a device needs to call it."""

    port: int
    authority: Authority

    def dcmtk(self, program: str, pair: Pair | None, *arguments: str) -> subprocess.CompletedProcess[str]:
        own = ["+tls", str(pair.key), str(pair.certificate)] if pair else ["+tla"]
        trusted = ["+cf", str(self.authority.certificate)]
        command = [program, "-v", *own, *trusted, "-aet", "CT1", "-aec", "ISOCENTER", *arguments]
        return _run([*command, "127.0.0.1", str(self.port)])

    def handshake(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [OPENSSL, "s_client", "-connect", f"127.0.0.1:{self.port}", *arguments]
        return _run([*command, "-CAfile", str(self.authority.certificate)])


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, timeout=30, check=False, stdin=subprocess.DEVNULL, errors="replace"
    )


def server(folder: Path, *, proven: bool) -> Iterator[Secured]:
    authority = Authority(folder)
    own, port = authority.issue("isocenter"), free_port()
    files = {"DICOM_TLS_CERT": str(own.certificate), "DICOM_TLS_KEY": str(own.key), "DICOM_TLS_PORT": str(port)}
    if proven:
        files["DICOM_TLS_CA"] = str(authority.certificate)
    with scp_process(folder, **files):
        yield Secured(port, authority)


@pytest.fixture
def secured(live_world: World, tmp_path: Path) -> Iterator[Secured]:
    """A server that asks nobody for a certificate."""
    yield from server(tmp_path, proven=False)


@pytest.fixture
def proven(live_world: World, tmp_path: Path) -> Iterator[Secured]:
    """A server that devices must show a certificate to."""
    yield from server(tmp_path, proven=True)


def test_a_device_without_a_certificate_is_served_where_none_is_asked_for(secured: Secured) -> None:
    found = secured.dcmtk(ECHOSCU, None)
    assert found.returncode == 0, found.stderr
    assert "Received Echo Response (Success)" in found.stderr + found.stdout


def test_a_device_with_a_certificate_gets_its_worklist(live_world: World, proven: Secured) -> None:
    step = live_world.step()
    found = proven.dcmtk(FINDSCU, proven.authority.issue("ct1"), "-W", "-k", "(0040,0100)[0].ScheduledProcedureStepID")
    assert found.returncode == 0, found.stderr
    assert step.sps_id in found.stdout + found.stderr


def test_a_device_that_shows_no_certificate_is_refused_where_one_is_asked_for(proven: Secured) -> None:
    assert proven.dcmtk(ECHOSCU, None).returncode != 0
    assert proven.dcmtk(ECHOSCU, proven.authority.issue("ct1")).returncode == 0


def test_a_certificate_of_somebody_else_is_refused(proven: Secured, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    forged = Authority(tmp_path / "other", "stranger").issue("ct1")
    assert proven.dcmtk(ECHOSCU, forged).returncode != 0


@pytest.mark.parametrize("old", ["-tls1", "-tls1_1"])
def test_what_is_older_than_tls_1_2_is_refused(secured: Secured, old: str) -> None:
    found = secured.handshake(old, "-cipher", "ALL:@SECLEVEL=0")
    assert found.returncode != 0
    assert "Cipher is (NONE)" in found.stdout


@pytest.mark.parametrize(("version", "spoken"), [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
def test_tls_1_2_and_1_3_are_spoken(secured: Secured, version: str, spoken: str) -> None:
    found = secured.handshake(version, "-verify_return_error")
    assert found.returncode == 0, found.stderr
    assert spoken in found.stdout
    assert "Verify return code: 0 (ok)" in found.stdout


@pytest.mark.parametrize("weak", ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "NULL"])
def test_a_suite_without_forward_secrecy_or_authentication_is_refused(secured: Secured, weak: str) -> None:
    assert secured.handshake("-tls1_2", "-cipher", f"{weak}:@SECLEVEL=0").returncode != 0


def test_plain_dicom_on_the_secured_port_gets_nothing(secured: Secured) -> None:
    command = [ECHOSCU, "-to", "5", "-ta", "5", "-aet", "CT1", "-aec", "ISOCENTER", "127.0.0.1", str(secured.port)]
    assert _run(command).returncode != 0
