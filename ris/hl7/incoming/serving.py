"""What the listener calls: our database, in its threads."""

from __future__ import annotations

from django.db import close_old_connections
from django.utils import timezone

from ris.core.context import RequestContext, current
from ris.hl7 import er7
from ris.hl7.er7 import Fault
from ris.hl7.er7.acks import REJECTED
from ris.hl7.er7.errors import SEGMENT_SEQUENCE
from ris.hl7.incoming.receiving import receive


def answer(message: bytes, peer: str) -> bytes:
    """Keep it, do it, answer it. An exception leaves the sender without an answer: it sends again."""
    close_old_connections()
    token = current.set(RequestContext(source=peer))
    try:
        return receive(message, peer=peer)
    finally:
        current.reset(token)
        close_old_connections()


def refuse(words: str) -> bytes:
    """The answer to what was no block."""
    fault = Fault(words=words, code=SEGMENT_SEQUENCE)
    said = er7.Answer(code=REJECTED, control_id=f"ISO{timezone.now():%H%M%S%f}", at=timezone.now(), faults=[fault])
    return er7.encode(er7.write(er7.acknowledge(None, said)))
