"""A kept message for people: its text by segments, and what it waits for."""

from __future__ import annotations

from ris.hl7.er7 import codec_of
from ris.hl7.outgoing.lifecycle import OUTGOING
from ris.hl7.outgoing.models import OutgoingMessage

LONGEST_LINE = 1_000


def body_text(message: OutgoingMessage) -> str:
    """A line for each segment; what is long, such as a PDF, is cut."""
    text = bytes(message.body).decode(codec_of([message.charset]), errors="backslashreplace")
    return "\n".join(_cut(line) for line in text.split("\r") if line)


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}… ({len(line)} characters)"


def waits_for(message: OutgoingMessage) -> OutgoingMessage | None:
    """What is before it for the same patient, when it waits."""
    if not OUTGOING.within(message, "open"):
        return None
    rows = OutgoingMessage.objects.filter(
        destination=message.destination_id, patient_id=message.patient_id, state__in=OUTGOING.groups["ahead"]
    )
    return rows.filter(event_id__lt=message.event_id).order_by("event_id", "pk").first()
