"""What waits in the rooms and on the way out; the other parts contribute theirs through the registry."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from ris.accounts.models import Site, User
from ris.core.panels import Card
from ris.events.lifecycle import DELIVERY
from ris.events.models import Delivery
from ris.scheduling.hours import day_bounds
from ris.scheduling.lifecycle import APPOINTMENT, STEP
from ris.scheduling.models import Appointment, ScheduledProcedureStep


def cards_for(user: User) -> list[Card]:
    """For technologists, and for those who look after deliveries."""
    return [*_rooms(user), *_deliveries(user)]


def _rooms(user: User) -> list[Card]:
    if not user.may("step.perform", None):
        return []
    sites = user.sites_where("step.perform")
    here = Appointment.objects.filter(_today(sites), state__in=APPOINTMENT.groups["coming"], arrived_at__isnull=False)
    running = ScheduledProcedureStep.objects.filter(
        site__in=sites, state__in=STEP.groups["live"] - STEP.groups["waiting"]
    )
    board = reverse("worklist:technologist")
    return [
        Card("In the waiting room", here.count(), board, "Arrived, exam not begun."),
        Card("Exams in progress", running.count(), board, "Begun at a device, not finished."),
    ]


def _deliveries(user: User) -> list[Card]:
    if not user.may("delivery.manage", None):
        return []
    own = Q(event__site_id__in=user.sites_where("delivery.manage"))
    if user.is_superuser:
        own |= Q(event__site_id__isnull=True)
    rows = Delivery.objects.filter(own)
    parked = rows.filter(state__in=DELIVERY.groups["stuck"]).count()
    queued = rows.filter(state__in=DELIVERY.groups["open"]).count()
    page = reverse("events:deliveries")
    return [
        Card("Parked deliveries", parked, page, "Gave up: look why, then send again.", urgent=parked > 0),
        Card("Queued deliveries", queued, page, "On their way; nothing to do."),
    ]


def _today(site_ids: frozenset[int]) -> Q:
    """Appointments that start on the present day of each site, in its own time zone."""
    now = timezone.now()
    found = Q(pk__in=[])
    for site in Site.objects.filter(pk__in=site_ids):
        begins, ends = day_bounds(site, now.astimezone(site.zone).date())
        found |= Q(site=site, start__gte=begins, start__lt=ends)
    return found
