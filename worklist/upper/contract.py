"""What the association server asks of the rest: who may associate, and the answer to each operation.

The contract between the upper layer (this package: PS3.8, PS3.7; it knows no Django) and those who answer
(`worklist.answering`, which calls `worklist.mwl.handler` and `worklist.mpps.handler`).

Two places to run:

- **on the loop**: `knows`, `find_now`, `echo`, `refused`. They return within microseconds and never wait: no database,
  no file, no lock that anything slow holds. Appending to a `collections.deque` is the pattern for a log.
- **in the pool**: `admit`, `find`, `create`, `set`, `get`. A few threads with a database connection each, which lives
  on between calls and is checked before each (`worklist.association.serving`). They may block; they are plain
  functions. What they raise becomes 0xC001 (find), 0x0110 (N services) or a transient rejection (admit), and is a bug.

Datasets cross as bytes, encoded in the transfer syntax that was negotiated (Implicit or Explicit VR Little Endian);
nobody but the handler decodes them. Every text of a peer is untrusted: never a path, never unescaped in a log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

PENDING: Final = 0xFF00


@dataclass(frozen=True, slots=True)
class Peer:
    """One association's requestor. `ae_title` is what it calls itself, without padding; no more than 16 characters,
    any character that ISO 646 has, and not known to be a device of ours before `admit` said so."""

    ae_title: str
    address: str
    called: str = ""
    tls: bool = False
    certificate: str = ""
    """The subject's common name when the peer showed a certificate that was verified, else ""."""
    preview: bool = False
    """Our own page asks as this device (worklist.devices.preview): no sign that the device itself lives."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Result, source and reason of an A-ASSOCIATE-RJ (PS3.8 Table 9-21)."""

    result: int
    source: int
    reason: int
    meaning: str


CALLED_UNKNOWN: Final = Rejection(1, 1, 7, "called AE title not recognized")
CALLING_UNKNOWN: Final = Rejection(1, 1, 3, "calling AE title not recognized")
CONTEXT_UNSUPPORTED: Final = Rejection(1, 1, 2, "application context name not supported")
VERSION_UNSUPPORTED: Final = Rejection(1, 2, 2, "protocol version not supported")
CONGESTED: Final = Rejection(2, 3, 1, "temporary congestion")
LIMIT_EXCEEDED: Final = Rejection(2, 3, 2, "local limit exceeded")
NO_REASON: Final = Rejection(1, 1, 1, "no reason given")


@dataclass(frozen=True, slots=True)
class Status:
    """(0000,0900) with what PS3.7 Annex C lets go with it; a comment names attributes, never values."""

    code: int
    comment: str = ""
    """(0000,0902) Error Comment; cut to 64 characters of ASCII."""
    offending: tuple[int, ...] = ()
    """(0000,0901) Offending Element (C services), as tags: 0x00400100."""
    error_id: int | None = None
    """(0000,0903) Error ID (N services)."""


SUCCESS: Final = Status(0x0000)
CANCELLED: Final = Status(0xFE00)
UNABLE: Final = Status(0xC001, "Unable to process")
PROCESSING_FAILURE: Final = Status(0x0110, "Processing failure")
NO_SUCH_SOP_CLASS: Final = Status(0x0118, "No such SOP class")
UNRECOGNIZED_OPERATION: Final = Status(0x0211, "Unrecognized operation")
NOT_OFFERED: Final = Status(0x0122, "SOP class not supported")


@dataclass(frozen=True, slots=True)
class Query:
    """One C-FIND-RQ. `identifier` is as the peer sent it: undecoded, at most `limits.DATASET_BYTES` long."""

    sop_class: str
    identifier: bytes = field(repr=False)
    transfer_syntax: str
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a query: `rows` each go out as one response of status `pending`, then `final`.

    A C-CANCEL that arrives between two rows ends them with 0xFE00 in place of `final`.
    """

    final: Status = SUCCESS
    rows: Sequence[bytes] = field(default=(), repr=False)
    """Identifiers, already encoded in the transfer syntax of the query; may be a list that is kept and shared."""
    pending: int = PENDING


@dataclass(frozen=True, slots=True)
class Operation:
    """One N-CREATE-RQ, N-SET-RQ or N-GET-RQ."""

    sop_class: str
    sop_instance: str
    """"" when the peer left it out (N-CREATE may); otherwise whatever it sent: not known to be a UID."""
    transfer_syntax: str
    dataset: bytes | None = field(default=None, repr=False)
    attributes: tuple[int, ...] = ()
    """N-GET: (0000,1005) Attribute Identifier List as tags; empty asks for all."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to an operation. `sop_instance` only where it differs from the request's (made by us)."""

    status: Status = SUCCESS
    dataset: bytes | None = field(default=None, repr=False)
    sop_instance: str = ""


class Service(Protocol):
    """Who answers. One object serves every association; its methods are called from several threads at once."""

    def knows(self, peer: Peer) -> bool:
        """On the loop: whether `peer` is known to be admitted right now. False asks `admit`."""
        ...

    def admit(self, peer: Peer) -> Rejection | None:
        """In the pool: None lets the association be. The called AE title has been checked already."""
        ...

    def refused(self, peer: Peer, rejection: Rejection) -> None:
        """On the loop: an association that was rejected, by `admit` or by the upper layer, for the device log."""
        ...

    def echo(self, peer: Peer) -> Status:
        """On the loop: a C-ECHO."""
        ...

    def find_now(self, peer: Peer, query: Query) -> Found | None:
        """On the loop: the answer when it is at hand; None sends the query to `find`."""
        ...

    def find(self, peer: Peer, query: Query, cancelled: Callable[[], bool]) -> Found:
        """In the pool: a C-FIND. `cancelled()` turns True when the peer cancels or is gone: stop then."""
        ...

    def create(self, peer: Peer, operation: Operation) -> Outcome:
        """In the pool: an N-CREATE."""
        ...

    def set(self, peer: Peer, operation: Operation) -> Outcome:
        """In the pool: an N-SET."""
        ...

    def get(self, peer: Peer, operation: Operation) -> Outcome:
        """In the pool: an N-GET."""
        ...
