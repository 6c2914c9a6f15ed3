"""What administrators see of HL7 elsewhere: on the deliveries page, and at home when something waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min
from django.urls import reverse

from ris.accounts.models import User
from ris.core.panels import Card, Panel
from ris.hl7.outgoing.lifecycle import OUTGOING
from ris.hl7.outgoing.models import Destination, OutgoingMessage


@dataclass(frozen=True, slots=True)
class Standing:
    """A destination with how many messages are where."""

    destination: Destination
    waiting: int
    parked: int
    oldest: datetime | None


def standings(user: User) -> list[Standing]:
    """Each destination of one's sites; what is done is not counted."""
    rows = OutgoingMessage.objects.filter(state__in=OUTGOING.groups["ahead"]).order_by()
    counted = {
        (row["destination"], row["state"]): row["n"]
        for row in rows.values("destination", "state").annotate(n=Count("pk"))
    }
    since = dict(
        rows.filter(state__in=OUTGOING.groups["open"]).values_list("destination").annotate(o=Min("created_at"))
    )
    return [
        Standing(
            one,
            sum(counted.get((one.pk, state), 0) for state in OUTGOING.groups["open"]),
            sum(counted.get((one.pk, state), 0) for state in OUTGOING.groups["stuck"]),
            since.get(one.pk),
        )
        for one in Destination.objects.visible_to(user)
    ]


def deliveries_panel(user: User) -> list[Panel]:
    found = standings(user)
    return [Panel("HL7", "hl7/_out_panel.html", {"standings": found})] if found else []


def home_cards(user: User) -> list[Card]:
    visible, page = OutgoingMessage.objects.visible_to(user), reverse("hl7:outgoing")
    parked = visible.filter(state__in=OUTGOING.groups["stuck"]).count()
    held_back = visible.filter(state__in=OUTGOING.groups["open"], destination__active=False).count()
    hint, why = "A receiver refused them, or they cannot be written.", "Switch it on again, or close it for good."
    cards = [
        Card("HL7 messages wait for you", parked, f"{page}?state=parked", hint, urgent=True),
        Card("HL7 messages wait for a destination that is off", held_back, f"{page}?state=queued", why, urgent=True),
    ]
    return [one for one in cards if one.count]
