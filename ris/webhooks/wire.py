"""One POST to an address that was judged. Nothing is followed, and of the answer only its number is read."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Mapping

from ris.webhooks.addresses import Place

CONNECT_SECONDS = 3.05
ANSWER_SECONDS = 10.0


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
            self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.place.host)


def post(place: Place, body: bytes, headers: Mapping[str, str]) -> int:
    """The status that it answers. Raises OSError, http.client.HTTPException."""
    began, connection = time.monotonic(), Pinned(place)
    try:
        connection.request("POST", place.path, body=body, headers=dict(headers))
        status = connection.getresponse().status
    finally:
        connection.close()
    if time.monotonic() - began > CONNECT_SECONDS + 2 * ANSWER_SECONDS:
        raise TimeoutError("it answered by drops")
    return status
