"""What crashed other worklist servers must not crash ours (reference/security.md on dcmtk), over real sockets.

Covered: titles as paths, garbage, lengths that lie, PDUs in the wrong state, fragments that make no message, too many
contexts, half-open and silent connections, aborted ones by the thousand, and, on the whole server with its database,
empty and misplaced sequences, wrong value representations, nested bombs, UIDs as paths.
Not covered: attacks on TLS itself, floods of packets below TCP, several machines at once, a database under attack.
"""

from __future__ import annotations

import gc
import logging
import os
import random
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.quickest import quickest
from tests.worklist.upper.lean import (
    ABORT,
    AC,
    DATA,
    RELEASE,
    RJ,
    WORKLIST_CLASS,
    Asking,
    Lean,
    command,
    context_item,
    create,
    data,
    echo,
    find,
    item,
    pdu,
    value,
)
from tests.worklist.upper.stub import Stub, serving
from worklist.upper.limits import Limits
from worklist.upper.server import Server

ANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ESTABLISHED = bytes(Asking())


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """One server for every attack of this file; it lives through all of them, and no line of it ever raises."""
    faults = Faults()
    logging.getLogger("asyncio").addHandler(faults)
    with serving(Stub(known=True), Limits(artim=1.0, message=1.0, sweep=0.05)) as server:
        yield server.server_address[1]
        assert _settles(server)
    logging.getLogger("asyncio").removeHandler(faults)
    assert faults.seen == []


class Faults(logging.Handler):
    """What the loop says of an exception that nobody caught."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(record.getMessage())


def _settles(server: Server) -> bool:
    deadline = time.monotonic() + 5
    while server.associations and time.monotonic() < deadline:
        time.sleep(0.02)
    return server.associations == 0


def still_serves(port: int) -> bool:
    with Lean(port) as lean:
        if lean.associate()[0] != AC:
            return False
        lean.send(echo())
        return lean.status() == 0 and lean.release()


def answer_to(port: int, sent: bytes, *, established: bool) -> int:
    """The type of the PDU that answers; 0 when the connection is closed without a word."""
    with Lean(port) as lean:
        if established:
            assert lean.associate()[0] == AC
        lean.send(sent)
        return lean.pdu()[0]


# -- before an association -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "called", ["../other", "/etc/passwd", "..", "ISOCENTER/../X", "ISO*", "\0" * 16, "%s%n", "' OR 1=1"]
)
def test_a_called_title_is_compared_and_never_a_path(port: int, called: str) -> None:
    with Lean(port) as lean:
        assert lean.associate(Asking(called=called)) == (RJ, bytes([0, 1, 1, 7]))


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
        b"\xff" * 4096,
        struct.pack(">BxI", 1, 0xFFFFFFFF),
        struct.pack(">BxI", 1, 200_000),
        pdu(1, b""),
        pdu(1, bytes(67)),
        data(1, 3, b"hello"),
        RELEASE,
        pdu(6, bytes(4)),
        pdu(2, bytes(68)),
        pdu(3, bytes(4)),
    ],
)
def test_who_does_not_begin_with_a_request_is_aborted(port: int, sent: bytes) -> None:
    assert answer_to(port, sent, established=False) == ABORT
    assert still_serves(port)


@pytest.mark.parametrize(
    "asking",
    [
        Asking(contexts=tuple(context_item(number, WORKLIST_CLASS, "1.2") for number in range(1, 256, 2)) * 6),
        Asking(contexts=(context_item(1, WORKLIST_CLASS, *(f"1.2.{number}" for number in range(5_000))),)),
        Asking(information=item(0x55, b"x" * 60_000)),
        Asking(information=item(0x54, struct.pack(">H", 0xFFFF) + b"1.2")),
        Asking(more=b"".join(item(0x77, b"") for _ in range(5_000))),
        Asking(contexts=(item(0x20, b"\1\0\0\0" + item(0x30, b"\xff" * 64) + item(0x40, b"\0")),)),
        Asking(longest=1),
    ],
    ids=["768 contexts", "5000 syntaxes", "long name", "lying role", "5000 unknown items", "no text", "one byte a PDU"],
)
def test_a_request_that_is_a_burden_costs_little_and_leaves_nothing(port: int, asking: Asking) -> None:
    begun = time.monotonic()
    assert answer_to(port, bytes(asking), established=False) in {AC, RJ, ABORT}
    assert time.monotonic() - begun < 2
    assert still_serves(port)


@ANY
@given(some.binary(min_size=1, max_size=300))
def test_no_first_bytes_harm(port: int, garbage: bytes) -> None:
    with Lean(port) as lean:
        lean.send(garbage)
    assert still_serves(port)


@ANY
@given(some.data())
def test_no_damaged_request_harms(port: int, chosen: some.DataObject) -> None:
    damaged = bytearray(ESTABLISHED)
    for _ in range(chosen.draw(some.integers(1, 6))):
        damaged[chosen.draw(some.integers(6, len(damaged) - 1))] = chosen.draw(some.integers(0, 255))
    assert answer_to(port, bytes(damaged), established=False) in {AC, RJ, ABORT}


# -- on an association -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        ESTABLISHED,
        pdu(2, bytes(68)),
        pdu(3, bytes(4)),
        pdu(6, bytes(4)),
        pdu(8, b""),
        struct.pack(">BxI", DATA, 0xFFFFFFF0),
        struct.pack(">BxI", DATA, 70_000),
        pdu(DATA, struct.pack(">IBB", 0xFFFFFFFF, 3, 3)),
        pdu(DATA, struct.pack(">IBB", 0, 3, 3)),
        pdu(DATA, value(3, 3, b"")),
        data(9, 3, command(0x0030, 1)),
        data(0, 3, command(0x0030, 1)),
        data(3, 2, b"a dataset without a command"),
        data(3, 3, command(0x0020, 1, WORKLIST_CLASS, dataset=True)) * 2,
        data(3, 3, command(0x8020, 1, WORKLIST_CLASS)),
        data(3, 3, command(0x4242, 1, WORKLIST_CLASS)),
        data(3, 3, b"\0\0\0\x01\xff\xff\xff\xff\x20\0"),
        data(3, 1, b"x" * 17_000),
        pdu(5, b""),
        pdu(5, bytes(5)),
    ],
)
def test_what_breaks_the_protocol_ends_that_association_only(port: int, sent: bytes) -> None:
    assert answer_to(port, sent, established=True) == ABORT
    assert still_serves(port)


@ANY
@given(some.lists(some.one_of(
    some.binary(min_size=1, max_size=80),
    some.binary(max_size=60).map(lambda body: pdu(DATA, body)),
    some.binary(max_size=60).map(lambda body: data(3, 3, body)),
    some.sampled_from([echo(), find(b"x"), RELEASE, ESTABLISHED, pdu(ABORT, bytes(4)), create("1.2", b"y")]),
), max_size=6))  # fmt: skip
def test_no_conversation_harms(port: int, said: list[bytes]) -> None:
    with Lean(port) as lean:
        assert lean.associate()[0] == AC
        try:
            for part in said:
                lean.send(part)
        except (ConnectionResetError, BrokenPipeError):
            assert said
    assert still_serves(port)


def test_a_message_without_end_is_cut_where_it_is_too_long(port: int) -> None:
    with Lean(port) as lean:
        assert lean.associate()[0] == AC
        lean.send(data(3, 3, command(0x0020, 1, WORKLIST_CLASS, dataset=True)))
        sent = 0
        piece = data(3, 0, bytes(60_000))
        try:
            while sent < 40 * len(piece):
                lean.send(piece)
                sent += len(piece)
        except (ConnectionResetError, BrokenPipeError):
            assert sent > 1_000_000
        else:
            assert lean.pdu()[0] == ABORT
    assert still_serves(port)


# -- many ------------------------------------------------------------------------------------------------------------


def test_silent_and_half_said_connections_do_not_keep_a_device_waiting(port: int) -> None:
    with ExitStack() as held:
        for number in range(300):
            lean = held.enter_context(Lean(port))
            lean.send(ESTABLISHED[: number % len(ESTABLISHED)])
        assert still_serves(port)
        assert quickest(lambda: still_serves(port)) < 1
        time.sleep(1.3)
        assert lean.pdu() == (0, b""), "a half request outlives its time"


def test_three_hundred_idle_associations_do_not_keep_a_device_waiting() -> None:
    with serving(Stub(known=True)) as server, ExitStack() as held:
        for _ in range(300):
            assert held.enter_context(Lean(server.server_address[1])).associate()[0] == AC
        assert server.associations == 300
        assert still_serves(server.server_address[1])
        assert quickest(lambda: still_serves(server.server_address[1])) < 0.5


def aborted(port: int, count: int) -> None:
    """Associations that end in each way that is none: abort, garbage, a closed socket, a reset."""
    chance = random.Random(7)  # noqa: S311  the same ways each time
    ends = (pdu(ABORT, bytes(4)), b"\xff" * 40, echo()[:20], find(b"x"), b"", data(3, 1, b"x" * 9_000))
    for number in range(count):
        with Lean(port) as lean:
            lean.send(bytes(Asking(calling=f"DEV{number % 500}")))
            if number % 3:
                lean.pdu()
            lean.send(chance.choice(ends))
            if number % 2:
                lean.socket.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER: a reset, not a close


def resident() -> int:
    """Bytes of this process, the server's included."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def growth(count: int) -> tuple[int, int]:
    """(bytes that `count` aborted associations leave behind, connections that are still open after them)."""
    stub = Stub(known=True)
    with serving(stub) as server:
        aborted(server.server_address[1], 300)
        stub.queries.clear()
        before = resident()
        aborted(server.server_address[1], count)
        stub.queries.clear()
        assert still_serves(server.server_address[1])
        deadline = time.monotonic() + 3
        while server.connections and time.monotonic() < deadline:
            time.sleep(0.02)
        return resident() - before, server.connections


def test_aborted_associations_leave_no_memory_and_no_connection_behind() -> None:
    grown, left = growth(500)
    assert grown < 4_000_000
    assert left == 0


@pytest.mark.soak
def test_ten_thousand_aborted_associations_leave_no_memory_behind() -> None:
    grown, left = growth(10_000)
    assert grown < 20_000_000
    assert left == 0
