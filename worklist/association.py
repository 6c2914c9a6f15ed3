"""Who is at the other end of an association, whether it may be, and the frame in which it is served."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error as DatabaseError
from django.db import connections

from ris.core.context import RequestContext, current
from ris.core.identifiers import is_ae_title
from ris.dicom.models import Node
from worklist.upper.service import CALLING_UNKNOWN, CONGESTED, Peer, Rejection

log = logging.getLogger(__name__)


@contextmanager
def serving(peer: Peer) -> Iterator[None]:
    """Around each answer: what the audit says of its origin, and a database connection that is sound.

    The few threads of the pool keep their connections between calls. One that broke, or is older than CONN_MAX_AGE, is
    closed here: Django does that at the end of a web request, and a server that hears no such signal must itself.
    """
    token = current.set(RequestContext(request_id=uuid.uuid4().hex[:16], source=peer.address))
    _freshen()
    try:
        yield
    finally:
        current.reset(token)
        _freshen()


def _freshen() -> None:
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def leave() -> None:
    """A thread of the pool ends: nothing of it stays open."""
    connections.close_all()


def admission(peer: Peer) -> Rejection | None:
    """Reject who is not a known, active device. A database that cannot be read is transient: the device tries again."""
    try:
        reason = None if node_of(peer) else CALLING_UNKNOWN
    except DatabaseError as error:
        log.error("association not checked: %s", type(error).__name__)
        reason = CONGESTED
    return reason


def node_of(peer: Peer) -> Node | None:
    """The device that calls; None when it is unknown, not a modality, or switched off meanwhile."""
    if not is_ae_title(peer.ae_title):
        return None
    return Node.objects.select_related("site").filter(ae_title=peer.ae_title, kind="modality", active=True).first()


def shown(peer: Peer) -> str:
    """AE title and address, safe to log: whatever is not an AE title is shown escaped."""
    title = peer.ae_title if is_ae_title(peer.ae_title) else ascii(peer.ae_title)[:40]
    return f"{title}@{peer.address}"
