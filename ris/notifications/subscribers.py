"""What messages do when an event is delivered, gives up, or sets out again."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from ris import audit
from ris.accounts.models import Site, User
from ris.accounts.permissions import ROLE_PERMISSIONS
from ris.core.actors import SystemActor
from ris.events.models import Delivery, Event
from ris.notifications import channels
from ris.notifications.actions import notify
from ris.notifications.lifecycle import MESSAGE
from ris.notifications.models import Message
from ris.notifications.wanted import is_wanted, put_right

DELIVERY = SystemActor("delivery")
SENDER = "notifications.send"
MANAGERS = [role for role, granted in ROLE_PERMISSIONS.items() if "delivery.manage" in granted]


def send(event: Event) -> None:
    """Carry one message out, unless it has left, or has become untrue meanwhile. At least once, with a stable id."""
    message = Message.objects.get(pk=event.target_id)
    if not MESSAGE.within(message, "open"):
        return
    put_right(message)
    if not is_wanted(message):
        MESSAGE.advance(message, "drop", last_error="")
        audit.record("message.dropped", message, by=DELIVERY, patient=message.patient_id)
        return
    Message.objects.filter(pk=message.pk).update(attempts=F("attempts") + 1)
    channels.carry(message)
    MESSAGE.advance(message, "send", sent_at=timezone.now(), last_error="")
    audit.record("message.sent", message, by=DELIVERY, patient=message.patient_id, channel=message.channel)


def give_up(delivery: Delivery) -> None:
    message = _message_of(delivery)
    if message is not None and MESSAGE.allows(message, "fail"):
        MESSAGE.advance(message, "fail", last_error=delivery.last_error)
        audit.record("message.failed", message, by=DELIVERY, patient=message.patient_id, outcome="failure")


def set_out_again(delivery: Delivery) -> None:
    message = _message_of(delivery)
    if message is not None and MESSAGE.allows(message, "resend"):
        MESSAGE.advance(message, "resend", last_error="")


def _message_of(delivery: Delivery) -> Message | None:
    if delivery.subscriber != SENDER:
        return None
    return Message.objects.select_for_update(of=("self",)).filter(pk=delivery.event.target_id).first()


def managers_of(site_id: int | None) -> QuerySet[User]:
    """Those who look after a site, and after the installation."""
    here = Q(memberships__site=site_id, memberships__role__in=MANAGERS)
    return User.objects.filter(here | Q(is_superuser=True), is_active=True).distinct()


def tell_administrators(delivery: Delivery) -> None:
    """Those who look after the site's deliveries, unless they were told and did not look yet."""
    page = reverse("events:deliveries") + "?state=parked"
    waiting = Message.objects.filter(link=page, state__in=MESSAGE.groups["unread"]).values("recipient")
    notify(
        managers_of(delivery.event.site_id).exclude(pk__in=waiting),
        key=f"parked/{delivery.pk}/{timezone.now():%Y%m%d%H%M%S}",
        subject="A delivery gave up",
        text="It waits on the deliveries page: look why, then send it again.",
        link=page,
        site=Site.objects.filter(pk=delivery.event.site_id or 0).first(),
    )
