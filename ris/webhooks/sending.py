"""Telling a webhook of one event, at least once, always under the same id."""

from __future__ import annotations

import http.client
import json
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from ris.accounts.models import Site
from ris.events.errors import DeliveryError
from ris.events.models import Delivery, Event
from ris.webhooks import wire
from ris.webhooks.addresses import Refused, place_of
from ris.webhooks.kinds import EVERYTHING, OFFERED
from ris.webhooks.models import Webhook
from ris.webhooks.sealing import Unreadable, signature, unseal

PREFIX = "webhook:"
# Of what a receiver refuses only these can go better next time (RFC 9110, RFC 6585).
AGAIN = frozenset({408, 425, 429})
# One that does not answer is left alone for a while: it must not hold up what goes to others.
REST = timedelta(seconds=30)


def subscribers(kind: str, site_id: int | None) -> list[str]:
    """Which webhooks are told of an event of this site."""
    if kind not in OFFERED or site_id is None:
        return []
    rows = Webhook.objects.filter(active=True, site_id=site_id).values_list("pk", "kinds")
    return [f"{PREFIX}{pk}" for pk, kinds in rows if kind in kinds or EVERYTHING in kinds]


def payload(event: Event) -> dict[str, Any]:
    """Ids only: who wants to know more asks the API, with a right of their own."""
    site = Site.objects.filter(pk=event.site_id).values_list("code", flat=True).first() if event.site_id else None
    return {
        "id": event.pk,
        "kind": event.kind,
        "at": event.at.isoformat(),
        "site": site,
        "target": {"kind": event.target_kind, "id": event.target_id},
        "ids": event.payload,
    }


def send(event: Event, name: str) -> None:
    """Raises DeliveryError; a permanent one when it will never be taken."""
    webhook = Webhook.objects.filter(pk=int(name.removeprefix(PREFIX))).first()
    if webhook is None or not webhook.active:
        raise DeliveryError("This webhook was switched off.", permanent=True)
    if webhook.rest_until is not None and webhook.rest_until > timezone.now():
        raise DeliveryError("It did not answer a moment ago; it is tried again soon.")
    status = _posted(webhook, event)
    if 200 <= status < 300:
        _note(webhook, answered_at=timezone.now(), failing_since=None, rest_until=None, last_error="")
        return
    _failed(webhook, f"It answered {status}.", rest=status >= 500 or status in AGAIN)
    raise DeliveryError(f"It answered {status}.", permanent=300 <= status < 500 and status not in AGAIN)


def _posted(webhook: Webhook, event: Event) -> int:
    body = json.dumps(payload(event), separators=(",", ":")).encode()
    try:
        place, headers = place_of(webhook.url), _headers(webhook, event, body)
        _give_back_the_database()
        return wire.post(place, body, headers)
    except Refused as error:
        _failed(webhook, str(error), rest=False)
        raise DeliveryError(str(error), permanent=True) from error
    except Unreadable as error:
        words = "Its secret cannot be read: SECRET_KEY is another one. Give it a new secret, then send again."
        _failed(webhook, words, rest=False)
        raise DeliveryError(words, permanent=True) from error
    except (OSError, http.client.HTTPException) as error:
        words = f"It does not answer ({type(error).__name__})."
        _failed(webhook, words, rest=True)
        raise DeliveryError(words) from error


def _headers(webhook: Webhook, event: Event, body: bytes) -> dict[str, str]:
    now = str(int(time.time()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "Isocenter",
        "Idempotency-Key": f"{webhook.pk}-{event.pk}",
        "X-Isocenter-Event": event.kind,
        "X-Isocenter-Timestamp": now,
        "X-Isocenter-Signature": signature(unseal(webhook.sealed), now, body),
    }


def _give_back_the_database() -> None:
    """Nobody waits for a connection that waits for a stranger."""
    if not connection.in_atomic_block:
        connection.close()


def _failed(webhook: Webhook, words: str, *, rest: bool) -> None:
    now = timezone.now()
    since, until = webhook.failing_since or now, now + REST if rest else None
    _note(webhook, failing_since=since, rest_until=until, last_error=words[:200])
    if until is not None:
        put_off(webhook, until)


def put_off(webhook: Webhook, until: datetime) -> None:
    """What waits for it is not tried before; an attempt that is not made is not counted."""
    rows = Delivery.objects.filter(subscriber=f"{PREFIX}{webhook.pk}", state="pending", next_at__lt=until)
    rows.update(next_at=until)


def try_now(webhook: Webhook) -> None:
    """It has another address, or is well again: what waits for it is tried at once."""
    Delivery.objects.filter(subscriber=f"{PREFIX}{webhook.pk}", state="pending").update(next_at=timezone.now())


def _note(webhook: Webhook, **values: object) -> None:
    """How it went; what an administrator changed meanwhile stays."""
    Webhook.objects.filter(pk=webhook.pk).update(**values)
