"""C-FIND: who asks, what is the schedule now, what is the answer. Each query is noted, whatever became of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from django.db import Error as DatabaseError
from django.db import connections

from worklist.association import admission, serving, shown
from worklist.contacts import QUERY, Contact, ContactLog
from worklist.mwl import statuses
from worklist.mwl.finder import Result, search
from worklist.mwl.schedule import Schedule
from worklist.upper.contract import Found, Peer, Query, Status

log = logging.getLogger(__name__)

CLOSE_SECONDS: Final = 5.0


class Worklist:
    """One for a server; its threads share it."""

    def __init__(self, contacts: ContactLog) -> None:
        self.schedule = Schedule()
        self._contacts = contacts
        self._warming = threading.Thread(target=self._warm, name="worklist-warm", daemon=True)

    def start(self) -> None:
        """Read the schedule before the first device asks."""
        self._warming.start()

    def close(self) -> None:
        if self._warming.is_alive():
            self._warming.join(CLOSE_SECONDS)

    def _warm(self) -> None:
        try:
            self.schedule.look()
        except DatabaseError as error:
            log.warning("the schedule is read at the first query: %s", type(error).__name__)
        finally:
            connections.close_all()

    def find(self, peer: Peer, query: Query, cancelled: Callable[[], bool]) -> Found:
        """The answer to a C-FIND; never raises for what a peer sends."""
        with serving(peer):
            result = self._answer(peer, query, cancelled)
        self._contacts.note(_contact(peer, result))
        return Found(_final(result), result.rows, result.pending.code)

    def _answer(self, peer: Peer, query: Query, cancelled: Callable[[], bool]) -> Result:
        """A database that fails is one failed query, not a dead server."""
        try:
            self.schedule.look()
        except DatabaseError as error:
            log.error("worklist query of %s failed: %s", shown(peer), type(error).__name__)
            return Result(statuses.UNABLE)
        device = self.schedule.device(peer.ae_title)
        if device is None:
            return self._stranger(peer)
        if cancelled():
            return Result(statuses.CANCELLED)
        return search(self.schedule, device, query.identifier, query.transfer_syntax)

    @staticmethod
    def _stranger(peer: Peer) -> Result:
        """Who may only be discovered sees an empty list; who was switched off meanwhile is told that we cannot."""
        return Result(statuses.SUCCESS if admission(peer) is None else statuses.UNABLE)


def _contact(peer: Peer, result: Result) -> Contact:
    return Contact(
        peer.ae_title,
        peer.address,
        QUERY,
        status=f"{result.final.code:04X}",
        returned=len(result.rows),
        failed=result.final is not statuses.SUCCESS,
        detail={"keys": list(result.keys), **({"preview": True} if peer.preview else {})},
    )


def _final(result: Result) -> Status:
    """The final status; for 0xA900 with the element at fault (PS3.7 Annex C: Offending Element, Error Comment)."""
    fault = result.fault
    if fault is None:
        return Status(result.final.code)
    return Status(result.final.code, str(fault), () if fault.tag is None else (int(fault.tag),))
