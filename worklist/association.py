"""Who is at the other end of an association, whether it may be, and the frame in which it is served."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error as DatabaseError
from django.db import connections
from pynetdicom.events import Event

from ris.core.context import RequestContext, current
from ris.core.identifiers import is_ae_title
from ris.dicom.models import Node

log = logging.getLogger(__name__)

# PS3.8 Table 9-21: result, source, reason of A-ASSOCIATE-RJ
UNKNOWN_CALLING = (0x01, 0x01, 0x03)
TEMPORARY_CONGESTION = (0x02, 0x03, 0x01)


@contextmanager
def serving(event: Event) -> Iterator[None]:
    """Around each answer: what the audit says of its origin, and no database connection left behind.

    pynetdicom gives every association a thread, Django every thread a connection, and no signal ends either: three
    hundred idle devices must not hold three hundred connections.
    """
    token = current.set(RequestContext(request_id=uuid.uuid4().hex[:16], source=str(event.assoc.requestor.address)))
    try:
        yield
    finally:
        current.reset(token)
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close()


def handle_requested(event: Event) -> None:
    """Reject who is not a known, active device, before any context is negotiated.

    The called AE title is checked by pynetdicom (`require_called_aet`). A database that cannot be read is a transient
    rejection: the device will try again.
    """
    with serving(event):
        try:
            reason = None if node_of(event) else UNKNOWN_CALLING
        except DatabaseError as error:
            log.error("association not checked: %s", type(error).__name__)
            reason = TEMPORARY_CONGESTION
    if reason is None:
        return
    log.warning("association of %s rejected: reason %s", peer_of(event), reason)
    event.assoc.acse.send_reject(*reason)
    event.assoc.kill()


def node_of(event: Event) -> Node | None:
    """The device that calls; None when it is unknown, not a modality, or switched off meanwhile."""
    title = calling_title(event)
    if not is_ae_title(title):
        return None
    return Node.objects.select_related("site").filter(ae_title=title, kind="modality", active=True).first()


def calling_title(event: Event) -> str:
    return str(event.assoc.requestor.primitive.calling_ae_title or "").strip()


def peer_of(event: Event) -> str:
    """AE title and address, safe to log: whatever is not an AE title is shown escaped."""
    title = calling_title(event)
    shown = title if is_ae_title(title) else ascii(title)[:40]
    return f"{shown}@{event.assoc.requestor.address}"
