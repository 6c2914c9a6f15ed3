"""Who answers what a device asks: the association server's `Service`, made of the worklist's and MPPS's handlers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from worklist.association import admission, serving, shown
from worklist.contacts import Contact, ContactLog
from worklist.mpps import handler as mpps
from worklist.mwl.handler import Worklist
from worklist.upper.contract import SUCCESS, Found, Operation, Outcome, Peer, Query, Rejection, Status

log = logging.getLogger(__name__)

# Seconds for which a device that was admitted is admitted again unasked. It only spares the look-up of polling devices:
# whoever was switched off meanwhile is refused by each answer.
REMEMBERED: Final = 1.0
MOST_REMEMBERED: Final = 4_096


class Answers:
    """One for the whole server (worklist.upper.contract.Service)."""

    def __init__(self) -> None:
        self._admitted: dict[str, float] = {}
        self._contacts = ContactLog()
        self._contacts.start()
        self._worklist = Worklist(self._contacts)
        self._worklist.start()

    def close(self) -> None:
        """What was noted of devices is written before the server is gone."""
        self._worklist.close()
        self._contacts.stop()

    def knows(self, peer: Peer) -> bool:
        return self._admitted.get(peer.ae_title, 0.0) > time.monotonic()

    def admit(self, peer: Peer) -> Rejection | None:
        with serving(peer):
            rejection = admission(peer)
        if len(self._admitted) >= MOST_REMEMBERED:
            self._admitted.clear()
        if rejection is None:
            self._admitted[peer.ae_title] = time.monotonic() + REMEMBERED
        else:
            self._admitted.pop(peer.ae_title, None)
        return rejection

    def refused(self, peer: Peer, rejection: Rejection) -> None:
        log.warning("association of %s rejected: %s", shown(peer), rejection.meaning)
        self._contacts.note(Contact(peer.ae_title, peer.address, "refused", status=rejection.meaning))

    def echo(self, peer: Peer) -> Status:
        self._contacts.note(Contact(peer.ae_title, peer.address, "echo", status="0000"))
        return SUCCESS

    def find_now(self, _peer: Peer, _query: Query) -> Found | None:
        return None

    def find(self, peer: Peer, query: Query, cancelled: Callable[[], bool]) -> Found:
        return self._worklist.find(peer, query, cancelled)

    def create(self, peer: Peer, operation: Operation) -> Outcome:
        return self._noted(peer, "N-CREATE", mpps.create(peer, operation))

    def set(self, peer: Peer, operation: Operation) -> Outcome:
        return self._noted(peer, "N-SET", mpps.update(peer, operation))

    def get(self, peer: Peer, operation: Operation) -> Outcome:
        return self._noted(peer, "N-GET", mpps.retrieve(peer, operation))

    def _noted(self, peer: Peer, operation: str, outcome: Outcome) -> Outcome:
        """The device log says what was told, and of a problem the attribute, never a value."""
        code = outcome.status.code
        detail = {"operation": operation} | ({"problem": outcome.status.comment} if outcome.status.comment else {})
        failed = code not in mpps.DONE
        self._contacts.note(Contact(peer.ae_title, peer.address, "mpps", f"{code:04X}", failed=failed, detail=detail))
        return outcome
