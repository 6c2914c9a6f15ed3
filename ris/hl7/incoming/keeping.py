"""A message is on disk before anything is done. Sender and MSH-10 tell it apart, its digest tells it is the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from ris.hl7 import er7
from ris.hl7.incoming.arrival import written_at
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.record import InboundMessage, Sender

# Of nobody who is entered: so many messages are kept, and the text of none that is longer (bytes).
STRANGERS: Final = 200
LONGEST_OF_STRANGERS: Final = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The row of a message, whether it stood there before, and whether it stood there with other bytes."""

    row: InboundMessage
    before: bool = False
    other_bytes: bool = False


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the header says, read before the rest is understood; empty where there is none."""

    application: str = ""
    facility: str = ""
    control_id: str = ""
    kind: str = ""

    @property
    def key(self) -> str:
        return f"{self.application}|{self.facility}"[:250]


def envelope_of(raw: bytes) -> Envelope:
    """Of bytes that may be in any character set, or no message at all."""
    text, codec = er7.header_of(raw)
    try:
        header = er7.read_text(text, codec=codec).header
    except er7.Malformed:
        return Envelope()
    event = header.text(9, 2)
    kind = f"{header.text(9)}^{event}" if event else header.text(9)
    return Envelope(_plain(header.text(3)), _plain(header.text(4)), _plain(header.text(10))[:199], _plain(kind)[:20])


def _plain(text: str) -> str:
    return text.replace("\x00", "").strip()


def sender_of(envelope: Envelope, peer: str) -> Sender | None:
    """Who is entered for this application and facility, and may send from that address."""
    rows = Sender.objects.filter(application=envelope.application, facility__in=[envelope.facility, ""], active=True)
    related = rows.select_related("site").order_by("-facility")
    sender = related.first() if envelope.application else None
    if sender is None or not sender.addresses:
        return sender
    return sender if peer in {address.strip() for address in sender.addresses.split(",")} else None


@transaction.atomic
def keep(raw: bytes, envelope: Envelope, *, peer: str) -> Kept:
    """The row of these bytes. What has no number of its own, or other bytes under one, is kept without number."""
    row = row_of(raw, envelope, sender_of(envelope, peer), peer=peer)
    if row.sender is None:
        return _kept_of_a_stranger(row, envelope)
    known = _known(envelope) if envelope.control_id else None
    if known is None and envelope.control_id:
        row.control_id = envelope.control_id
        if _inserted(row):
            return Kept(row=row)
        row.control_id = ""
        known = _known(envelope)
    if known is not None and known.digest == row.digest:
        return Kept(row=known, before=True)
    row.save(force_insert=True)
    return Kept(row=row, other_bytes=bool(envelope.control_id))


def _kept_of_a_stranger(row: InboundMessage, envelope: Envelope) -> Kept:
    """Of nobody who is entered: for a person to see, within bounds, and under a number that stays free.

    The newest are kept, the same bytes once; of very long ones, no text.
    """
    strangers = InboundMessage.objects.filter(sender__isnull=True)
    known = strangers.filter(digest=row.digest, sender_key=row.sender_key).first()
    if known is not None:
        return Kept(row=known, before=True)
    raw, row.control_id = row.raw, envelope.control_id
    row.raw = raw if len(raw) <= LONGEST_OF_STRANGERS else b""
    row.save(force_insert=True)
    row.raw = raw
    over = strangers.filter(state__in=INBOUND.groups["failed"]).order_by("-pk").values_list("pk", flat=True)
    InboundMessage.objects.filter(pk__in=list(over[STRANGERS - 1 :])).delete()
    return Kept(row=row)


def number_taken(row: InboundMessage) -> bool:
    """Whether a message of somebody who is entered has come under the number of this one, which had no sender."""
    rows = InboundMessage.objects.filter(sender__isnull=False, sender_key=row.sender_key, control_id=row.control_id)
    return row.control_id != "" and rows.exclude(pk=row.pk).exists()


def _inserted(row: InboundMessage) -> bool:
    """False when the same number came on another connection at this moment."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        row.pk = None
        return False
    return True


def _known(envelope: Envelope) -> InboundMessage | None:
    rows = InboundMessage.objects.select_related("sender__site")
    return rows.filter(sender__isnull=False, sender_key=envelope.key, control_id=envelope.control_id).first()


def row_of(raw: bytes, envelope: Envelope, sender: Sender | None, *, peer: str) -> InboundMessage:
    """As it is about to be kept, without its number."""
    return InboundMessage(
        sender=sender,
        site=sender.site if sender else None,
        sender_key=envelope.key,
        kind=envelope.kind,
        digest=hashlib.sha256(raw).hexdigest(),
        raw=raw,
        peer=peer[:64],
        received_at=timezone.now(),
    )


def message_of(row: InboundMessage) -> er7.Message:
    """What was kept, as a message. Raises Malformed."""
    charset = row.sender.charset if row.sender else "ASCII"
    return er7.read(bytes(row.raw), default_charset=charset)


def moment_of_writing(row: InboundMessage, message: er7.Message) -> None:
    """Note when it happened at the sender, by their own clock."""
    if row.sender is not None and row.written_at is None:
        row.written_at = written_at(message, row.sender.site)
