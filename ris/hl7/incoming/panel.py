"""What administrators see at home of messages that came in: those that were taken, and refused later or still wait."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils import timezone

from ris.accounts.models import User
from ris.core.panels import Card
from ris.hl7.er7.acks import ACCEPTED
from ris.hl7.incoming.expiring import NEWS
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.newer import ORDER
from ris.hl7.incoming.record import InboundMessage

SHOWN: Final = timedelta(days=7)
# What an order waits for comes within minutes, or somebody must look.
LONG: Final = timedelta(hours=1)


def home_cards(user: User) -> list[Card]:
    return [card for card in (_refused(user), _waiting(user)) if card is not None]


def _refused(user: User) -> Card | None:
    """Their senders were told AA, and hear nothing more; one is done again, or the sender is asked, within a week."""
    failed = InboundMessage.objects.visible_to(user).filter(state__in=INBOUND.groups["failed"], answer_code=ACCEPTED)
    count = failed.filter(settled_at__gte=timezone.now() - SHOWN).count()
    page = f"{reverse('hl7:incoming')}?state=refused"
    hint = "They were taken and could not be done; their senders do not know."
    return Card("HL7 messages were refused", count, page, hint, urgent=True) if count else None


def _waiting(user: User) -> Card | None:
    """Orders and appointments that were answered AA and are not there. News of people unknown here (ADT) can wait."""
    waiting = InboundMessage.objects.visible_to(user).filter(state__in=INBOUND.groups["waiting"])
    long = waiting.filter(received_at__lt=timezone.now() - LONG).exclude(kind__startswith=NEWS)
    count = long.count()
    page = f"{reverse('hl7:incoming')}?state=parked"
    hint = "They were taken, and wait for over an hour for a patient, order or appointment that has not come."
    urgent = long.filter(kind__in=ORDER).exists()
    return Card("HL7 messages wait", count, page, hint, urgent=urgent) if count else None
