"""What administrators see at home of messages that came in: orders that were taken, and refused when they were done."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils import timezone

from ris.accounts.models import User
from ris.core.panels import Card
from ris.hl7.er7.acks import ACCEPTED
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.record import InboundMessage

SHOWN: Final = timedelta(days=7)


def home_cards(user: User) -> list[Card]:
    """Their senders were told AA, and hear nothing more; one is done again, or the sender is asked, within a week."""
    failed = InboundMessage.objects.visible_to(user).filter(state__in=INBOUND.groups["failed"], answer_code=ACCEPTED)
    count = failed.filter(received_at__gte=timezone.now() - SHOWN).count()
    hint = "They were taken and could not be done; their senders do not know."
    page = f"{reverse('hl7:incoming')}?state=refused"
    return [Card("HL7 messages were refused", count, page, hint, urgent=True)] if count else []
