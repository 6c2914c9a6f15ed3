"""The ways out of the house, and which of them this installation has."""

from __future__ import annotations

from ris.events.errors import DeliveryError
from ris.notifications.channels import mail, sms
from ris.notifications.models import EMAIL, SMS, Message

WAYS = {EMAIL: mail, SMS: sms}


def is_open(channel: str) -> bool:
    """Whether this installation can send that way; nothing set up, nothing sent."""
    return channel in WAYS and WAYS[channel].is_configured()


def carry(message: Message) -> None:
    """Hand a message over once. Raises DeliveryError."""
    if not is_open(message.channel):
        raise DeliveryError(f"{message.get_channel_display()} is not set up any more.")
    WAYS[message.channel].carry(message)
