"""A stand-in for the archive that records what reaches it, for faults that the real Orthanc cannot be made to show."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    """What it answers next."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/dicom+json"})
    body: bytes = b"[]"


@dataclass
class Fake:
    """`seen` is every request: (method, target, headers). `reply` answers all but the targets in `at`."""

    url: str
    reply: Reply = field(default_factory=Reply)
    at: dict[str, Reply] = field(default_factory=dict)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    endless: bool = False
    open_now: int = 0
    busiest: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def dicomweb(self) -> list[tuple[str, dict[str, str]]]:
        """(target, headers) of what was asked over DICOMweb, without the facts that caches ask before."""
        return [(target, headers) for _method, target, headers in self.seen if target.startswith("/dicom-web/")]


@contextmanager
def fake_archive() -> Iterator[Fake]:
    """Run it on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            fake.seen.append((self.command, self.path, dict(self.headers.items())))
            with fake.lock:
                fake.open_now += 1
                fake.busiest = max(fake.busiest, fake.open_now)
            try:
                self.answer()
            except OSError:
                self.close_connection = True
            finally:
                with fake.lock:
                    fake.open_now -= 1

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

        def answer(self) -> None:
            reply = fake.at.get(self.path, fake.reply)
            self.send_response(reply.status)
            endless = fake.endless and reply is fake.reply
            size = 10**9 if endless else len(reply.body)
            for name, value in {**reply.headers, "Content-Length": str(size)}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)
            while endless and fake.endless:
                self.wfile.write(b"\0" * 65536)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake = Fake(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield fake
    finally:
        fake.endless = False
        server.shutdown()
        thread.join()
        server.server_close()
