"""One POST to an address that was judged. Nothing is followed, and of the answer only its number is read."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from ris.webhooks.addresses import Place

CONNECT_SECONDS = 3.05
ANSWER_SECONDS = 10.0
WHOLE_SECONDS = 15.0


class Pinned(http.client.HTTPConnection):
    """Connects to the address that was judged, and to no other; the certificate must be the host's."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.host, place.port, timeout=CONNECT_SECONDS)
        self.place = place

    def connect(self) -> None:
        plain = socket.create_connection((self.place.ip, self.place.port), timeout=CONNECT_SECONDS)
        plain.settimeout(ANSWER_SECONDS)
        self.sock = plain
        if self.place.tls:
            context, host = ssl.create_default_context(), self.place.host
            self.sock = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
            self.sock.do_handshake()


def post(place: Place, body: bytes, headers: Mapping[str, str]) -> int:
    """The status that it answers. Raises OSError, http.client.HTTPException."""
    connection = Pinned(place)
    try:
        with hung_up_after(connection, WHOLE_SECONDS):
            connection.request("POST", place.path, body=body, headers=dict(headers))
            return connection.getresponse().status
    finally:
        connection.close()


@contextmanager
def hung_up_after(connection: Pinned, seconds: float) -> Iterator[None]:
    """Whoever answers by drops keeps every pause short and never ends: the line is cut, which reads as an end."""
    timer = threading.Timer(seconds, _cut, args=(connection,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(connection: Pinned) -> None:
    """Of the plain socket: TLS would want to say goodbye first."""
    with suppress(OSError):
        socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
