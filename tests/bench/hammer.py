"""`python -m tests.bench.hammer PORT CONNECTIONS < targets`: ask for every target once, as fast as it goes.

A program of its own, so that who measures does not share an interpreter with who is measured. The first lines of
stdin are headers, then an empty line, then one target a line. Prints JSON: seconds, answers by status, bytes.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator

LAST_CHUNK = b"\r\n0\r\n\r\n"


class Connection:
    """One kept-alive connection that asks and throws the answers away."""

    def __init__(self, port: int, head: str) -> None:
        self.wire = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.head = f"Host: 127.0.0.1:{port}\r\n{head}\r\n"
        self.buffer = memoryview(bytearray(1024 * 1024))

    def ask(self, target: str) -> tuple[int, int]:
        """(status, bytes of the whole answer)."""
        self.wire.sendall(f"GET {target} HTTP/1.1\r\n{self.head}".encode())
        got = self.wire.recv_into(self.buffer)
        while (end := bytes(self.buffer[:got][:4096]).find(b"\r\n\r\n")) < 0:
            more = self.wire.recv_into(self.buffer[got:])
            if not more:
                raise ConnectionError(bytes(self.buffer[:got]))
            got += more
        head = bytes(self.buffer[:end]).lower()
        length = _length(head)
        total = self._rest(got, end + 4 + length) if length is not None else self._chunks(got)
        return int(head[9:12]), total

    def _rest(self, got: int, total: int) -> int:
        while got < total:
            got += self._more()
        return total

    def _chunks(self, got: int) -> int:
        tail = bytes(self.buffer[max(0, got - 7) : got])
        while not tail.endswith(LAST_CHUNK):
            more = self._more()
            tail = (tail + bytes(self.buffer[max(0, more - 7) : more]))[-7:]
            got += more
        return got

    def _more(self) -> int:
        more = self.wire.recv_into(self.buffer)
        if not more:
            raise ConnectionError("the server hung up")
        return more


def _length(head: bytes) -> int | None:
    """What Content-Length says; None for chunks, 0 for an answer without a body."""
    if b"\r\ntransfer-encoding: chunked" in head:
        return None
    _before, found, value = head.partition(b"\r\ncontent-length:")
    return int(value.split(b"\r\n")[0]) if found else 0


def main(port: int, connections: int) -> dict[str, object]:
    head, _, rest = sys.stdin.read().partition("\n\n")
    targets: Iterator[str] = iter(rest.split())
    wires = [Connection(port, "".join(f"{line}\r\n" for line in head.splitlines())) for _ in range(connections)]
    statuses: Counter[int] = Counter()
    sizes: list[int] = []
    lock = threading.Lock()

    def work(wire: Connection) -> None:
        while True:
            with lock:
                target = next(targets, None)
            if target is None:
                return
            status, size = wire.ask(target)
            statuses[status] += 1
            sizes.append(size)

    threads = [threading.Thread(target=work, args=(wire,)) for wire in wires]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"seconds": time.perf_counter() - began, "statuses": dict(statuses), "bytes": sum(sizes)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
