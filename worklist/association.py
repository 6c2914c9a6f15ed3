"""Who is at the other end of an association, whether it may be, and the frame in which it is served."""

from __future__ import annotations

import itertools
import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import Error as DatabaseError
from django.db import connections

from ris.accounts.models import Site
from ris.core.context import RequestContext, current
from ris.core.identifiers import is_ae_title
from ris.dicom.models import Node
from worklist.upper.contract import CALLING_UNKNOWN, CONGESTED, Peer, Rejection

log = logging.getLogger(__name__)


# Seconds without use after which a connection is tried before it is trusted: one that died meanwhile costs no answer.
TRUSTED: Final = 1.0
_used = threading.local()
_PROCESS: Final = uuid.uuid4().hex[:8]
_served = itertools.count()


@contextmanager
def serving(peer: Peer) -> Iterator[None]:
    """Around each answer: what the audit says of its origin, and a database connection that is sound.

    The few threads of the pool keep their connections from one answer to the next: Django would open one each time.
    """
    token = current.set(RequestContext(request_id=f"{_PROCESS}{next(_served):08x}", source=peer.address))
    _close_broken(suspect=time.monotonic() - getattr(_used, "at", 0.0) > TRUSTED)
    try:
        yield
    finally:
        current.reset(token)
        _close_broken(suspect=False)
        _used.at = time.monotonic()


def _close_broken(*, suspect: bool) -> None:
    for connection in connections.all(initialized_only=True):
        if connection.connection is None or connection.in_atomic_block:
            continue
        if (suspect or connection.errors_occurred) and not connection.is_usable():
            connection.close()
        connection.errors_occurred = False


def leave() -> None:
    """A thread of the pool ends: nothing of it stays open."""
    connections.close_all()


def admission(peer: Peer) -> Rejection | None:
    """Reject who is not a known, active device. A database that cannot be read is transient: the device tries again."""
    try:
        reason = None if node_of(peer) or _may_be_discovered(peer) else CALLING_UNKNOWN
    except DatabaseError as error:
        log.error("association not checked: %s", type(error).__name__)
        reason = CONGESTED
    return reason


def _may_be_discovered(peer: Peer) -> bool:
    """Whether a site that is being set up lets unknown AE titles in: to be noted and echoed, and to see nothing.

    A device that was switched off, or is no modality, is not unknown.
    """
    if not is_ae_title(peer.ae_title) or Node.objects.filter(ae_title=peer.ae_title).exists():
        return False
    return Site.objects.filter(discovery=True).exists()


def node_of(peer: Peer) -> Node | None:
    """The device that calls; None when it is unknown, not a modality, or switched off meanwhile."""
    if not is_ae_title(peer.ae_title):
        return None
    return Node.objects.select_related("site").filter(ae_title=peer.ae_title, kind="modality", active=True).first()


def shown(peer: Peer) -> str:
    """AE title and address, safe to log: what is no AE title may be anything, a name too, and is not shown."""
    return f"{peer.ae_title if is_ae_title(peer.ae_title) else '(no AE title)'}@{peer.address}"
