"""What orders show on the patient's page and on the home page."""

from __future__ import annotations

from django.urls import reverse

from ris.accounts.models import User
from ris.core.panels import Card, Panel
from ris.orders.models import PRIORITY_RANK, Order
from ris.orders.waiting import sent_back, to_protocol
from ris.patients.models import Patient


def patient_orders(patient: Patient, user: User) -> list[Panel]:
    """Orders of the person that the user may see, newest first."""
    family = Patient.objects.family(patient)
    orders = Order.objects.visible_to(user).filter(patient__in=family).prefetch_related("procedures__procedure")[:50]
    return [Panel("Orders", "orders/_patient_orders.html", {"orders": orders})] if orders else []


def home_cards(user: User) -> list[Card]:
    """Protocols to decide, and orders that came back with a question."""
    cards = []
    if user.may("order.protocol", None):
        waiting = to_protocol(user)
        urgent = [name for name, rank in PRIORITY_RANK.items() if rank < PRIORITY_RANK["ROUTINE"]]
        stat = waiting.filter(requested_procedure__order__priority__in=urgent).exists()
        hint = "Say how the exam is done, or send it back."
        cards.append(Card("To protocol", waiting.count(), reverse("orders:protocols"), hint, urgent=stat))
    if user.may("order.cancel", None):
        count = sent_back(user).count()
        url = reverse("orders:list") + "?protocol=returned"
        if count:
            cards.append(Card("Sent back by radiologists", count, url, "Orders with a question.", urgent=True))
    return cards
