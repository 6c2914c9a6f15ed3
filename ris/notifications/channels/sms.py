"""SMS through a gateway of the house: a signed JSON POST to SMS_WEBHOOK_URL (docs/guides/admin.md)."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import requests
from django.conf import settings

from ris.events.errors import DeliveryError
from ris.notifications.models import Message

TIMEOUTS = (3.05, 10)
# Of what a gateway refuses only these can go better next time (RFC 9110, RFC 6585).
AGAIN = frozenset({408, 425, 429})
USER_AGENT = "Isocenter"


def is_configured() -> bool:
    return bool(settings.SMS_WEBHOOK_URL and settings.SMS_WEBHOOK_SECRET)


def signature(timestamp: str, body: bytes) -> str:
    """Proves who sent the body, and when: HMAC-SHA256 over both."""
    key = settings.SMS_WEBHOOK_SECRET.encode()
    return "sha256=" + hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def carry(message: Message) -> None:
    """Raises DeliveryError. A redirect is not followed: the number would go to a stranger."""
    body = json.dumps({"id": str(message.uid), "to": message.address, "text": message.text}).encode()
    now = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "Idempotency-Key": str(message.uid),
        "X-Isocenter-Timestamp": now,
        "X-Isocenter-Signature": signature(now, body),
    }
    try:
        with requests.post(
            settings.SMS_WEBHOOK_URL, data=body, headers=headers, timeout=TIMEOUTS, allow_redirects=False, stream=True
        ) as answer:
            status = answer.status_code
    except requests.RequestException as error:
        raise DeliveryError(f"The SMS gateway does not answer ({type(error).__name__}).") from error
    if not 200 <= status < 300:
        permanent = 300 <= status < 500 and status not in AGAIN
        raise DeliveryError(f"The SMS gateway answered {status}.", permanent=permanent)
