"""From the bytes of a block to the bytes of its answer.

Two transactions: the message is kept; then it is done, and marked as done with its answer, in one. Killed between them,
or before the answer leaves, the sender sends again: the row is found, and either done now or answered as before.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import OperationalError, transaction
from django.utils import timezone

from ris import audit
from ris.hl7.er7 import Fault, Malformed, Message
from ris.hl7.er7.acks import ACCEPTED, FAILED, REJECTED
from ris.hl7.er7.errors import (
    APPLICATION_INTERNAL_ERROR,
    DUPLICATE_KEY_IDENTIFIER,
    REQUIRED_FIELD_MISSING,
    UNKNOWN_KEY_IDENTIFIER,
)
from ris.hl7.incoming.answering import answer_of
from ris.hl7.incoming.handling import HL7, Again, do
from ris.hl7.incoming.keeping import envelope_of, keep, message_of, moment_of_writing, sender_of
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.outcomes import Done, Refused, Waits
from ris.hl7.incoming.record import InboundMessage

log = logging.getLogger(__name__)

BUSY = timedelta(seconds=15)
WORDS = 400
NOBODY = Fault(
    words="This sender (MSH-3, MSH-4, address) is not entered here. An administrator can do so.",
    code=UNKNOWN_KEY_IDENTIFIER,
    location="MSH^1^3",
)
NO_NUMBER = Fault(
    words="MSH-10 is empty: a message needs its own number.", code=REQUIRED_FIELD_MISSING, location="MSH^1^10"
)
OTHER_BYTES = Fault(
    words="Another message came under this number (MSH-10) before. Nothing was done.",
    code=DUPLICATE_KEY_IDENTIFIER,
    location="MSH^1^10",
)


def receive(raw: bytes, *, peer: str = "") -> bytes:
    """Keep the message, do it, and say how that went. Raises DatabaseError when it cannot even be kept."""
    kept = keep(raw, envelope_of(raw), peer=peer)
    row = kept.row
    if kept.other_bytes:
        return _refuse_at_once(row, Refused(OTHER_BYTES))
    if kept.before and not INBOUND.within(row, "unanswered"):
        return bytes(row.answer)
    if not row.control_id:
        return _refuse_at_once(row, _numberless(row))
    settle(row.pk)
    row.refresh_from_db()
    if INBOUND.within(row, "unanswered"):  # the database was busy: it is on disk, and the timer does it
        return answer_of(row, _readable(row))
    return bytes(row.answer)


def settle(pk: int, *, again: bool = False) -> None:
    """Do a message that is kept, then those that waited for what it brought; one that was refused only `again`."""
    keys = _settle(pk, again=again)
    while keys:
        waiting = InboundMessage.objects.filter(waits_for__in=keys, state__in=INBOUND.groups["waiting"])
        keys = [key for found in list(waiting.order_by("pk").values_list("pk", flat=True)) for key in _settle(found)]


def _settle(pk: int, *, again: bool = False) -> list[str]:
    """One message in one transaction; the keys that it provides. A busy database leaves it as it is."""
    try:
        with transaction.atomic():
            row = InboundMessage.objects.select_for_update(of=("self",)).select_related("sender__site").get(pk=pk)
            return _end(row) if INBOUND.within(row, "again" if again else "open") else []
    except OperationalError as error:
        log.warning("message %s waits for the database (%s)", pk, type(error).__name__)
        return []


def _end(row: InboundMessage) -> list[str]:
    """Do it and write what became of it. One that nobody foresaw stops no other; its text may hold a name."""
    try:
        message, done = _understood(row)
    except OperationalError:
        raise
    except Waits as error:
        _parked(row, error.words, key=error.key)
    except Again as error:
        _parked(row, str(error), key="")
    except Exception as error:  # noqa: BLE001
        _refused(row, _refusal(row, error))
    else:
        row.patient_id_known, row.order_ids = done.patient, done.orders
        _write(row, "finish", done.words, code=ACCEPTED, answer=answer_of(row, message, orders=done.answers))
        return done.provides
    return []


def _understood(row: InboundMessage) -> tuple[Message, Done]:
    """The message and what was done for it. Raises Malformed, Refused, Waits, Again."""
    if row.sender is None:
        row.sender = sender_of(envelope_of(bytes(row.raw)), row.peer)
        row.site = row.sender.site if row.sender else None
    message = message_of(row)
    if row.sender is None:
        raise Refused(NOBODY, rejected=True)
    moment_of_writing(row, message)
    with transaction.atomic():
        return message, do(message, row.sender)


def _refusal(row: InboundMessage, error: Exception) -> Refused:
    if isinstance(error, Refused):
        return error
    if isinstance(error, Malformed):
        return Refused(Fault(words=error.words, code=error.code, location=error.location), rejected=True)
    return _unforeseen(row, error)


def _unforeseen(row: InboundMessage, error: Exception) -> Refused:
    log.error("message %s failed: %s", row.pk, type(error).__name__)
    words = "Something went wrong that nobody foresaw. Nothing was done; the message is kept."
    return Refused(Fault(words=words, code=APPLICATION_INTERNAL_ERROR))


def _parked(row: InboundMessage, words: str, *, key: str) -> None:
    """AA: it is on disk, and is done when what is missing has come."""
    row.waits_for, row.next_at = key, None if key else timezone.now() + BUSY
    _write(row, "park", words, code=ACCEPTED, answer=answer_of(row, _readable(row)), waits=True)


def _refused(row: InboundMessage, error: Refused) -> None:
    code = REJECTED if error.rejected else FAILED
    answer = answer_of(row, _readable(row), code, faults=error.faults, orders=error.answers)
    _write(row, "refuse", str(error), code=code, answer=answer)


def _write(row: InboundMessage, verb: str, words: str, *, code: str, answer: bytes, waits: bool = False) -> None:
    """Move the row; one that was answered already keeps that answer unless it was refused."""
    changes: dict[str, object] = {
        "result": words[:WORDS],
        "attempts": row.attempts + 1,
        "settled_at": None if waits else timezone.now(),
        "waits_for": row.waits_for if waits else "",
        "next_at": row.next_at if waits else None,
        **{name: getattr(row, name) for name in ("sender", "site", "written_at", "patient_id_known", "order_ids")},
    }
    if not INBOUND.within(row, "waiting"):
        changes |= {"answer_code": code, "answer": answer}
    INBOUND.advance(row, verb, **changes)


@transaction.atomic
def _refuse_at_once(row: InboundMessage, error: Refused) -> bytes:
    _refused(row, error)
    if error.faults == (OTHER_BYTES,):
        audit.record("security.hl7-number-reused", row, by=HL7, outcome="refused", site_id=row.site_id)
    return bytes(row.answer)


def _numberless(row: InboundMessage) -> Refused:
    """Bytes that are no message have no number either; then that is said."""
    try:
        message_of(row)
    except Malformed as fault:
        return _refusal(row, fault)
    return Refused(NO_NUMBER, rejected=True)


def _readable(row: InboundMessage) -> Message | None:
    try:
        return message_of(row)
    except Malformed:
        return None
