"""Placing an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.core.errors import InvalidInput
from ris.core.identifiers import uid
from ris.core.texts import faults_of_texts
from ris.events import emit
from ris.orders import permissions
from ris.orders.hooks import order_placed
from ris.orders.models import (
    PATIENT_CLASSES,
    PRIORITY_RANK,
    SIDE_WORDS,
    Order,
    Procedure,
    Protocol,
    Referrer,
    RequestedProcedure,
)
from ris.orders.numbers import Numbers, numbers_for
from ris.patients.actions import make_known_at
from ris.patients.models import Patient
from ris.patients.names import fault_of

# By the code of the procedure; or one for each procedure, in their order, as one exam may be asked for on two sides.
Sides = Mapping[str, str] | Sequence[str]

WANTED_YEARS: Final = range(1990, 2200)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDetails:
    """What goes with the procedures.

    `referrer_name` is a PN, FAMILY^Given; `priority` a code of (0040,1003), `patient_class` one of HL7 table 0004.
    `wanted_from`, aware, is when the exam is wanted at the earliest.
    """

    priority: str = "ROUTINE"
    reason: str = ""
    clinical_question: str = ""
    referrer_name: str = ""
    placer_number: str = ""
    placer_issuer: str = ""
    patient_class: str = ""
    visit_number: str = ""
    visit_issuer: str = ""
    wanted_from: datetime | None = None
    referrer: Referrer | None = None

    def as_fields(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in OrderDetails.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """A procedure under numbers that were given out before the order: those of a downtime form."""

    procedure: Procedure
    numbers: Numbers
    side: str = ""


@transaction.atomic
def place_order(
    patient: Patient,
    *,
    site: Site,
    procedures: Sequence[Procedure],
    details: OrderDetails,
    by: Actor,
    sides: Sides | None = None,
) -> Order:
    """Place an order; from this moment each procedure has its accession number and StudyInstanceUID.

    `sides` are R, L or B of the paired ones. Raises NotPermitted, InvalidInput.
    """
    permissions.require_place(by, site)
    each = _sides_of_each(procedures, sides or {})
    check_details(details, also=_faults_of_procedures(procedures, each))
    numbers = numbers_for(site, len(procedures))
    return _placed(
        _new_order(patient.current, site, details, by),
        [Reserved(procedure=procedure, numbers=given, side=side)
         for procedure, given, side in zip(procedures, numbers, each, strict=True)],
        by,
    )  # fmt: skip


@transaction.atomic
def place_reserved(patient: Patient, *, site: Site, asked: Reserved, details: OrderDetails, by: Actor) -> Order:
    """Place an order for one procedure under numbers reserved before. Raises NotPermitted, InvalidInput.

    The caller sees to it that numbers are used once; the database refuses a StudyInstanceUID that exists.
    """
    permissions.require_place(by, site)
    check_details(details, also=_faults_of_procedures([asked.procedure], [asked.side]))
    return _placed(_new_order(patient.current, site, details, by), [asked], by)


def _placed(order: Order, asked: Sequence[Reserved], by: Actor) -> Order:
    """Part of placing: the procedures, then all that follows from an order."""
    requested = [_request(order, item.procedure, item.numbers, item.side) for item in asked]
    site = order.site
    make_known_at(order.patient, site)
    order_placed(order, by)
    audit.record("order.placed", order, by=by, procedures=[_named(item) for item in requested])
    emit("order.placed", order, by=by)
    return order


def _new_order(person: Patient, site: Site, details: OrderDetails, by: Actor) -> Order:
    order = Order.objects.create(
        site=site,
        patient=person,
        filler_number=f"PENDING-{uid('order-number', person.pk, timezone.now().timestamp())[-40:]}",
        placed_at=timezone.now(),
        placed_by_id=str(by.id),
        placed_by_name=by.display,
        **details.as_fields(),
    )
    order.filler_number = f"{site.accession_prefix}O{order.pk:08d}"
    order.save(update_fields=["filler_number"])
    return order


def _request(order: Order, procedure: Procedure, numbers: Numbers, side: str) -> RequestedProcedure:
    requested = RequestedProcedure(
        order=order,
        procedure=procedure,
        laterality=side if procedure.paired else "",
        accession_number=numbers.accession,
        accession_issuer=numbers.issuer,
        requested_procedure_id=numbers.procedure_id,
        study_instance_uid=numbers.study_instance_uid,
    )
    requested.save(force_insert=True)
    if procedure.needs_protocol:
        Protocol.objects.create(requested_procedure=requested, text=procedure.default_protocol)
    return requested


def _named(requested: RequestedProcedure) -> str:
    side = SIDE_WORDS.get(requested.laterality, "")
    return f"{side} {requested.procedure.code}".strip()


def check_details(details: OrderDetails, *, also: Mapping[str, str]) -> None:
    """Raise InvalidInput naming each field that cannot be used; `also` holds faults found elsewhere."""
    texts = {name: value for name, value in details.as_fields().items() if isinstance(value, str)}
    faults = faults_of_texts(Order, texts) | dict(also)
    if details.priority not in PRIORITY_RANK:
        faults["priority"] = f"Priority is one of {', '.join(PRIORITY_RANK)}."
    if details.patient_class not in {"", *dict(PATIENT_CLASSES)}:
        faults["patient_class"] = "A patient class is a letter of HL7 table 0004, such as I or O."
    if fault := fault_of_wanted(details.wanted_from):
        faults["wanted_from"] = fault
    if fault := fault_of(details.referrer_name.replace("^", "")):
        faults["referrer_name"] = fault
    if faults:
        raise InvalidInput("The order is not complete.", fields=faults)


def _sides_of_each(procedures: Sequence[Procedure], sides: Sides) -> Sequence[str]:
    return [sides.get(one.code, "") for one in procedures] if isinstance(sides, Mapping) else sides


def fault_of_wanted(moment: datetime | None) -> str:
    """Why an exam cannot be wanted from then; empty where it can."""
    known = moment is None or (moment.tzinfo is not None and moment.year in WANTED_YEARS)
    return "" if known else f"Exams are wanted from {WANTED_YEARS[0]} to {WANTED_YEARS[-1]}, with a time zone."


def _faults_of_procedures(procedures: Sequence[Procedure], sides: Sequence[str]) -> dict[str, str]:
    if not procedures:
        return {"procedures": "Choose at least one procedure."}
    pairs = zip(procedures, sides, strict=True)
    missing = [procedure.name for procedure, side in pairs if procedure.paired and not side]
    if missing:
        return {"procedures": f"Which side? {', '.join(missing)}: right, left or both."}
    known = all(side in {"", *SIDE_WORDS} for side in sides)
    return {} if known else {"procedures": "A side is R, L or B."}
