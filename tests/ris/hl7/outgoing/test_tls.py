"""A destination over TLS: it is believed only by the authority of the settings."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from ris.demo.receiver.answering import Manners
from ris.demo.receiver.serving import Receiver
from ris.demo.receiver.store import Store
from ris.hl7.outgoing.models import Destination, OutgoingMessage
from tests.ris.hl7.outgoing import destination, sent
from tests.services.certificates import Authority
from tests.world import World


@pytest.fixture
def secured(world: World, tmp_path: Path, settings: Settings) -> Iterator[Destination]:
    authority = Authority(tmp_path)
    own = authority.issue("hospital")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.certificate, own.key)
    with Receiver(("127.0.0.1", 0), Store(tmp_path / "received"), Manners(), lambda _line: None) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        settings.DICOM_TLS_CA = str(authority.certificate)
        yield destination(world.north, port=server.server_address[1], tls=True, reports=False, appointments=False)
        server.shutdown()


def test_a_message_goes_over_tls(world: World, secured: Destination, tmp_path: Path) -> None:
    world.booking()
    assert sent(secured) == 1
    message = OutgoingMessage.objects.get()
    assert (message.state, message.answer_code) == ("accepted", "AA")
    assert (tmp_path / "received" / f"{message.control_id}.hl7").read_bytes() == bytes(message.body)


def test_a_receiver_of_another_authority_gets_nothing(
    world: World, secured: Destination, tmp_path: Path, settings: Settings
) -> None:
    settings.DICOM_TLS_CA = str(Authority(tmp_path, "somebody").certificate)
    world.booking()
    assert sent(secured) == 0
    secured.refresh_from_db()
    assert "No TLS" in secured.last_error
    assert not list((tmp_path / "received").glob("*.hl7"))
