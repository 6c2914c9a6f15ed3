"""One transport connection on the loop: the acceptor's wire and the dialogue's host."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from worklist.upper.acceptor import Acceptor
from worklist.upper.contract import Peer
from worklist.upper.dialogue import Dialogue
from worklist.upper.negotiation import is_preview
from worklist.upper.pdus import Request
from worklist.upper.states import State

if TYPE_CHECKING:
    from worklist.upper.server import Server

# A peer that has taken nothing of so many bytes is not sent more.
UNREAD_BYTES = 262_144
KEEPALIVE_SECONDS = 60


class Connection(asyncio.Protocol):
    """Bytes from the transport to the acceptor and back, and the three time-outs."""

    _transport: asyncio.Transport

    def __init__(self, server: Server) -> None:
        self._server = server
        self._acceptor = Acceptor(self)
        self._dialogue = Dialogue(self._acceptor, server.offer, self)
        self._artim: float | None = None
        self._begun: float | None = None
        self._touched = time.monotonic()
        self._stuck: float | None = None
        self._held: Callable[[], None] | None = None

    @property
    def silent(self) -> bool:
        """Open, and nothing asked yet."""
        return self._acceptor.state is State.AWAITING_REQUEST

    # -- asyncio.Protocol --------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=UNREAD_BYTES)
        _without_delay(transport.get_extra_info("socket"))
        self._server.opened(self)
        self._acceptor.serve(self._dialogue)

    def data_received(self, data: bytes) -> None:
        self._touched = time.monotonic()
        self._acceptor.receive(data)
        waits = self._acceptor.incomplete or self._dialogue.incomplete
        self._begun = (self._begun or self._touched) if waits else None

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._acceptor.closed()
        self._dialogue.ended()
        self._artim = self._held = None
        self._server.gone(self)

    def pause_writing(self) -> None:
        self._stuck = time.monotonic()

    def resume_writing(self) -> None:
        self._stuck = None
        held, self._held = self._held, None
        if held is not None:
            self._server.loop.call_soon(held)

    # -- Wire --------------------------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        self._touched = time.monotonic()
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > self._server.limits.unsent:
            self._transport.abort()

    def close(self) -> None:
        """What a peer has not read by now it never will: a close that waits for it would wait for ever."""
        if self._transport.get_write_buffer_size():
            self._transport.abort()
        else:
            self._transport.close()

    def artim(self, *, running: bool) -> None:
        self._artim = time.monotonic() + self._server.limits.artim if running else None

    # -- Host --------------------------------------------------------------------------------------------------------

    @property
    def full(self) -> bool:
        return self._server.full

    def joined(self) -> None:
        self._server.associations += 1

    def left(self) -> None:
        self._server.associations -= 1

    def peer(self, request: Request) -> Peer:
        # None when the peer has reset the connection meanwhile.
        address = self._transport.get_extra_info("peername") or ("",)
        certificate = self._transport.get_extra_info("peercert") or {}
        secured = self._transport.get_extra_info("sslcontext") is not None
        shown = _common_name(certificate)
        return Peer(request.calling, str(address[0]), request.called, secured, shown, is_preview(request))

    def run(self, work: Callable[[], Any], then: Callable[[Any], None], *, writes: bool) -> None:
        self._server.run(work, then, writes=writes)

    def soon(self, act: Callable[[], None]) -> None:
        if self._stuck is None:
            self._server.loop.call_soon(act)
        else:
            self._held = act

    # -- time --------------------------------------------------------------------------------------------------------

    def check(self, now: float) -> None:
        """End what takes too long: ARTIM by the state machine, the others by an abort."""
        limits = self._server.limits
        if self._artim is not None:
            if now > self._artim:
                self._artim = None
                self._acceptor.expired()
            return
        idle = None if self._dialogue.busy else self._touched
        waits = ((self._begun, limits.message), (self._stuck, limits.message), (idle, limits.idle))
        if any(since is not None and now - since > limit for since, limit in waits):
            self.drop()

    def drop(self) -> None:
        """A-ABORT where the state allows one, then the end, whether or not the peer still reads."""
        self._dialogue.abort()
        if self._transport.get_write_buffer_size() or self.silent:
            self._transport.abort()

    def cut(self) -> None:
        """Without a word."""
        self._transport.abort()


def _without_delay(connection: socket.socket) -> None:
    """Answers of several small PDUs must not wait for the peer's delayed acknowledgement: 36 ms a query.

    Keep-alive finds the peers that vanished without a word.
    """
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_SECONDS)


def _common_name(certificate: dict[str, Any]) -> str:
    for group in certificate.get("subject", ()):
        for name, value in group:
            if name == "commonName":
                return str(value)
    return ""
