"""Associations from the device to the RIS and to the archive (PS3.8)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ssl import SSLContext

from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.events import Event
from pynetdicom.transport import AddressInformation, AssociationSocket

from ris.demo.modality.errors import LostError, RefusedError, UnreachableError

# Identifiers carry patients; pynetdicom would print them into the log.
_config.LOG_REQUEST_IDENTIFIERS = False
_config.LOG_RESPONSE_IDENTIFIERS = False

TRANSFER_SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
PATIENCE_SECONDS = 120.0
CONNECT_SECONDS = 5.0
FAREWELL_SECONDS = 1.5
QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)


@dataclass(frozen=True, slots=True)
class Peer:
    """An application entity that the device talks to."""

    ae_title: str
    host: str
    port: int

    @classmethod
    def parse(cls, address: str, ae_title: str) -> Peer:
        """`host:port` → Peer; ValueError when it is not that."""
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError(f"“{address}” is not host:port.")
        return cls(ae_title, host, int(port))

    def __str__(self) -> str:
        return f"{self.ae_title} at {self.host}:{self.port}"


def _send_at_once(event: Event) -> None:
    """Without this our DIMSE messages wait 40 ms for Nagle and the peer's delayed acknowledgement."""
    event.assoc.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _acknowledge_at_once(event: Event) -> None:
    """The same for the answers of a peer that has Nagle on (Orthanc has): Linux forgets it at every send."""
    transport = event.assoc.dul.socket
    if QUICK_ACK is not None and transport is not None and transport.socket is not None:
        transport.socket.setsockopt(socket.IPPROTO_TCP, QUICK_ACK, 1)


def _wake(event: Event) -> None:
    """Tell whoever awaits an answer that none will come.

    pynetdicom says so once, and its own thread can take that word from the queue before the waiting one comes to it.
    """
    event.assoc.dimse.msg_queue.put((None, None))


class _Entity(AE):
    """An application entity that closes its socket: pynetdicom 3.0 leaves one open that the peer closed first."""

    def _create_socket(
        self, assoc: Association, address: AddressInformation, tls_args: tuple[SSLContext, str] | None
    ) -> AssociationSocket:
        transport = super()._create_socket(assoc, address, tls_args)
        self._opened: socket.socket | None = transport.socket
        return transport

    def leave(self, association: Association, *, cut: bool = False) -> None:
        """Release the association if there still is one, let its threads end, close its socket.

        One that was cut is not released, and nobody is waited for long: when the connection ends in that instant,
        pynetdicom's own thread takes the news of it from the queue that `release` waits at.
        """
        if association.is_established and not cut:
            association.acse_timeout = FAREWELL_SECONDS
            association.release()
        if association.ident is not None:  # its thread runs from acceptance on
            association.join(FAREWELL_SECONDS)
        if self._opened is not None:
            self._opened.close()


class Wire:
    """The one line of a device: at most one association at a time, which `hang_up` ends from any thread."""

    def __init__(self, calling: str) -> None:
        self._calling = calling
        self._current: Association | None = None
        self._cut: Association | None = None
        self._leaving = threading.Event()
        self._hand = threading.RLock()  # a signal handler may come while its own thread holds it

    @contextmanager
    def open(self, peer: Peer, sop_classes: Iterable[str]) -> Iterator[Association]:
        """An established association with one presentation context per SOP class; released afterwards.

        Raises UnreachableError when the peer cannot be reached or rejects us, RefusedError when it does not take one
        of the SOP classes, LostError when it ends in the middle.
        """
        wanted = list(sop_classes)
        entity = self._entity(wanted)
        association = self._associate(entity, peer)
        self._current = association
        if self._leaving.is_set():
            association.dimse_timeout = FAREWELL_SECONDS
        try:
            _check_contexts(association, peer, wanted)
            yield association
        except RuntimeError as fault:  # what pynetdicom says to a message for an association that has just ended
            if association.is_established:
                raise
            raise lost(peer) from fault
        finally:
            with self._hand:
                self._current = None
            entity.leave(association, cut=association is self._cut)

    def _entity(self, sop_classes: Iterable[str]) -> _Entity:
        patience = FAREWELL_SECONDS if self._leaving.is_set() else PATIENCE_SECONDS
        entity = _Entity(self._calling)
        entity.connection_timeout = min(CONNECT_SECONDS, patience)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = patience
        for sop_class in sop_classes:
            entity.add_requested_context(sop_class, TRANSFER_SYNTAXES)
        return entity

    def _associate(self, entity: _Entity, peer: Peer) -> Association:
        handlers = [
            (evt.EVT_CONN_OPEN, _send_at_once),
            (evt.EVT_DATA_SENT, _acknowledge_at_once),
            (evt.EVT_CONN_CLOSE, _wake),
        ]
        association = entity.associate(peer.host, peer.port, ae_title=peer.ae_title, evt_handlers=handlers)
        if not association.is_established:
            entity.leave(association)
            raise UnreachableError(f"{self._calling}: {peer} {_why_not(association)}.")
        return association

    def hang_up(self) -> None:
        """End what is under way and keep any further association short: the process is leaving."""
        self._leaving.set()
        with self._hand:
            if self._current is not None:
                self._cut = self._current
                _cut(self._current)


def _cut(association: Association) -> None:
    """Cut the transport connection: an A-ABORT would not wake the thread that awaits a DIMSE response."""
    transport = association.dul.socket
    connection = transport.socket if transport is not None else None
    if connection is not None:
        with suppress(OSError):  # closed meanwhile: that is what is wanted
            connection.shutdown(socket.SHUT_RDWR)


def _why_not(association: Association) -> str:
    if association.is_rejected:
        return "rejects the association; is this AE title registered there?"
    return "cannot be reached"


def _check_contexts(association: Association, peer: Peer, wanted: list[str]) -> None:
    taken = {context.abstract_syntax for context in association.accepted_contexts}
    missing = [UID(sop_class).name for sop_class in wanted if sop_class not in taken]
    if missing:
        raise RefusedError(f"{peer} does not take {', '.join(missing)}.")


def lost(peer: Peer) -> LostError:
    return LostError(f"The association with {peer} was lost.")
