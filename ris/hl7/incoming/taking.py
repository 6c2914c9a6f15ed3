"""Many messages kept in one transaction, each with its AA, and left to the worker: what a burst gets.

Only what is ordinary: new, of a sender who is entered, of a kind that is taken. Everything else goes the usual way.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Final

from django.db import close_old_connections, transaction

from ris.hl7.er7.acks import ACCEPTED
from ris.hl7.incoming.keeping import Envelope, envelope_of, row_of, sender_of
from ris.hl7.incoming.receiving import acceptance_of
from ris.hl7.incoming.record import InboundMessage, Sender

log = logging.getLogger(__name__)

MOST: Final = 50
Block = tuple[bytes, str]


def take(blocks: Sequence[Block]) -> list[bytes]:
    """The answer of each of these messages, with their peers; empty for one that was not taken."""
    senders: dict[tuple[str, str], Sender | None] = {}
    rows = [_row(raw, peer, senders) for raw, peer in blocks]
    new: dict[tuple[str, str], InboundMessage] = {}
    for row in rows:
        if row is not None:
            new.setdefault((row.sender_key, row.control_id), row)
    keys = {key for key, _number in new}
    with transaction.atomic():
        entered = InboundMessage.objects.filter(sender__isnull=False, sender_key__in=keys)
        known = entered.filter(control_id__in=[number for _key, number in new])
        for pair in known.values_list("sender_key", "control_id"):
            new.pop(pair, None)
        InboundMessage.objects.bulk_create(new.values())
    taken = {id(row) for row in new.values()}
    return [bytes(row.answer) if row is not None and id(row) in taken else b"" for row in rows]


def _row(raw: bytes, peer: str, senders: dict[tuple[str, str], Sender | None]) -> InboundMessage | None:
    envelope = envelope_of(raw)
    row = row_of(raw, envelope, _sender(envelope, peer, senders), peer=peer)
    row.control_id, row.answer, row.answer_code = envelope.control_id, acceptance_of(row), ACCEPTED
    return row if row.control_id and row.answer else None


def _sender(envelope: Envelope, peer: str, senders: dict[tuple[str, str], Sender | None]) -> Sender | None:
    key = (envelope.key, peer)
    if key not in senders:
        senders[key] = sender_of(envelope, peer)
    return senders[key]


class Taker:
    """One thread that takes what many connections bring meanwhile."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[tuple[Block, Future[bytes]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="mllp-taker", daemon=True)
        self._thread.start()

    def take(self, raw: bytes, peer: str) -> bytes:
        """The answer, or nothing when it was not taken."""
        promised: Future[bytes] = Future()
        self._waiting.put(((raw, peer), promised))
        return promised.result()

    def stop(self) -> None:
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            found = [first]
            while not self._waiting.empty() and len(found) < MOST:
                if (another := self._waiting.get()) is None:
                    self._waiting.put(None)
                    break
                found.append(another)
            answers = _taken([block for block, _promised in found])
            for (_block, promised), answer in zip(found, answers, strict=True):
                promised.set_result(answer)


def _taken(blocks: Sequence[Block]) -> list[bytes]:
    close_old_connections()
    try:
        return take(blocks)
    except Exception as error:  # noqa: BLE001  each then goes the usual way, and fails by itself if it must
        log.warning("%s messages could not be taken together (%s)", len(blocks), type(error).__name__)
        return [b""] * len(blocks)
    finally:
        close_old_connections()
