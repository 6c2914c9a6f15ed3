"""One connection to a receiver, kept open from message to message."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from typing import Final

from ris.dicom import tls
from ris.hl7.er7.limits import MESSAGE_BYTES
from ris.hl7.mllp.framing import Framer, Misframed, wrap
from ris.hl7.outgoing.messages.answers import Answered, understand
from ris.hl7.outgoing.models import Destination

CONNECT_SECONDS: Final = 5.0
SLICE: Final = 0.5
CHUNK: Final = 65536


class Unreachable(Exception):
    """There is no connection: nothing was sent."""


class Unanswered(Exception):
    """It was sent, wholly or in part, and no answer to it came: whether it arrived is not known."""


class Connection:
    """Sends a message, waits for the acknowledgement of this one. What goes wrong ends the connection.

    `stopping` is asked while it waits, so that a process can end.
    """

    def __init__(self, destination: Destination, stopping: Callable[[], bool] = lambda: False) -> None:
        self._destination = destination
        self._stopping = stopping
        self._socket: socket.socket | None = None

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def exchange(self, body: bytes, control_id: str) -> Answered:
        """Send, and return the answer. Raises Unreachable, Unanswered."""
        opened = self._socket is not None
        peer = self._open()
        try:
            return self._converse(peer, body, control_id)
        except Unanswered:
            self.close()
            raise
        except OSError as error:
            self.close()
            if opened and isinstance(error, ConnectionError):
                # Left open since the last message, and closed by the other side meanwhile.
                raise Unanswered("The receiver had closed the connection.") from error
            raise Unanswered(f"The connection broke ({type(error).__name__}).") from error

    def _open(self) -> socket.socket:
        if self._socket is not None and _is_dead(self._socket):
            self.close()
        if self._socket is None:
            self._socket = _connect(self._destination)
        return self._socket

    def _converse(self, peer: socket.socket, body: bytes, control_id: str) -> Answered:
        seconds = float(self._destination.answer_seconds)
        peer.settimeout(seconds)
        peer.sendall(wrap(body))
        peer.settimeout(SLICE)
        framer, until = Framer(MESSAGE_BYTES), time.monotonic() + seconds
        while time.monotonic() < until and not self._stopping():
            try:
                received = peer.recv(CHUNK)
            except TimeoutError:
                continue
            if not received:
                raise Unanswered("The receiver closed the connection before it answered.")
            for block in framer.feed(received):
                return self._judge(block, control_id)
        raise Unanswered(f"No answer came within {seconds:.0f} seconds.")

    def _judge(self, block: bytes | Misframed, control_id: str) -> Answered:
        if isinstance(block, Misframed):
            raise Unanswered("What came back was no MLLP block.")
        answered = understand(block, self._destination.charset)
        if answered is None or not (answered.accepted or answered.refused):
            raise Unanswered("What came back was no acknowledgement.")
        if answered.control_id != control_id:
            raise Unanswered("The answer was to another message (MSA-2).")
        return answered


def _connect(destination: Destination) -> socket.socket:
    try:
        plain = socket.create_connection((destination.host, destination.port), timeout=CONNECT_SECONDS)
    except OSError as error:
        raise Unreachable(f"No connection to {destination.host}:{destination.port} ({_why(error)}).") from error
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if not destination.tls:
        return plain
    try:
        return tls.client_context(tls.configured()).wrap_socket(plain, server_hostname=destination.host)
    except (OSError, ssl.SSLError, tls.TlsFault) as error:
        plain.close()
        raise Unreachable(f"No TLS with {destination.host}:{destination.port} ({_why(error)}).") from error


def _why(error: Exception) -> str:
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error) or type(error).__name__


def _is_dead(peer: socket.socket) -> bool:
    """Whether the other side has gone, or says something unasked, which would be taken for an answer."""
    peer.settimeout(0)
    try:
        peer.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True
    return True
