"""How associations end that nobody releases: time-outs, peers that do not read, a server that stops."""

from __future__ import annotations

import socket
import time

import pytest

from tests.worklist.upper.lean import ABORT, AC, WORKLIST_CLASS, Asking, Lean, command, data, echo, find
from tests.worklist.upper.stub import ROW, Stub, serving, until
from worklist.upper.contract import Found
from worklist.upper.limits import Limits

QUICK = Limits(artim=0.3, message=0.3, idle=0.6, sweep=0.05)


def dribble(lean: Lean, whole: bytes) -> None:
    for byte in whole:
        lean.send(bytes([byte]))
        time.sleep(0.01)


def flood(lean: Lean, *, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        lean.send(echo() * 500)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"", (0, b"")),
        (bytes(Asking())[:40], (0, b"")),
        (bytes(Asking()) + echo()[:9], (ABORT, bytes(4))),
        (bytes(Asking()) + data(3, 3, command(0x0020, 1, WORKLIST_CLASS, dataset=True)), (ABORT, bytes(4))),
        (bytes(Asking()), (ABORT, bytes(4))),
    ],
    ids=["silent", "half a request", "half a PDU", "half a message", "idle"],
)
def test_who_takes_too_long_is_ended(stub: Stub, said: bytes, answer: tuple[int, bytes]) -> None:
    with serving(stub, QUICK) as server, Lean(server.server_address[1], timeout=3) as lean:
        begun = time.monotonic()
        if said.startswith(bytes(Asking())):
            assert lean.associate()[0] == AC
        lean.send(said.removeprefix(bytes(Asking())))
        assert lean.pdu() == answer
        assert time.monotonic() - begun > 0.25
        assert server.associations == 0


def test_a_byte_at_a_time_does_not_put_the_end_off(stub: Stub) -> None:
    with serving(stub, QUICK) as server, Lean(server.server_address[1]) as lean:
        begun = time.monotonic()
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            dribble(lean, bytes(Asking()) * 9)
        assert time.monotonic() - begun < 2


def test_a_peer_that_does_not_read_is_ended_and_an_abort_does_not_wait_for_it(stub: Stub) -> None:
    stub.found = Found(rows=[ROW * 4_000] * 500)
    with serving(stub, QUICK) as server, Lean(server.server_address[1]) as lean:
        lean.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_192)
        lean.associate()
        lean.send(find(b""))
        until(lambda: server.associations == 0)
        until(lambda: server.connections == 0)


def test_a_peer_that_asks_on_and_on_and_reads_nothing_fills_no_memory(stub: Stub) -> None:
    with serving(stub, Limits(unsent=300_000)) as server, Lean(server.server_address[1], timeout=30) as lean:
        lean.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 131_072)
        lean.associate()
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            flood(lean, seconds=20)
        until(lambda: server.connections == 0)
        assert server.associations == 0


def test_a_long_search_is_not_idleness(stub: Stub) -> None:
    with serving(stub, QUICK) as server, Lean(server.server_address[1]) as lean:
        stub.known = True
        lean.associate()
        stub.gate.clear()
        lean.send(find(b""))
        time.sleep(1.0)
        stub.gate.set()
        assert lean.statuses() == [0xFF00, 0x0000]


def test_a_stop_aborts_what_is_open_and_is_quick(stub: Stub) -> None:
    with serving(stub) as server:
        with Lean(server.server_address[1]) as open_one, Lean(server.server_address[1]) as silent:
            open_one.associate()
            begun = time.monotonic()
            server.stop()
            assert open_one.pdu() == (ABORT, bytes(4))
            assert silent.pdu() == (0, b"")
        assert time.monotonic() - begun < 3
        with pytest.raises(ConnectionRefusedError):
            Lean(server.server_address[1])
