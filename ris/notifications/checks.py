"""What is wrong with the way out for messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Caution

LOCAL = ("http://127.0.0.1", "http://localhost", "http://[::1]")


@register
def message_settings(app_configs: Sequence[Any] | None, **_options: object) -> list[CheckMessage]:
    """A gateway without a secret; numbers of patients over an open line."""
    url = settings.SMS_WEBHOOK_URL
    if not url:
        return []
    found: list[CheckMessage] = []
    if not settings.SMS_WEBHOOK_SECRET:
        hint = "Set SMS_WEBHOOK_SECRET (or SMS_WEBHOOK_SECRET_FILE). Until then no SMS is sent."
        found.append(Error("The SMS gateway cannot know who sends.", hint=hint, id="ris.notifications.E001"))
    if not url.startswith(("https://", *LOCAL)):
        hint = "Use https in SMS_WEBHOOK_URL."
        found.append(Caution("Numbers of patients go out unencrypted.", hint=hint, id="ris.notifications.W001"))
    return found
