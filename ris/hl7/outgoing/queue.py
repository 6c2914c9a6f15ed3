"""The queue of one destination: whose turn it is, and how it went. Order is kept for each patient."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import SystemActor
from ris.events.lifecycle import DELIVERY
from ris.events.models import Delivery
from ris.hl7.outgoing.assigned import note_number
from ris.hl7.outgoing.lifecycle import OUTGOING
from ris.hl7.outgoing.messages.answers import Answered
from ris.hl7.outgoing.models import Destination, OutgoingMessage, OutgoingQuerySet

log = logging.getLogger(__name__)

COMPOSER = "hl7.compose"
BY = SystemActor("delivery")
# Longer than a turn may take: who holds the messages is dead when it runs out.
LEASE = timedelta(seconds=150)
LONGEST_WAIT = 300
# With the longest wait in between, about two days.
PARK_AFTER = 600


def waits() -> OutgoingQuerySet:
    """What may be sent at some time, by itself: queued, or held by a sender that died."""
    now = timezone.now()
    dead = models.Q(state__in=OUTGOING.groups["open"], lease_until__lt=now)
    return OutgoingMessage.objects.filter(models.Q(state="queued") | dead)


def due(destination: Destination) -> OutgoingQuerySet:
    """What may be sent now: its time has come, and nothing earlier for its patient is before it."""
    found = waits().filter(destination=destination, next_at__lte=timezone.now())
    return found.in_turn() if (first := unwritten()) is None else found.filter(event_id__lt=first).in_turn()


def unwritten() -> int | None:
    """The first event of which the messages are being written: what came after it waits, so that nothing overtakes."""
    rows = Delivery.objects.filter(subscriber=COMPOSER, state__in=DELIVERY.groups["open"])
    begun = rows.filter(models.Q(next_at__lte=timezone.now()) | models.Q(attempts__gt=0))
    return begun.order_by("event_id").values_list("event_id", flat=True).first()


def take(destination: Destination, most: int = 1) -> list[OutgoingMessage]:
    """Claim the next messages, one of each patient; looking through a long queue takes no lock."""
    found = list(due(destination).values_list("pk", flat=True)[:most])
    return _take(destination, found) if found else []


@transaction.atomic
def _take(destination: Destination, found: list[int]) -> list[OutgoingMessage]:
    """The lock on the destination keeps two senders from taking two messages of one patient; none goes to one that was
    switched off meanwhile."""
    held = Destination.objects.select_for_update().get(pk=destination.pk)
    if not held.active:
        return []
    return [_leased(message) for message in due(destination).filter(pk__in=found)]


def _leased(message: OutgoingMessage) -> OutgoingMessage:
    if OUTGOING.allows(message, "retry"):
        OUTGOING.advance(message, "retry", lease_until=None)
    now = timezone.now()
    return OUTGOING.advance(message, "lease", lease_until=now + LEASE, attempts=message.attempts + 1, sent_at=now)


@transaction.atomic
def give_back(messages: Sequence[OutgoingMessage]) -> None:
    """Those that were claimed and not sent."""
    for message in messages:
        _advance(message, "retry", attempts=message.attempts - 1)


def wait_after(attempts: int) -> timedelta:
    """1, 2, 4 … seconds, at most five minutes."""
    return timedelta(seconds=min(2 ** max(attempts - 1, 0), LONGEST_WAIT) if attempts < 32 else LONGEST_WAIT)


@transaction.atomic
def settle(message: OutgoingMessage, answered: Answered) -> None:
    """Keep the answer: accepted it is done, refused it waits for a person."""
    told = {"answer": answered.text, "answer_code": answered.code, "answered_at": timezone.now()}
    verb, error = ("accept", "") if answered.accepted else ("park", f"{answered.code} {answered.error}".strip())
    if _advance(message, verb, last_error=error[:500], **told):
        note_number(message, answered)


def reached(destination: Destination) -> None:
    """It answers: nothing waits because of it any more."""
    rows = Destination.objects.filter(pk=destination.pk)
    rows.update(failures=0, retry_at=None, last_error="", last_answer_at=timezone.now())


@transaction.atomic
def put_back(message: OutgoingMessage, error: str) -> None:
    """It is not known whether it arrived: the same bytes go again, later; a receiver that knows MSH-10 does nothing."""
    verb = "park" if message.attempts >= PARK_AFTER else "retry"
    _advance(message, verb, last_error=error[:500], next_at=timezone.now() + wait_after(message.attempts))


@transaction.atomic
def unreachable(message: OutgoingMessage, error: str) -> None:
    """Nobody listens there: the whole destination waits, and this message has lost nothing."""
    _advance(message, "retry", last_error=error[:500], next_at=timezone.now(), attempts=message.attempts - 1)
    held = Destination.objects.select_for_update().get(pk=message.destination_id)
    retry_at = timezone.now() + wait_after(held.failures + 1)
    Destination.objects.filter(pk=held.pk).update(failures=held.failures + 1, retry_at=retry_at, last_error=error[:300])


def _advance(message: OutgoingMessage, verb: str, **changes: object) -> bool:
    """Write how it went, unless the lease ran out and somebody else has the message now."""
    held = OutgoingMessage.objects.select_for_update().defer("body", "answer").get(pk=message.pk)
    if held.attempts != message.attempts or not OUTGOING.allows(held, verb):
        log.warning("message %s: attempt %s outlived its lease", message.control_id, message.attempts)
        return False
    OUTGOING.advance(held, verb, lease_until=None, **changes)
    if verb in ("accept", "park"):
        about = {"destination": held.destination_id, "control_id": held.control_id, "trigger": held.trigger}
        outcome = "success" if verb == "accept" else "failure"
        action = "hl7.sent" if verb == "accept" else "hl7.parked"
        audit.record(action, held, by=BY, patient=held.patient_id or None, outcome=outcome, **about)
    return True
