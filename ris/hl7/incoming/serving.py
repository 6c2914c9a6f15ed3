"""What the listener calls: our database, in its threads."""

from __future__ import annotations

import time
from typing import Final

from django.db import close_old_connections
from django.utils import timezone

from ris.core.context import RequestContext, current
from ris.hl7 import er7
from ris.hl7.er7 import Fault
from ris.hl7.er7.acks import ALWAYS as OUTCOMES
from ris.hl7.er7.acks import REJECTED, code_of
from ris.hl7.er7.errors import SEGMENT_SEQUENCE
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.patience import Patience
from ris.hl7.incoming.receiving import receive
from ris.hl7.incoming.record import InboundMessage
from ris.hl7.incoming.settling import TRIES
from ris.hl7.incoming.taking import Taker
from ris.hl7.incoming.worker import Worker

# So many may be kept and not done while senders still wait for what becomes of theirs.
A_FEW: Final = 4


def answer(message: bytes, peer: str, *, hurried: bool = False) -> bytes:
    """Keep it, do it, answer it, if the sender wants that. An exception leaves it without an answer: it sends again."""
    close_old_connections()
    token = current.set(RequestContext(source=peer))
    try:
        return _wanted(message, receive(message, peer=peer, hurried=hurried))
    finally:
        current.reset(token)
        close_old_connections()


def _wanted(message: bytes, said: bytes) -> bytes:
    """The answer, which is kept in every case; empty where MSH-15 and MSH-16 want none of this outcome."""
    try:
        text, codec = er7.header_of(message.strip(b"\r\n\x00 "))
        header = er7.read_text(text, codec=codec).header
        outcome = er7.read(said).first("MSA").text(1)
    except er7.Malformed:
        return said
    return said if outcome not in OUTCOMES or code_of(header, outcome) else b""


def refuse(words: str) -> bytes:
    """The answer to what was no block."""
    fault = Fault(words=words, code=SEGMENT_SEQUENCE)
    said = er7.Answer(code=REJECTED, control_id=f"ISO{timezone.now():%H%M%S%f}", at=timezone.now(), faults=[fault])
    return er7.encode(er7.write(er7.acknowledge(None, said)))


class Reception:
    """Answers while there is patience with what became of a message, else once it is kept: the worker does it then."""

    def __init__(self, seconds: float = 2.0) -> None:
        self._patience = Patience(seconds)
        self._worker, self._taker = Worker(), Taker()

    def answer(self, message: bytes, peer: str) -> bytes:
        if not self._patience.over and not many_wait():
            began = time.monotonic()
            said = answer(message, peer)
            self._patience.spend(time.monotonic() - began)
            return said
        self._patience.lose()
        taken = self._taker.take(message, peer)
        said = _wanted(message, taken) if taken else answer(message, peer, hurried=True)
        self._worker.ring()
        return said

    def take_up(self) -> None:
        """What a listener that was killed had taken."""
        if many_wait(more_than=0):
            self._worker.ring()

    def stop(self) -> None:
        self._taker.stop()
        self._worker.stop()


def many_wait(more_than: int = A_FEW) -> bool:
    """Whether more messages than a few are kept and not done."""
    close_old_connections()
    undone = InboundMessage.objects.filter(state__in=INBOUND.groups["undone"], attempts__lt=TRIES)
    return len(undone.values_list("pk", flat=True)[: more_than + 1]) > more_than
