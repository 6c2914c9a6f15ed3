"""One device at its fastest: it associates, asks, releases, and again.

`python -m tests.bench.mwl_client PORT SECONDS AE_TITLE CALLED IDENTIFIER` waits for a line and prints how often; the
identifier is written in hexadecimal.

Raw bytes on a blocking socket in a process of its own, so that what is measured is the server. The first answer is
read with care; the next ones must be as long, and end with the same final response.
"""

from __future__ import annotations

import socket
import sys
import time

from tests.worklist.upper.lean import AC, DATA, RELEASE, RELEASE_RP, Asking, Lean, find, pdu, status_of

QUICKACK = 12  # socket.TCP_QUICKACK: servers with Nagle's algorithm on would otherwise wait 40 ms for us


class Device:
    """One AE title that polls one server with one query."""

    def __init__(self, port: int, ae_title: str, identifier: bytes, called: str = "ISOCENTER") -> None:
        self._port = port
        self._asking = bytes(Asking(ae_title, called))
        self._find = find(identifier)
        self.accepted = self.answers = self.matches = 0
        self._last = b""
        self._learn()

    def poll(self) -> None:
        """Associate, ask, release. AssertionError when anything but the whole answer came."""
        with socket.create_connection(("127.0.0.1", self._port), timeout=30) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(self._asking)
            assert exactly(connection, self.accepted)[0] == AC, "rejected"
            self.ask(connection)
            connection.sendall(RELEASE)
            assert exactly(connection, 10)[0] == RELEASE_RP

    def ask(self, connection: socket.socket) -> None:
        connection.sendall(self._find)
        assert exactly(connection, self.answers).endswith(self._last), "another answer than before"

    def opened(self) -> socket.socket:
        """An association that is open and idle."""
        connection = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(self._asking)
        assert exactly(connection, self.accepted)[0] == AC, "rejected"
        return connection

    def _learn(self) -> None:
        with Lean(self._port, timeout=30) as lean:
            lean.send(self._asking)
            kind, body = lean.pdu()
            assert kind == AC, "rejected"
            self.accepted = len(body) + 6
            lean.send(self._find)
            status = 0xFF00
            while status in {0xFF00, 0xFF01}:
                kind, body = lean.pdu()
                assert kind == DATA
                self.answers += len(body) + 6
                if body[5] & 1:
                    status = status_of(body)
                    self.matches += status in {0xFF00, 0xFF01}
                    self._last = pdu(DATA, body)
            assert status == 0


def exactly(connection: socket.socket, size: int) -> bytes:
    """`size` bytes, acknowledged as they come."""
    found = b""
    while len(found) < size:
        connection.setsockopt(socket.IPPROTO_TCP, QUICKACK, 1)
        more = connection.recv(size - len(found))
        assert more, "the server closed the connection"
        found += more
    return found


def main(arguments: list[str]) -> int:
    port, seconds, ae_title, called, identifier = arguments
    device = Device(int(port), ae_title, bytes.fromhex(identifier), called)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    count, end = 0, time.monotonic() + float(seconds)
    while time.monotonic() < end:
        device.poll()
        count += 1
    sys.stdout.write(f"{count}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
