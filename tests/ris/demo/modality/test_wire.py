"""Associations that fail, and what the device says and does then."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from ris.demo.modality.errors import LostError, RefusedError, UnreachableError
from ris.demo.modality.wire import FAREWELL_SECONDS, Peer, Wire
from tests.ris.demo.modality.conftest import MakeScanner
from tests.ris.demo.modality.peers import RecordingArchive, RecordingRis, answer

CLASSES = ["1.2.840.10008.5.1.4.31"]


def test_an_address_is_host_and_port() -> None:
    assert Peer.parse("archive.test:4242", "ORTHANC") == Peer("ORTHANC", "archive.test", 4242)


@pytest.mark.parametrize("wrong", ["", "localhost", ":104", "localhost:", "localhost:dicom"])
def test_anything_else_is_no_address(wrong: str) -> None:
    with pytest.raises(ValueError, match="is not host:port"):
        Peer.parse(wrong, "ORTHANC")


def test_a_peer_that_rejects_the_title_is_told_from_one_that_is_away(archive: RecordingArchive) -> None:
    stern = RecordingRis("ISOCENTER", known=["CT9"])
    stern.open()
    try:
        with pytest.raises(UnreachableError, match="rejects the association"), Wire("CT1").open(stern.peer, CLASSES):
            pass
    finally:
        stern.close()


def test_a_peer_without_the_sop_class_is_named_with_it(archive: RecordingArchive) -> None:
    refused = pytest.raises(RefusedError, match=r"ORTHANC at .* does not take Modality Worklist")
    with refused, Wire("CT1").open(archive.peer, ["1.2.840.10008.1.1", *CLASSES]):
        pass


def _hang_up_on_the_first(listener: socket.socket) -> None:
    listener.accept()[0].close()


def test_a_server_that_is_no_dicom_server_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_hang_up_on_the_first, args=[listener])
        thread.start()
        peer = Peer("ISOCENTER", "127.0.0.1", listener.getsockname()[1])
        with pytest.raises(UnreachableError), Wire("CT1").open(peer, CLASSES):
            pass
        thread.join(5)


def test_a_start_whose_answer_is_lost_is_ended_as_discontinued(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner
) -> None:
    def hang_up(event: Any) -> None:
        ris.on_create = None
        event.assoc.abort(block=False)

    ris.answers, ris.on_create = [answer("CT")], hang_up
    with pytest.raises(LostError):
        scanner().work()
    assert ris.states == ["IN PROGRESS", "DISCONTINUED"]
    assert ris.messages[0][1] == ris.messages[1][1]
    assert archive.images == []


def test_a_message_for_an_association_that_has_ended_is_a_lost_one(archive: RecordingArchive) -> None:
    def aborted() -> None:
        with Wire("CT1").open(archive.peer, ["1.2.840.10008.1.1"]) as line:
            line.abort()
            line.send_c_echo()

    with pytest.raises(LostError, match="was lost"):
        aborted()


def test_a_fault_of_our_own_on_a_line_that_stands_is_no_lost_one(archive: RecordingArchive) -> None:
    with pytest.raises(RuntimeError, match="ours"), Wire("CT1").open(archive.peer, ["1.2.840.10008.1.1"]):
        raise RuntimeError("ours")


def test_a_release_after_hanging_up_waits_for_nobody(archive: RecordingArchive) -> None:
    wire = Wire("CT1")
    before = time.monotonic()
    with wire.open(archive.peer, ["1.2.840.10008.1.1"]) as line:
        line.dul.kill_dul()  # what the cut does a moment later: nobody is left who would answer the release
        line.dul.join(5)
        wire.hang_up()
        line.is_established = True
    assert time.monotonic() - before < FAREWELL_SECONDS * 4
