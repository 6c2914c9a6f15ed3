"""A kept message for people: its text by segments, and what it waits for."""

from __future__ import annotations

from django.db.models import Q

from ris.hl7.er7 import codec_of
from ris.hl7.outgoing.lifecycle import OUTGOING
from ris.hl7.outgoing.models import NOBODY, OutgoingMessage
from ris.patients.models import Patient

LONGEST_LINE = 1_000


def body_text(message: OutgoingMessage) -> str:
    """A line for each segment; what is long, such as a PDF, is cut."""
    text = bytes(message.body).decode(codec_of([message.charset]), errors="backslashreplace")
    return "\n".join(_cut(line) for line in text.split("\r") if line)


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}… ({len(line)} characters)"


def waits_for(message: OutgoingMessage) -> OutgoingMessage | None:
    """What is before it (`OutgoingQuerySet.in_turn`), when it waits."""
    if not OUTGOING.within(message, "open"):
        return None
    same = Q(patient_id=message.patient_id) & ~Q(patient_id=NOBODY)
    same |= Q(patient_id__in=Patient.objects.filter(merged_into=message.patient_id).values("pk"))
    same |= Q(kind=message.kind, subject=message.subject) & ~Q(subject="")
    ahead = OutgoingMessage.objects.filter(
        same, destination=message.destination_id, state__in=OUTGOING.groups["ahead"], event_id__lt=message.event_id
    )
    return ahead.order_by("event_id", "pk").first()
