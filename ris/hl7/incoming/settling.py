"""A message that is kept is done and marked as done, with its answer, in one transaction.

Messages of a sender are done in the order in which they came: those before one are done before it. Killed in between,
the row is found, and done by whoever comes next: the sender who sends again, the worker, the timer.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from ris.events import emit
from ris.hl7.er7 import Fault, Malformed, Message
from ris.hl7.er7.acks import ACCEPTED, FAILED, REJECTED
from ris.hl7.er7.errors import APPLICATION_INTERNAL_ERROR, DUPLICATE_KEY_IDENTIFIER, UNKNOWN_KEY_IDENTIFIER
from ris.hl7.incoming.answering import answer_of, plain_answer
from ris.hl7.incoming.handling import ANSWERS, HL7, Again, do
from ris.hl7.incoming.keeping import envelope_of, message_of, moment_of_writing, number_taken, sender_of
from ris.hl7.incoming.keys import waiting_for
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.newer import keep_told
from ris.hl7.incoming.outcomes import Done, Refused, Waits
from ris.hl7.incoming.record import AwaitedKey, InboundMessage, Sender
from ris.hl7.incoming.tables import MERGE

log = logging.getLogger(__name__)

BUSY: Final = timedelta(seconds=15)
WORDS: Final = 400
# A person has a few numbers, and no message is looked up under more.
KEYS: Final = 20
# What becomes known of a message while it is done
KNOWN: Final = ("sender_id", "site_id", "written_at", "patient_id_known", "order_ids")
# The same message can go better in a moment, and those of its sender behind it wait for that.
HINDERED: Final = (OperationalError, IntegrityError, Again)
# One that was hindered so often lets those behind it pass.
TRIES: Final = 5
NOBODY: Final = Fault(
    words="This sender (MSH-3, MSH-4, address) is not entered here. An administrator can do so.",
    code=UNKNOWN_KEY_IDENTIFIER,
    location="MSH^1^3",
)
CAME_AGAIN: Final = Fault(
    words="A message of this number came again once its sender was entered. Look there.",
    code=DUPLICATE_KEY_IDENTIFIER,
    location="MSH^1^10",
)
UNFORESEEN: Final = Fault(
    words="Something went wrong that nobody foresaw. Nothing was done; the message is kept.",
    code=APPLICATION_INTERNAL_ERROR,
)


def settle(pk: int) -> None:
    """Do a message that is kept, after those of its sender before it."""
    for one in [*_before(pk), pk]:
        if not settle_alone(one):
            return


def settle_alone(pk: int, *, again: bool = False) -> bool:
    """Do this message, one that was refused only `again`, then those that waited for what it brought.

    False when it keeps its turn.
    """
    keys = _settle(pk, again=again)
    done = keys is not None
    while keys:
        found = list(waiting_for(keys).order_by("pk").values_list("pk", flat=True))
        keys = [key for one in found for key in _settle(one) or []]
    return done


def _before(pk: int) -> list[int]:
    """What came earlier from the same sender and is not done."""
    key = InboundMessage.objects.filter(pk=pk).values("sender_key")
    undone = InboundMessage.objects.filter(state__in=INBOUND.groups["undone"], attempts__lt=TRIES)
    return list(undone.filter(sender_key__in=key, pk__lt=pk).order_by("pk").values_list("pk", flat=True))


def _settle(pk: int, *, again: bool = False) -> list[str] | None:
    """One message in one transaction; the keys that it provides. None when it is left as it is, and keeps its turn."""
    try:
        with transaction.atomic():
            row = InboundMessage.objects.select_for_update(of=("self",)).select_related("sender__site").get(pk=pk)
            return _end(row) if INBOUND.within(row, "again" if again else "open") else []
    except HINDERED as error:
        log.warning("message %s keeps its turn (%s)", pk, type(error).__name__)
    except Exception as error:  # noqa: BLE001  what it is stops this message and no other
        log.error("message %s could not be settled: %s", pk, type(error).__name__)
        if _given_up(pk, again=again):
            return []
    InboundMessage.objects.filter(pk=pk).update(attempts=F("attempts") + 1)
    return None


def _given_up(pk: int, *, again: bool) -> bool:
    """Refuse it with an answer that looks at nothing of it. False when not even that could be written."""
    error = Refused(UNFORESEEN)
    try:
        with transaction.atomic():
            row = InboundMessage.objects.select_for_update().get(pk=pk)
            if INBOUND.within(row, "again" if again else "open"):
                _write(row, "refuse", str(error), code=FAILED, answer=plain_answer(row, FAILED, error.faults))
    except Exception as fault:  # noqa: BLE001  it is tried again, and lets those behind it pass after some tries
        log.error("message %s could not be refused: %s", pk, type(fault).__name__)
        return False
    return True


def _end(row: InboundMessage) -> list[str]:
    """Do it and write what became of it. One that nobody foresaw stops no other; its text may hold a name."""
    try:
        message, done = _understood(row)
    except OperationalError:
        raise
    except Waits as error:
        new = INBOUND.within(row, "undone")
        _parked(row, error.words, key=error.key, also=error.also)
        # An order that waits for who is merged away can be done now that this is known (ordering.py).
        return [error.key, *error.also] if new and row.kind == MERGE else []
    except Exception as error:
        if isinstance(error, HINDERED) and row.attempts < TRIES - 1:
            raise
        _not_done(row, error)
    else:
        row.patient_id_known, row.order_ids = done.patient, done.orders
        answer = answer_of(row, message, faults=done.notes, orders=done.answers)
        _write(row, "finish", done.result, code=ACCEPTED, answer=answer)
        keep_told(row, done)
        return done.provides
    return []


def _not_done(row: InboundMessage, error: Exception) -> None:
    """What was hindered too often is done some time later, and where somebody else wrote the same, not at all."""
    if isinstance(error, Again):
        _parked(row, str(error), key="")
    else:
        refuse(row, refusal(row, error))


def _understood(row: InboundMessage) -> tuple[Message, Done]:
    """The message and what was done for it. Raises Malformed, Refused, Waits, Again."""
    if row.sender is None:
        sender = sender_of(envelope_of(bytes(row.raw)), row.peer)
        if sender is not None and number_taken(row):
            raise Refused(CAME_AGAIN)
        row.sender = sender
        row.site = row.sender.site if row.sender else None
    message = message_of(row)
    if row.sender is None:
        raise Refused(NOBODY, rejected=True)
    moment_of_writing(row, message)
    _one_at_a_time(row.sender)
    with transaction.atomic():
        return message, do(message, row.sender)


def _one_at_a_time(sender: Sender) -> None:
    """An order that is sent twice, on two connections and under two numbers, is placed once: the second sees the first.

    What refers to the sender, as every message that is kept does, waits for nothing.
    """
    if connection.features.has_select_for_update:
        Sender.objects.select_for_update(no_key=True).only("pk").get(pk=sender.pk)


def refusal(row: InboundMessage, error: Exception) -> Refused:
    if isinstance(error, Refused):
        return error
    if isinstance(error, Malformed):
        return Refused(Fault(words=error.words, code=error.code, location=error.location), rejected=True)
    return _unforeseen(row, error)


def _unforeseen(row: InboundMessage, error: Exception) -> Refused:
    log.error("message %s failed: %s", row.pk, type(error).__name__)
    return Refused(UNFORESEEN)


def _parked(row: InboundMessage, words: str, *, key: str, also: Sequence[str] = ()) -> None:
    """AA: it is on disk, and is done when what is missing has come."""
    row.waits_for, row.next_at = key, None if key else timezone.now() + BUSY
    _write(row, "park", words, code=ACCEPTED, answer=answer_of(row, readable(row)), waits=True)
    others = list(dict.fromkeys(also))[:KEYS]
    AwaitedKey.objects.bulk_create([AwaitedKey(message=row, key=one) for one in others if one != key])


def refuse(row: InboundMessage, error: Refused) -> None:
    code = REJECTED if error.rejected else FAILED
    answer = answer_of(row, readable(row), code, faults=error.faults, orders=error.answers)
    _write(row, "refuse", str(error), code=code, answer=answer)


def close(row: InboundMessage, words: str) -> None:
    """It is done with, and changed nothing."""
    _write(row, "finish", words, code=ACCEPTED, answer=answer_of(row, readable(row)))


def _write(row: InboundMessage, verb: str, words: str, *, code: str, answer: bytes, waits: bool = False) -> None:
    """Move the row; one that was answered AA already keeps that answer, whatever becomes of it.

    A placer who was told AA for an order that is refused now is told that too, by a message of its own.
    """
    changes: dict[str, object] = {
        "result": words[:WORDS],
        "attempts": row.attempts + 1,
        "settled_at": None if waits else timezone.now(),
        "waits_for": row.waits_for if waits else "",
        "next_at": row.next_at if waits else None,
        **{name: getattr(row, name) for name in KNOWN},
    }
    if INBOUND.within(row, "waiting"):
        row.also_waits_for.all().delete()
    late = row.answer_code == ACCEPTED
    if not late:
        changes |= {"answer_code": code, "answer": answer}
    INBOUND.advance(row, verb, **changes)
    if late and INBOUND.within(row, "failed"):
        _tell(row)


def _tell(row: InboundMessage) -> None:
    """The placer of an order or appointment is told (ris.hl7.outgoing.late, late_visits)."""
    if row.kind in ANSWERS:
        emit("hl7.order-refused", row, by=HL7, site_id=row.site_id)
    elif row.kind.startswith("SIU^"):
        emit("hl7.appointment-refused", row, by=HL7, site_id=row.site_id)


def readable(row: InboundMessage) -> Message | None:
    try:
        return message_of(row)
    except Malformed:
        return None
