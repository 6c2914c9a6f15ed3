"""What a parked message waits for, as a text that is looked up."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Q, QuerySet

from ris.accounts.models import Site
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.record import AppointmentNumber, AwaitedKey, InboundMessage
from ris.orders.models import Order
from ris.patients.models import Patient, PatientIdentifier
from ris.scheduling.models import Appointment

MARK = "\t"
LONGEST = 250


class Number(NamedTuple):
    """A number of a patient or order with who gave it."""

    issuer: str
    value: str


def patient_key(number: Number) -> str:
    return MARK.join(("patient", number.issuer, number.value))[:LONGEST]


def order_key(site_id: int, placer: Number) -> str:
    return MARK.join(("order", str(site_id), placer.issuer, placer.value))[:LONGEST]


def visit_key(sender_id: int, value: str) -> str:
    return MARK.join(("visit", str(sender_id), value))[:LONGEST]


def number_of_visit(appointment: Appointment) -> str:
    """Our number of an appointment, as SCH-2 has it."""
    return f"{appointment.site.code.upper()}-A{appointment.pk}"


def visit_numbered(site: Site, number: str) -> Appointment | None:
    """The appointment of a number of ours."""
    prefix, _, pk = number.rpartition("-A")
    known = prefix == site.code.upper() and pk.isascii() and pk.isdecimal() and len(pk) < 19
    related = Appointment.objects.select_related("resource__site", "patient__merged_into")
    return related.filter(site=site, pk=int(pk)).first() if known else None


def orders_numbered(site_id: int, placer: Number) -> QuerySet[Order]:
    """The orders of a placer's number, newest first: of the same namespace, else one of which none is known."""
    rows = Order.objects.filter(site=site_id, placer_number=placer.value, placer_issuer__in=[placer.issuer, ""])
    return rows.order_by("-placer_issuer", "-pk")


def keys_of_patient(patient: Patient) -> list[str]:
    rows = PatientIdentifier.objects.filter(patient__in=Patient.objects.family(patient))
    return [patient_key(Number(*pair)) for pair in rows.values_list("issuer", "value")]


def is_here(key: str) -> bool:
    """Whether what is waited for has come."""
    what, of, value = [*key.split(MARK, 2), "", ""][:3]
    if what == "patient":
        return PatientIdentifier.objects.filter(issuer=of, value=value).exists()
    if what == "order":
        issuer, _, number = value.rpartition(MARK)
        return orders_numbered(int(of), Number(issuer, number)).exists()
    return what == "visit" and AppointmentNumber.objects.filter(sender=int(of), value=value).exists()


def waiting_for(keys: Collection[str]) -> QuerySet[InboundMessage]:
    """The messages that one of these keys can help."""
    also = AwaitedKey.objects.filter(key__in=keys)
    waiting = InboundMessage.objects.filter(state__in=INBOUND.groups["waiting"])
    return waiting.filter(Q(waits_for__in=keys) | Q(pk__in=also.values("message")))
