"""C-ECHO to a device (PS3.4 A), and what became of it in words."""

from __future__ import annotations

import errno
import re
import socket
import ssl
import time
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final

from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.sop_class import Verification

from ris.dicom import tls

SECONDS: Final = 4.0
HOST_NAME: Final = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_\-.]*[A-Za-z0-9_])?")
# PS3.8 Table 9-21, as (source, reason)
REJECTIONS: Final = {
    (1, 1): "gives no reason",
    (1, 2): "does not know the DICOM application context",
    (1, 3): "does not know our AE title {ours}: register it there",
    (1, 7): "says that it is not called {called}: compare its AE title",
    (2, 1): "gives no reason",
    (2, 2): "does not know this version of the protocol",
    (3, 1): "is too busy at the moment",
    (3, 2): "has no free association at the moment",
}
FAULTS: Final = {
    errno.ECONNREFUSED: "Nothing listens at this port: compare the port, and see whether the device runs.",
    errno.EHOSTUNREACH: "There is no way to this host: compare the address, and look at the network.",
    errno.ENETUNREACH: "There is no way to this network: look at the routes and the firewall.",
    errno.ECONNRESET: "The device hung up at once: a firewall, or it does not know our address.",
}


@dataclass(frozen=True, slots=True)
class Peer:
    """Whom we call, and as whom."""

    ae_title: str
    host: str
    port: int
    tls: bool
    calling: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """`result`: answered, refused, unreachable, silent, rejected, aborted, tls-failed; `words` say what to do next."""

    result: str
    words: str
    milliseconds: int = 0

    @property
    def good(self) -> bool:
        return self.result == "answered"


def verify(peer: Peer) -> Outcome:
    """Associate, echo, release; never raises for what the network or the device does."""
    begun = time.monotonic()
    fault = unreachable(peer)
    found = fault or _echo(peer)
    if found.result == "aborted":  # a rejection whose connection ended in the same moment reads like this: ask again
        found = _echo(peer)
    return Outcome(found.result, found.words, round((time.monotonic() - begun) * 1000))


def unreachable(peer: Peer) -> Outcome | None:
    """What hinders the connection below DICOM; pynetdicom would not tell."""
    try:
        address = _address(peer)
        with socket.create_connection(address, timeout=SECONDS) as plain:
            return _handshake(plain) if peer.tls else None
    except socket.gaierror:
        return Outcome("unreachable", "This host name is not known here: write it as the name service knows it.")
    except TimeoutError:
        return Outcome("unreachable", f"Nobody answered within {SECONDS:.0f} seconds: a wrong address, or a firewall.")
    except OSError as error:
        known = error.errno == errno.ECONNREFUSED
        words = FAULTS.get(error.errno or 0, "The connection failed: look at address, port and network.")
        return Outcome("refused" if known else "unreachable", words)


def _address(peer: Peer) -> tuple[str, int]:
    """The first address of the host; one that can be no device (a cloud's own service, a group) is not called."""
    found = socket.getaddrinfo(peer.host, peer.port, type=socket.SOCK_STREAM)
    host = str(found[0][4][0])
    if not may_be_called(host):
        raise OSError(errno.EHOSTUNREACH, "not an address of a device")
    return host, peer.port


def may_be_called(address: str) -> bool:
    """Whether a device may stand at this numeric address: not link-local, not unspecified, not a multicast group."""
    found = ip_address(address.partition("%")[0])
    return not (found.is_link_local or found.is_unspecified or found.is_multicast)


def may_be_written(host: str) -> bool:
    """Whether this text may be kept as a host: a name, or a numeric address at which a device may stand."""
    try:
        return may_be_called(host)
    except ValueError:
        return HOST_NAME.fullmatch(host) is not None


def _handshake(plain: socket.socket) -> Outcome | None:
    try:
        with _context().wrap_socket(plain):
            return None
    except ssl.SSLCertVerificationError as error:
        return Outcome("tls-failed", f"We do not trust its certificate ({error.verify_message}): see DICOM_TLS_CA.")
    except ssl.SSLError as error:
        told = str(error.reason or "no reason").replace("_", " ").lower()
        return Outcome(
            "tls-failed", f"The device does not agree on TLS ({told}): see whether this port speaks TLS 1.2."
        )
    except tls.TlsFault as fault:
        return Outcome("tls-failed", str(fault))


def _context() -> ssl.SSLContext:
    return tls.client_context(tls.configured())


def _echo(peer: Peer) -> Outcome:
    entity = AE(ae_title=peer.calling)
    entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = SECONDS
    entity.add_requested_context(Verification)
    secured: dict[str, Any] = {"tls_args": (_context(), None)} if peer.tls else {}
    association = entity.associate(peer.host, peer.port, ae_title=peer.ae_title, **secured)
    if not association.is_established:
        return _not_established(association, peer)
    try:
        status = association.send_c_echo()
    finally:
        association.release()
    if "Status" not in status:
        return Outcome("silent", f"It accepted the association and did not answer the echo within {SECONDS:.0f} s.")
    if status.Status == 0:
        return Outcome("answered", "It answers under this AE title.")
    return Outcome("refused", f"It answered the echo with status {status.Status:04X}.")


def _not_established(association: Association, peer: Peer) -> Outcome:
    if association.is_rejected:
        return rejected(association.acceptor.primitive, peer)
    if association.acceptor.primitive is not None and not association.accepted_contexts:
        return Outcome("refused", "It accepts the association and does not offer the echo (Verification SOP class).")
    return Outcome("aborted", "It broke the association off: does this port speak DICOM, and with or without TLS?")


def rejected(primitive: Any, peer: Peer) -> Outcome:
    """What an A-ASSOCIATE-RJ says (PS3.8 9.3.4)."""
    pair = (int(primitive.result_source), int(primitive.diagnostic))
    reason = REJECTIONS.get(pair, "gives a reason that DICOM does not know")
    return Outcome("rejected", f"The device {reason.format(ours=peer.calling, called=peer.ae_title)}.")
