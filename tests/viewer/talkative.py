"""Something between nginx and Orthanc that adds headers to each answer, and records what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from tests.services.server import free_port

PASSED = ("Authorization", "Accept", "Content-Type")


@dataclass
class Talkative:
    """`adds` goes with every answer from now on; `seen` is every request: (target, headers in small letters)."""

    url: str
    adds: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def frames(self) -> list[dict[str, str]]:
        """The headers of each request for the stored bytes of a frame."""
        return [headers for target, headers in self.seen if target.endswith("/raw")]


@contextmanager
def talkative(orthanc: str) -> Iterator[Talkative]:
    """Run it in front of the Orthanc of this address."""
    port = free_port()
    found = Talkative(f"http://127.0.0.1:{port}")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # and POST
            found.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            sent = {name: self.headers[name] for name in PASSED if name in self.headers}
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            answer = requests.request(self.command, orthanc + self.path, headers=sent, data=body, timeout=20)
            self.send_response(answer.status_code)
            for name, value in (
                {"Content-Type": answer.headers.get("Content-Type", "text/plain")} | found.adds
            ).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Nothing on the screen of a test run."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
