"""The buttons that print, on the pages of orders, appointments and the day board."""

from __future__ import annotations

from ris.accounts.models import Site, User
from ris.core.panels import Panel
from ris.orders.models import Order
from ris.printing.models import Print
from ris.printing.permissions import may_print
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment

SHOWN = 8


def order_papers(order: Order, user: User) -> list[Panel]:
    """Labels and a wristband for an order, and what was printed of it."""
    if not may_print(user, order.site_id):
        return []
    context = {"order_id": order.pk, "prints": _newest(order_ids=[order.pk]), "zone": order.site.time_zone}
    return [Panel("Labels and wristband", "printing/_order.html", context)]


def appointment_papers(appointment: Appointment, user: User) -> list[Panel]:
    """The papers of an appointment that stands."""
    if not may_print(user, appointment.site_id) or not APPOINTMENT.within(appointment, "holding"):
        return []
    orders = appointment.steps.values_list("requested_procedure__order_id", flat=True)
    zone = appointment.site.time_zone
    context = {"appointment_id": appointment.pk, "prints": _newest(order_ids=list(orders)), "zone": zone}
    return [Panel("Slip, labels and wristband", "printing/_appointment.html", context)]


def day_papers(site: Site, user: User, booked: str) -> list[Panel]:
    """Right after booking: the papers of the appointment that was booked."""
    if not may_print(user, site.pk) or not (booked.isdecimal() and len(booked) < 19):
        return []
    found = Appointment.objects.filter(site=site, pk=int(booked), state__in=APPOINTMENT.groups["holding"])
    row = found.select_related("patient", "resource").first()
    return [Panel("Just booked", "printing/_booked.html", {"appointment": row, "site": site})] if row else []


def _newest(order_ids: list[int]) -> list[Print]:
    return list(Print.objects.filter(order__in=order_ids)[:SHOWN])
