"""From the bytes of a block to the bytes of its answer.

Two transactions: the message is kept; then it is done, and marked as done with its answer, in one (settling.py). While
more comes than can be done, AA is answered once it is kept, and the worker does it. What is seen without doing anything
is refused in every case: bytes that are no message, a character set, sender or kind that is not known.
"""

from __future__ import annotations

from typing import Final

from django.db import transaction

from ris import audit
from ris.hl7.er7 import Fault, Malformed
from ris.hl7.er7.acks import ACCEPTED
from ris.hl7.er7.errors import DUPLICATE_KEY_IDENTIFIER, REQUIRED_FIELD_MISSING
from ris.hl7.incoming.answering import answer_of
from ris.hl7.incoming.handling import HL7, faults_of_header
from ris.hl7.incoming.keeping import envelope_of, keep, message_of
from ris.hl7.incoming.outcomes import Refused
from ris.hl7.incoming.record import InboundMessage
from ris.hl7.incoming.settling import NOBODY, readable, refusal, refuse, settle, settle_alone

NO_NUMBER: Final = Fault(
    words="MSH-10 is empty: a message needs its own number.", code=REQUIRED_FIELD_MISSING, location="MSH^1^10"
)
OTHER_BYTES: Final = Fault(
    words="Another message came under this number (MSH-10) before. Nothing was done.",
    code=DUPLICATE_KEY_IDENTIFIER,
    location="MSH^1^10",
)


def receive(raw: bytes, *, peer: str = "", hurried: bool = False) -> bytes:
    """Keep the message, do it, and say how that went; `hurried`, what can be done is left to the worker.

    Raises DatabaseError when it cannot even be kept.
    """
    kept = keep(raw, envelope_of(raw), peer=peer)
    row = kept.row
    if kept.other_bytes:
        return _refuse_at_once(row, Refused(OTHER_BYTES))
    if row.answer_code:
        return bytes(row.answer)
    if row.sender is None:
        return _refuse_at_once(row, _of_nobody(row))
    if not row.control_id:
        return _refuse_at_once(row, _numberless(row))
    if not hurried:
        settle(row.pk)
    elif not acceptance_of(row):
        settle_alone(row.pk)
    row.refresh_from_db()
    return bytes(row.answer) if row.answer_code else _answered_undone(row)


def acceptance_of(row: InboundMessage) -> bytes:
    """AA for a message that is about to be kept, and not done; empty where it is seen at once that it is refused."""
    try:
        message = message_of(row)
    except Malformed:
        return b""
    if row.sender is None or faults_of_header(message):
        return b""
    return answer_of(row, message)


def _answered_undone(row: InboundMessage) -> bytes:
    """AA: it is on disk, and is done later. The answer is kept, for it stands."""
    answer = answer_of(row, readable(row))
    unanswered = InboundMessage.objects.filter(pk=row.pk, answer_code="")
    if unanswered.update(answer=answer, answer_code=ACCEPTED):
        return answer
    row.refresh_from_db()
    return bytes(row.answer)


@transaction.atomic
def _refuse_at_once(row: InboundMessage, error: Refused) -> bytes:
    refuse(row, error)
    if error.faults == (OTHER_BYTES,):
        audit.record("security.hl7-number-reused", row, by=HL7, outcome="refused", site_id=row.site_id)
    return bytes(row.answer)


def _of_nobody(row: InboundMessage) -> Refused:
    """Refused for now: the same bytes are done once their sender is entered."""
    try:
        message_of(row)
    except Malformed as fault:
        return refusal(row, fault)
    return Refused(NOBODY, rejected=True)


def _numberless(row: InboundMessage) -> Refused:
    """Bytes that are no message have no number either; then that is said."""
    try:
        message_of(row)
    except Malformed as fault:
        return refusal(row, fault)
    return Refused(NO_NUMBER, rejected=True)
