"""The words of mails and SMS that were sent, deleted by policy (ris.events.forgetting)."""

from __future__ import annotations

from datetime import datetime

from ris.events.forgetting import emptied
from ris.notifications.lifecycle import MESSAGE
from ris.notifications.models import IN_APP, Message


def forget_sent(before: datetime) -> int:
    """That it was sent, to whom, when and about what stays; notices on a screen are not sent to anybody."""
    rows = Message.objects.exclude(channel=IN_APP).filter(state__in=MESSAGE.groups["reached"], sent_at__lt=before)
    return emptied(rows.exclude(text=""), text="", attachments=[], stop_link="")
