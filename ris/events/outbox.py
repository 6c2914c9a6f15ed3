"""Writing events; leasing, running and settling their deliveries."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from ris import audit
from ris.audit.recording import identify
from ris.core.actors import Actor
from ris.core.errors import ConcurrentUpdateError, DomainError, NotPermitted, Unavailable
from ris.core.tasks import wake
from ris.events.errors import DeliveryError
from ris.events.hooks import delivery_parked, delivery_resent
from ris.events.kinds import KINDS
from ris.events.lifecycle import DELIVERY
from ris.events.models import MANAGE, Delivery, Event
from ris.events.registry import handler_of, is_routed, prefixes, subscribers_of

log = logging.getLogger(__name__)

# Seconds to wait after the n-th failed attempt; the last value repeats until PARK_AFTER (a day and a half). A peer that
# was away for a night has what waited within a minute of its return.
BACKOFF = (1, 2, 5, 10, 20, 30)
PARK_AFTER = 4_000
RESENT_AT_ONCE = 500
# Of what the domain refuses only these can go better next time; the rest waits for a person.
AGAIN = (ConcurrentUpdateError, Unavailable)


def write(
    kind: str,
    target: models.Model | tuple[str, str],
    *,
    by: Actor,
    site_id: int | None,
    ids: dict[str, Any],
    after: timedelta = timedelta(0),
) -> Event:
    """Insert the event and its deliveries."""
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is not in ris/events/kinds.py")
    from ris.events.tasks import deliver

    target_kind, target_id = identify(target)
    now = timezone.now()
    event = Event.objects.create(
        kind=kind,
        at=now,
        site_id=site_id if site_id is not None else getattr(target, "site_id", None),
        actor_kind=by.kind,
        actor_id=str(by.id),
        target_kind=target_kind,
        target_id=target_id,
        payload=ids,
    )
    for name in subscribers_of(kind, event.site_id):
        delivery = Delivery.objects.create(event=event, subscriber=name, next_at=now + after)
        # One that is a row may be slow, and no worker waits for it: its lane sends it (ris.events.lanes).
        if not after and not is_routed(name):
            wake(deliver, delivery.pk)
    return event


def attempt(delivery_id: int) -> bool:
    """Lease one delivery, run its handler, settle it. False when it was not ours to run."""
    delivery = _lease(delivery_id)
    if delivery is None:
        return False
    handler = handler_of(delivery.subscriber)
    try:
        if handler is None:
            raise DeliveryError(f"no subscriber is called {delivery.subscriber}", permanent=True)
        handler(delivery.event)
    except DeliveryError as error:
        _fail(delivery, str(error), permanent=error.permanent)
    except DomainError as error:
        _fail(delivery, error.message, permanent=not isinstance(error, AGAIN))
    except Exception as error:
        log.exception("delivery %s failed", delivery.pk)
        _fail(delivery, f"{type(error).__name__}, which nobody foresaw: the log says where.", permanent=False)
    else:
        _settle(delivery, "finish", done_at=timezone.now(), last_error="")
    return True


@transaction.atomic
def _lease(delivery_id: int) -> Delivery | None:
    """Claim one delivery; a lease that ran out goes back first. The lock keeps two from renewing the same one."""
    now = timezone.now()
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("event")
    delivery = rows.filter(pk=delivery_id, next_at__lte=now).first()
    if delivery is None:
        return None
    if delivery.lease_until is not None and delivery.lease_until > now:
        return None
    if DELIVERY.allows(delivery, "retry"):
        DELIVERY.advance(delivery, "retry", lease_until=None)
    if not DELIVERY.allows(delivery, "lease"):
        return None
    lease = timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)
    return DELIVERY.advance(delivery, "lease", lease_until=now + lease, attempts=delivery.attempts + 1)


@transaction.atomic
def _settle(delivery: Delivery, verb: str, **changes: object) -> None:
    """Write how it went, unless the lease ran out and somebody else has the delivery now: then theirs counts."""
    held = Delivery.objects.select_for_update(of=("self",)).select_related("event").get(pk=delivery.pk)
    if held.attempts != delivery.attempts or not DELIVERY.allows(held, verb):
        log.warning("delivery %s: attempt %s outlived its lease", delivery.pk, delivery.attempts)
        return
    DELIVERY.advance(held, verb, lease_until=None, **changes)
    if DELIVERY.within(held, "stuck"):
        delivery_parked(held)


def _fail(delivery: Delivery, message: str, *, permanent: bool) -> None:
    verb = "park" if permanent or delivery.attempts >= PARK_AFTER else "retry"
    wait = BACKOFF[min(delivery.attempts, len(BACKOFF)) - 1]
    log.warning("delivery %s to %s: %s (attempt %s)", delivery.pk, delivery.subscriber, verb, delivery.attempts)
    _settle(delivery, verb, last_error=message[:2000], next_at=timezone.now() + timedelta(seconds=wait))


def due_rows(lane: str = "") -> models.QuerySet[Delivery]:
    """Deliveries that wait for someone: all, or those of a lane (ris.events.lanes)."""
    now = timezone.now()
    ready = models.Q(lease_until__isnull=True) | models.Q(lease_until__lt=now)
    rows = Delivery.objects.filter(ready, state__in=DELIVERY.groups["open"], next_at__lte=now)
    if not lane:
        return rows
    return rows.filter(subscriber=lane) if is_routed(lane) else rows.filter(subscriber__startswith=f"{lane}.")


def own_due(limit: int = 200) -> list[int]:
    """Without those whose subscriber is a row: they have their lanes."""
    rows = due_rows()
    for prefix in prefixes():
        rows = rows.exclude(subscriber__startswith=prefix)
    return list(rows.order_by("next_at", "id").values_list("pk", flat=True)[:limit])


def due(limit: int = 200, *, lane: str = "") -> list[int]:
    """Their ids, oldest first."""
    return list(due_rows(lane).order_by("next_at", "id").values_list("pk", flat=True)[:limit])


def sweep(limit: int = 200) -> int:
    """Do every due delivery once, one after the other; how many were run here."""
    return sum(attempt(pk) for pk in due(limit))


@transaction.atomic
def resend(delivery: Delivery, *, by: Actor) -> Delivery:
    """Put a parked delivery back into the queue; raises NotPermitted, TransitionError when it is not parked."""
    if not delivery.is_managed_by(by):
        raise NotPermitted("Deliveries are for the administrators of their site.")
    DELIVERY.advance(delivery, "resend", next_at=timezone.now(), attempts=0)
    audit.record("delivery.resent", delivery, by=by)
    delivery_resent(delivery)
    return delivery


@transaction.atomic
def resend_all(subscriber: str, *, by: Actor) -> int:
    """Put what is parked for a destination back, as far as it is theirs; how many. Raises NotPermitted."""
    if not by.may(MANAGE, None):
        raise NotPermitted("Deliveries are for the administrators of their site.")
    rows = Delivery.objects.visible_to(by).select_for_update(of=("self",)).select_related("event")
    parked = rows.filter(subscriber=subscriber, state__in=DELIVERY.groups["stuck"]).order_by("pk")[:RESENT_AT_ONCE]
    return len([resend(delivery, by=by) for delivery in parked])
