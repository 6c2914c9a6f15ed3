"""What scheduling shows on an order's page, in the patient file and on the home page."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from ris.accounts.models import Site, User
from ris.core.panels import Card, Panel
from ris.orders.models import Order
from ris.patients.models import Patient
from ris.scheduling.actions.overlaps import overlaps_among
from ris.scheduling.hours import day_bounds
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment, ScheduledProcedureStep
from ris.scheduling.permissions import may_book


def order_steps(order: Order, user: User) -> list[Panel]:
    """The steps of an order: where and when, or a button to book."""
    steps = ScheduledProcedureStep.objects.filter(requested_procedure__order=order)
    rows = steps.select_related("requested_procedure__procedure", "appointment", "node", "part")
    bookable = set(steps.unplaced().first_of_each().values_list("pk", flat=True))
    context = {
        "steps": rows,
        "bookable": bookable,
        "may_book": may_book(user, order.site_id),
        "zone": order.site.time_zone,
    }
    return [Panel("Schedule", "scheduling/_order_steps.html", context)]


def patient_appointments(patient: Patient, user: User) -> list[Panel]:
    """The person's appointments that the user may see, latest first, each on its site's clock."""
    family = Patient.objects.family(patient)
    rows = Appointment.objects.visible_to(user).filter(patient__in=family).select_related("resource__site")
    found = rows.order_by("-start")[:50]
    return [Panel("Appointments", "scheduling/_patient_appointments.html", {"appointments": found})] if found else []


def merged_appointments(one: Patient, other: Patient, user: User) -> list[Panel]:
    """Before two records become one: appointments that would have the person in two places."""
    both = Patient.objects.family(one) | Patient.objects.family(other)
    found = overlaps_among(both)
    context = {"overlaps": found, "mine": user.sites_where("schedule.view")}
    return [Panel("In two places at once", "scheduling/_overlaps.html", context)] if found else []


def home_cards(user: User) -> list[Card]:
    """What waits to be booked, and who is expected today."""
    if not user.may("schedule.book", None):
        return []
    waiting, today = 0, 0
    for site in Site.objects.filter(pk__in=user.sites_where("schedule.book")):
        first, last = day_bounds(site, timezone.localdate(timezone=site.zone))
        waiting += ScheduledProcedureStep.objects.to_be_scheduled(site).first_of_each().count()
        expected = Appointment.objects.filter(site=site, start__gte=first, start__lt=last)
        today += expected.filter(state__in=APPOINTMENT.groups["coming"]).count()
    url = reverse("scheduling:day")
    return [
        Card("To be scheduled", waiting, url, "Ordered, without a room yet."),
        Card("Expected today", today, url, "Booked or arrived."),
    ]
