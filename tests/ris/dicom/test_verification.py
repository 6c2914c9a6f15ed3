"""C-ECHO to devices that answer, refuse, reject, stay silent or speak something else, over real sockets."""

from __future__ import annotations

import gc
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pynetdicom import AE, evt
from pynetdicom.sop_class import CTImageStorage, Verification
from pytest_django import Settings

from ris.dicom import tls, verification
from ris.dicom.verification import Peer, verify
from tests.services.certificates import Authority
from tests.services.server import free_port

# Of pynetdicom, which plays the device and calls it: the collector may come in the middle of a test, too.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[None]:
    """Short patience. pynetdicom leaves the socket of a peer that hung up to the garbage collector: it comes now."""
    monkeypatch.setattr(verification, "SECONDS", 1.0)
    settings.DICOM_TLS_CERT = settings.DICOM_TLS_KEY = settings.DICOM_TLS_CA = ""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@contextmanager
def device(context: ssl.SSLContext | None = None, sop_class: Any = Verification, **rules: Any) -> Iterator[int]:
    entity = AE(ae_title="CT1")
    entity.add_supported_context(sop_class)
    for name, value in rules.items():
        setattr(entity, name, value)
    handlers = [(evt.EVT_C_ECHO, lambda _event: 0x0000)]
    server = entity.start_server(("127.0.0.1", 0), block=False, ssl_context=context, evt_handlers=handlers)
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


@contextmanager
def listener(speak: bytes | None) -> Iterator[int]:
    """Something that is no device: it says `speak` to whoever connects, and hangs up; None says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                if speak is None:
                    kept.append(connection)
                    continue
                with connection:
                    connection.sendall(speak)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        for connection in kept:
            connection.close()
        server.shutdown(socket.SHUT_RDWR)


def peer(port: int, *, title: str = "CT1", host: str = "127.0.0.1", secured: bool = False) -> Peer:
    return Peer(title, host, port, secured, "ISOCENTER")


def test_a_device_that_answers_is_well() -> None:
    with device() as port:
        found = verify(peer(port))
    assert (found.result, found.good) == ("answered", True)
    assert 0 < found.milliseconds < 3000


def test_a_closed_port_is_told_from_a_host_that_is_not_there() -> None:
    assert verify(peer(free_port())).result == "refused"
    unknown = verify(peer(104, host="no-such-host.invalid"))
    assert (unknown.result, "name" in unknown.words) == ("unreachable", True)


@pytest.mark.parametrize("host", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1"])
def test_an_address_that_can_be_no_device_is_not_called(host: str) -> None:
    found = verify(peer(80, host=host))
    assert found.result == "unreachable"
    assert found.milliseconds < 500


def test_a_device_of_another_name_says_so() -> None:
    with device(require_called_aet=True) as port:
        found = verify(peer(port, title="MR9"))
    assert found.result == "rejected"
    assert "not called MR9" in found.words


def test_a_device_that_does_not_know_us_says_so() -> None:
    with device(require_calling_aet=["SOMEBODY"]) as port:
        found = verify(peer(port))
    assert found.result == "rejected"
    assert "does not know our AE title ISOCENTER" in found.words


def test_a_device_without_the_echo_is_told() -> None:
    with device(sop_class=CTImageStorage) as port:
        found = verify(peer(port))
    assert found.result == "refused"
    assert "Verification" in found.words


@pytest.mark.parametrize("speak", [b"HTTP/1.1 400 Bad Request\r\n\r\n", None])
def test_what_is_no_dicom_is_broken_off_in_time(speak: bytes | None) -> None:
    with listener(speak) as port:
        found = verify(peer(port))
    assert found.result == "aborted"
    assert found.milliseconds < 5000


def test_a_device_over_tls_is_believed_by_its_authority_only(tmp_path: Path, settings: Settings) -> None:
    authority = Authority(tmp_path)
    pair = authority.issue("ct1")
    with device(tls.server_context(tls.Files(str(pair.certificate), str(pair.key)))) as port:
        unknown = verify(peer(port, secured=True))
        settings.DICOM_TLS_CA = str(authority.certificate)
        known = verify(peer(port, secured=True))
    assert unknown.result == "tls-failed"
    assert "trust" in unknown.words
    assert known.result == "answered"


def test_a_device_that_asks_who_we_are_is_shown_our_certificate(tmp_path: Path, settings: Settings) -> None:
    authority = Authority(tmp_path)
    theirs, ours = authority.issue("ct1"), authority.issue("isocenter")
    settings.DICOM_TLS_CA = str(authority.certificate)
    files = tls.Files(str(theirs.certificate), str(theirs.key), str(authority.certificate))
    with device(tls.server_context(files)) as port:
        assert verify(peer(port, secured=True)).result != "answered"
        settings.DICOM_TLS_CERT, settings.DICOM_TLS_KEY = str(ours.certificate), str(ours.key)
        assert verify(peer(port, secured=True)).result == "answered"


def test_tls_at_a_plain_port_is_told() -> None:
    with device() as port:
        found = verify(peer(port, secured=True))
    assert found.result in {"tls-failed", "unreachable"}
