"""Answers as bytes: the responses of one operation, a burst at a time (PS3.7 9.1.2.2, 10.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from worklist.upper import pdus
from worklist.upper.commands import respond
from worklist.upper.contract import CANCELLED, Found, Outcome, Status
from worklist.upper.messages import Message

# So many matches go out between two looks for a C-CANCEL.
BURST: Final = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """What is still to be sent: pending responses from `next` on, then the final one with its dataset."""

    final: Status
    rows: Sequence[bytes] = field(default=(), repr=False)
    pending: int = 0
    dataset: bytes | None = field(default=None, repr=False)
    sop_instance: str = ""
    next: int = 0

    def cancelled(self) -> Answer:
        """The same, ended by the peer; an answer that is no list of matches is not."""
        return replace(self, final=CANCELLED, rows=()) if self.pending else self


def of_status(status: Status) -> Answer:
    return Answer(status)


def of_found(found: Found) -> Answer:
    return Answer(found.final, found.rows, found.pending)


def of_outcome(outcome: Outcome) -> Answer:
    return Answer(outcome.status, dataset=outcome.dataset, sop_instance=outcome.sop_instance)


def answer_of(answer: Answer, message: Message, longest: int) -> tuple[bytes, Answer | None]:
    """The next burst as PDUs, and what is left to be sent after it."""
    end = answer.next + BURST
    rows = answer.rows[answer.next : end]
    sent: list[bytes] = []
    if rows:
        pending = respond(message.command, Status(answer.pending), has_dataset=True)
        head = b"".join(pdus.data(message.context, pending, longest, command=True))
        for row in rows:
            sent.append(head)
            sent.extend(pdus.data(message.context, row, longest, command=False))
    if end < len(answer.rows):
        return b"".join(sent), replace(answer, next=end)
    sent.extend(_final(answer, message, longest))
    return b"".join(sent), None


def _final(answer: Answer, message: Message, longest: int) -> list[bytes]:
    has_dataset = answer.dataset is not None
    command = respond(message.command, answer.final, has_dataset=has_dataset, sop_instance=answer.sop_instance)
    sent = list(pdus.data(message.context, command, longest, command=True))
    if answer.dataset is not None:
        sent.extend(pdus.data(message.context, answer.dataset, longest, command=False))
    return sent
