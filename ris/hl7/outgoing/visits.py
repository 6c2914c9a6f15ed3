"""A destination that sends us appointments too: its own numbers of them (SCH-1), and what it did itself."""

from __future__ import annotations

from django.db.models import QuerySet

from ris.events.models import Event
from ris.hl7.incoming.record import AppointmentNumber, OwnDoing, Sender
from ris.hl7.outgoing.models import Destination
from ris.scheduling.models import Appointment

FILLER = "SCH-2 "


def senders_at(destination: Destination) -> QuerySet[Sender]:
    """The senders of the site that have the destination's name (MSH-5, and MSH-6 where it has one)."""
    if not destination.receiving_application:
        return Sender.objects.none()
    rows = Sender.objects.filter(site=destination.site_id, application=destination.receiving_application)
    facility = destination.receiving_facility
    return rows.filter(facility__in=[facility, ""]) if facility else rows


def own_number(destination: Destination, appointment: Appointment) -> str:
    """The number that the destination gave the appointment; empty where it gave none (v2.5.1 10.6.1.1)."""
    rows = AppointmentNumber.objects.filter(appointment=appointment, sender__in=senders_at(destination))
    found = rows.exclude(value__startswith=FILLER).order_by("pk").last()
    return found.value if found else ""


def did_itself(destination: Destination, event: Event) -> bool:
    """Whether the event came of the destination's own message."""
    return OwnDoing.objects.filter(event=event, sender__in=senders_at(destination)).exists()
