"""Whether something newer is known: what was written earlier and comes later changes nothing.

Of the same sender, by its own clock; and only messages that say how something is: one without such data hides nothing.
"""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet

from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.record import InboundMessage
from ris.orders.models import Order
from ris.patients.models import Patient

PERSON: Final = ("ADT^A01", "ADT^A04", "ADT^A05", "ADT^A08", "ADT^A28", "ADT^A31")
ORDER: Final = ("ORM^O01", "OMI^O23", "OMG^O19")
VISIT: Final = ("SIU^S12", "SIU^S13", "SIU^S14")


def newer(arrival: Arrival, patient: Patient, kinds: tuple[str, ...]) -> QuerySet[InboundMessage]:
    """Messages of this patient's record that were written later, and are done."""
    if arrival.at is None:
        return InboundMessage.objects.none()
    done = InboundMessage.objects.filter(patient_id_known=patient.pk, state__in=INBOUND.groups["done"])
    return done.filter(sender=arrival.sender, kind__in=kinds, written_at__gt=arrival.at)


def newer_of_person(arrival: Arrival, patient: Patient) -> bool:
    return newer(arrival, patient, PERSON).exists()


def newer_of_order(arrival: Arrival, order: Order, patient: Patient) -> bool:
    """`order_ids` are those whose details a message gave."""
    return any(order.pk in found for found in newer(arrival, patient, ORDER).values_list("order_ids", flat=True))
