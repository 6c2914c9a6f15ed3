"""Somebody who answers, without a database: what the association server is tested with."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from worklist.upper.contract import (
    CALLING_UNKNOWN,
    SUCCESS,
    Found,
    Operation,
    Outcome,
    Peer,
    Query,
    Rejection,
    Status,
)
from worklist.upper.dialogue import Offer
from worklist.upper.limits import Limits
from worklist.upper.operations import PERFORMED, VERIFICATION, WORKLIST
from worklist.upper.server import Server

ROW = b"\x10\x00\x10\x00\x08\x00\x00\x00Nobody^A"


@dataclass
class Stub:
    """Answers `found`; keeps what it was asked. A query or message waits for `gate` in its thread."""

    found: Found = field(default_factory=lambda: Found(rows=[ROW]))
    outcome: Outcome = field(default_factory=Outcome)
    strangers: frozenset[str] = frozenset({"STRANGER"})
    gate: threading.Event = field(default_factory=threading.Event)
    peers: list[Peer] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    refusals: list[Rejection] = field(default_factory=list)
    cancelled: list[bool] = field(default_factory=list)
    failing: bool = False
    at_hand: bool = False
    known: bool = False

    def __post_init__(self) -> None:
        self.gate.set()

    def knows(self, _peer: Peer) -> bool:
        return self.known

    def admit(self, peer: Peer) -> Rejection | None:
        self.gate.wait(5)
        if self.failing:
            raise RuntimeError("the database is gone")
        self.peers.append(peer)
        return CALLING_UNKNOWN if peer.ae_title in self.strangers else None

    def refused(self, _peer: Peer, rejection: Rejection) -> None:
        self.refusals.append(rejection)

    def echo(self, _peer: Peer) -> Status:
        return SUCCESS

    def find_now(self, _peer: Peer, query: Query) -> Found | None:
        if not self.at_hand:
            return None
        self.queries.append(query)
        return self.found

    def find(self, _peer: Peer, query: Query, cancelled: Callable[[], bool]) -> Found:
        self.queries.append(query)
        self.gate.wait(5)
        self.cancelled.append(cancelled())
        if self.failing:
            raise RuntimeError("Nobody^A must not be logged")
        return self.found

    def create(self, _peer: Peer, operation: Operation) -> Outcome:
        self.operations.append(operation)
        self.gate.wait(5)
        if self.failing:
            raise RuntimeError("Nobody^A must not be logged")
        return self.outcome

    set = get = create


@contextmanager
def serving(stub: Stub, limits: Limits | None = None) -> Iterator[Server]:
    """The server, in threads of this process; none of them is left afterwards."""
    before = set(threading.enumerate())
    server = Server(Offer("ISOCENTER", (VERIFICATION, WORKLIST, PERFORMED), stub), limits or Limits(), leave=_nothing)
    server.start("127.0.0.1", 0, None)
    try:
        yield server
    finally:
        stub.gate.set()
        server.stop()
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive(), f"{thread.name} is left behind"


def _nothing() -> None:
    """The stub holds nothing open."""


def until(true: Callable[[], bool], seconds: float = 3.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.01)
