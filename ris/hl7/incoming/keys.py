"""What a parked message waits for, as a text that is looked up."""

from __future__ import annotations

from typing import NamedTuple

from ris.hl7.incoming.record import AppointmentNumber
from ris.orders.models import Order
from ris.patients.models import Patient, PatientIdentifier

MARK = "\t"
LONGEST = 250


class Number(NamedTuple):
    """A patient number with its authority."""

    issuer: str
    value: str


def patient_key(number: Number) -> str:
    return MARK.join(("patient", number.issuer, number.value))[:LONGEST]


def order_key(site_id: int, placer: str) -> str:
    return MARK.join(("order", str(site_id), placer))[:LONGEST]


def visit_key(sender_id: int, value: str) -> str:
    return MARK.join(("visit", str(sender_id), value))[:LONGEST]


def keys_of_patient(patient: Patient) -> list[str]:
    rows = PatientIdentifier.objects.filter(patient__in=Patient.objects.family(patient))
    return [patient_key(Number(*pair)) for pair in rows.values_list("issuer", "value")]


def is_here(key: str) -> bool:
    """Whether what is waited for has come."""
    what, of, value = [*key.split(MARK, 2), "", ""][:3]
    if what == "patient":
        return PatientIdentifier.objects.filter(issuer=of, value=value).exists()
    if what == "order":
        return Order.objects.filter(site=int(of), placer_number=value).exists()
    return what == "visit" and AppointmentNumber.objects.filter(sender=int(of), value=value).exists()
