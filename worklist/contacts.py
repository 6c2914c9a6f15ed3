"""What devices asked, written behind their backs: audit trail and device log, in batches at most a second late.

`note` only appends, so that it may be called from anywhere, the association server's loop included. What a database
that is away does not take is kept and tried again; what is lost in the end is counted in the log, never silently.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import Error as DatabaseError
from django.db import connections, transaction
from django.utils import timezone

from ris.audit.models import AuditEvent
from ris.audit.recording import row
from ris.core.actors import SystemActor
from ris.core.context import RequestContext, current
from ris.core.identifiers import is_ae_title
from ris.dicom.models import DeviceContact, Node

log = logging.getLogger(__name__)

READER: Final = SystemActor("mwl")
SECONDS: Final = 0.5
MOST: Final = 100_000
AT_ONCE: Final = 2_000
STOP_SECONDS: Final = 5.0
QUERY: Final = "worklist"


@dataclass(frozen=True, slots=True)
class Contact:
    """One thing that a device asked. `kind` is one of DeviceContact.KINDS; `detail` names keys, never their values."""

    ae_title: str
    address: str
    kind: str
    status: str = ""
    returned: int | None = None
    failed: bool = False
    detail: Mapping[str, Any] = field(default_factory=dict)
    at: datetime = field(default_factory=timezone.now)

    @property
    def title(self) -> str:
        """Safe to keep and to show: what is no AE title is escaped."""
        return self.ae_title if is_ae_title(self.ae_title) else ascii(self.ae_title)[1:17]


class ContactLog:
    """One for a server. Between `start` and `stop` a thread writes; `flush` writes at once."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._waiting: deque[Contact] = deque()
        self._seconds = seconds
        self._stopped = threading.Event()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None

    def note(self, contact: Contact) -> None:
        self._waiting.append(contact)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="contact-log", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what waits; what cannot be written is counted in the log."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)
        if self._waiting:
            log.critical("%s contacts of devices are not in the audit trail: stopped meanwhile", len(self._waiting))

    def flush(self) -> bool:
        """Write what waits now; False when the database did not take it, and it waits on."""
        with self._writing:
            while batch := list(self._taken()):
                try:
                    _write(batch)
                except DatabaseError as error:
                    self._waiting.extendleft(reversed(batch))
                    self._bound(type(error).__name__)
                    return False
        return True

    def _taken(self) -> Iterable[Contact]:
        for _ in range(min(len(self._waiting), AT_ONCE)):
            yield self._waiting.popleft()

    def _bound(self, reason: str) -> None:
        log.error("%s contacts of devices wait for the audit trail (%s)", len(self._waiting), reason)
        lost = len(self._waiting) - MOST
        for _ in range(lost):
            self._waiting.popleft()
        if lost > 0:
            log.critical("%s contacts of devices are not in the audit trail: %s", lost, reason)

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            self._try()
        self._try()
        connections.close_all()

    def _try(self) -> None:
        """Nothing may end the thread: a fault of ours is shown and the rest goes on."""
        for connection in connections.all(initialized_only=True):
            connection.close_if_unusable_or_obsolete()
        try:
            self.flush()
        except Exception:
            log.exception("a batch of contacts could not be written and is lost")


@transaction.atomic
def _write(batch: list[Contact]) -> None:
    nodes = {node.ae_title: node for node in Node.objects.filter(ae_title__in={contact.title for contact in batch})}
    DeviceContact.objects.bulk_create([_logged(contact, nodes.get(contact.title)) for contact in batch])
    AuditEvent.objects.bulk_create([_audited(contact, nodes.get(contact.title)) for contact in batch
                                    if contact.kind == QUERY])  # fmt: skip
    itself = (contact for contact in batch if contact.kind != "refused" and not contact.detail.get("preview"))
    seen = {contact.title: contact.at for contact in itself}
    for title, at in seen.items():
        if title in nodes:
            Node.objects.filter(pk=nodes[title].pk).update(last_seen_at=at)


def _logged(contact: Contact, node: Node | None) -> DeviceContact:
    return DeviceContact(
        node=node,
        ae_title=contact.title,
        address=contact.address[:64],
        kind=contact.kind,
        at=contact.at,
        returned=contact.returned,
        status=contact.status[:40],
        detail=dict(contact.detail),
    )


def _audited(contact: Contact, node: Node | None) -> AuditEvent:
    """DCM 110112 Query: who asked, by which keys, how many answers; never a value of a patient."""
    token = current.set(RequestContext(request_id=uuid.uuid4().hex[:16], source=contact.address))
    try:
        event = row(
            "worklist.queried",
            node or ("dicom.node", contact.title),
            by=READER,
            outcome="failure" if contact.failed else "success",
            about={
                "ae_title": contact.title,
                "returned": contact.returned,
                "keys": list(contact.detail.get("keys", ())),
                "status": contact.status,
            },
        )
    finally:
        current.reset(token)
    event.at = contact.at
    return event
