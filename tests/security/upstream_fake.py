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
    """`seen` is every request: (method, target, headers)."""

    url: str
    reply: Reply = field(default_factory=Reply)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    endless: bool = False
    open_now: int = 0
    busiest: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


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
            self.send_response(fake.reply.status)
            size = 10**9 if fake.endless else len(fake.reply.body)
            for name, value in {**fake.reply.headers, "Content-Length": str(size)}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(fake.reply.body)
            while fake.endless:
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
