"""Sends what is due to a destination, one after the other over one connection; a thread for each destination."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from django.db import DatabaseError, close_old_connections, connections, models
from django.utils import timezone

from ris.events.lifecycle import DELIVERY
from ris.events.models import Delivery
from ris.events.outbox import attempt
from ris.hl7.outgoing import queue
from ris.hl7.outgoing.messages.answers import Answered
from ris.hl7.outgoing.models import Destination, OutgoingMessage
from ris.hl7.outgoing.wire import Connection, Unanswered, Unreachable

log = logging.getLogger(__name__)

IDLE_SECONDS: Final = 60.0
PAUSE: Final = 0.2
EVERY: Final = 0.3
AT_A_TIME: Final = 200
# How many messages are claimed at once, and how long they are sent: the lease is longer than that and an answer.
A_TURN: Final = 50
TURN_SECONDS: Final = 60.0

_senders: dict[int, threading.Thread] = {}


def tick() -> None:
    """Write the messages of new events, and see that each destination with something to send has a sender.

    Run by `run_deliveries` beside everything else; asks no peer.
    """
    write_due()
    for destination in _waiting():
        sender = _senders.get(destination.pk)
        if sender is None or not sender.is_alive():
            name = f"hl7-out-{destination.pk}"
            _senders[destination.pk] = threading.Thread(target=_run, args=(destination.pk,), name=name)
            _senders[destination.pk].start()


def write_due() -> None:
    """Compose in the order of the events, whatever else waits to be delivered."""
    now = timezone.now()
    free = models.Q(lease_until__isnull=True) | models.Q(lease_until__lt=now)
    rows = Delivery.objects.filter(free, subscriber=queue.COMPOSER, state__in=DELIVERY.groups["open"], next_at__lte=now)
    for pk in list(rows.order_by("event_id").values_list("pk", flat=True)[:AT_A_TIME]):
        attempt(pk)


def _waiting() -> list[Destination]:
    """Destinations to whom something could be sent now."""
    now = timezone.now()
    found = Destination.objects.filter(active=True, pk__in=queue.waits().filter(next_at__lte=now).values("destination"))
    return [one for one in found if one.retry_at is None or one.retry_at <= now]


def stopping() -> bool:
    """The process ends: what is on its way goes back into the queue, and goes again with the same MSH-10."""
    return not threading.main_thread().is_alive()


def _run(destination_id: int) -> None:
    close_old_connections()
    try:
        keep_sending(destination_id, stopping, idle=IDLE_SECONDS)
    except DatabaseError as error:
        log.warning("sender of destination %s waits for the database (%s)", destination_id, type(error).__name__)
    except Exception:
        log.exception("sender of destination %s failed", destination_id)
    finally:
        connections.close_all()


def keep_sending(destination_id: int, stop: Callable[[], bool], *, idle: float) -> int:
    """Send until nothing came for `idle` seconds; how many were answered. The connection stays open meanwhile."""
    destination = Destination.objects.get(pk=destination_id)
    connection, answered, quiet_since = Connection(destination, stop), 0, time.monotonic()
    try:
        while not stop():
            messages = queue.take(destination, A_TURN)
            if not messages:
                if time.monotonic() - quiet_since >= idle or _has_changed(destination):
                    break
                time.sleep(PAUSE)
                continue
            turn = send(messages, destination, connection, stop)
            answered, quiet_since = answered + turn, time.monotonic()
            if turn < len(messages) and not _is_open(destination):
                break
    finally:
        connection.close()
    return answered


def send(
    messages: Sequence[OutgoingMessage], destination: Destination, connection: Connection, stop: Callable[[], bool]
) -> int:
    """Send these one after the other; how many were answered. What there is no time for goes back into the queue."""
    answered, until = 0, time.monotonic() + TURN_SECONDS
    for place, message in enumerate(messages):
        if stop() or time.monotonic() > until:
            queue.give_back(messages[place:])
            break
        try:
            answer = connection.exchange(bytes(message.body), message.control_id)
        except Unreachable as error:
            queue.unreachable(message, str(error))
            queue.give_back(messages[place + 1 :])
            return answered
        except Unanswered as error:
            log.warning("message %s to destination %s: no answer", message.control_id, destination.pk)
            queue.put_back(message, str(error))
            continue
        answered += _settled(message, answer)
    if answered:
        queue.reached(destination)
    return answered


def _settled(message: OutgoingMessage, answer: Answered) -> bool:
    """Keep how it went. Where that cannot be done this message goes again, and the others of the turn go on."""
    try:
        queue.settle(message, answer)
    except (DatabaseError, ValueError) as error:
        log.warning("the answer to message %s cannot be kept (%s)", message.control_id, type(error).__name__)
        queue.put_back(message, "It was answered, and the answer could not be kept.")
        return False
    return True


def _is_open(destination: Destination) -> bool:
    """Whether another message may be tried now, after one that was not answered."""
    found = Destination.objects.get(pk=destination.pk)
    return found.active and (found.retry_at is None or found.retry_at <= timezone.now())


WIRE: Final = ("host", "port", "tls", "answer_seconds", "charset")


def _has_changed(destination: Destination) -> bool:
    """An admin switched it off, or gave it another address."""
    found = Destination.objects.get(pk=destination.pk)
    return not found.active or any(getattr(found, name) != getattr(destination, name) for name in WIRE)
