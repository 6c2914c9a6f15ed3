"""From the schedule to worklist entries: which steps a device may see, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from ris.dicom.models import Node
from ris.orders.lifecycle import PROTOCOL
from ris.orders.models import Order, RequestedProcedure, SafetyAnswer
from ris.patients.models import OWN_FIRST, Patient, PatientIdentifier, of_people
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep, StepQuerySet
from worklist.mwl.criteria import Span
from worklist.mwl.entry import Code, ContextItem, Issuer, OtherPatientId, StepEntry, WorklistEntry
from worklist.mwl.facts import Facts, facts_of, told
from worklist.mwl.fleet import Device, Fleet, Placing

# (0020,0060) in SNOMED CT: what DICOM CID 244 holds, under the concept that names it.
LATERALITY = Code("272741003", "SCT", "Laterality")
SIDE_CODES = {
    "R": Code("24028007", "SCT", "Right"),
    "L": Code("7771000", "SCT", "Left"),
    "B": Code("51440002", "SCT", "Right and left"),
}
PATIENT = "requested_procedure__order__patient"
Identifiers = dict[int, list[PatientIdentifier]]


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that waits to be done: what is said of it, who sees it, and of which rows it was made.

    The entry names the AE titles of all who see it; `as_seen_by` puts the asker's first.
    """

    step_pk: int
    placing: Placing
    made_of: list[tuple[str, int]]
    start: datetime
    devices: tuple[Device, ...]
    entry: WorklistEntry = field(repr=False)

    def as_seen_by(self, device: Device) -> WorklistEntry:
        others = (other for other in self.devices if other.pk != device.pk)
        return _at_stations(self.entry, (device, *others))

    def among(self, fleet: Fleet) -> Offer:
        """The same when devices have changed."""
        devices = fleet.shown_to(self.placing)
        return replace(self, devices=devices, entry=_at_stations(self.entry, devices))


def _at_stations(entry: WorklistEntry, devices: tuple[Device, ...]) -> WorklistEntry:
    titles = tuple(device.ae_title for device in devices)
    name = devices[0].name[:16] if devices else ""
    return replace(entry, steps=(replace(entry.steps[0], station_ae_titles=titles, station_name=name),))


def entries_for(node: Node, days: Span | None, *, limit: int) -> list[WorklistEntry]:
    """The waiting steps that a device sees, earliest first, within the days asked (in the time of its site).

    Read afresh from the database. The server asks its kept `Schedule`, which holds the same.
    """
    fleet = Fleet.load()
    device = fleet.by_pk.get(node.pk)
    if device is None or not device.active:
        return []
    offers = offers_of(waiting_steps().filter(site_id=node.site_id), fleet)
    seen = [offer.as_seen_by(device) for offer in offers if device in offer.devices]
    return [entry for entry in seen if days is None or days.holds(entry.steps[0].start_date)][:limit]


def waiting_steps() -> StepQuerySet:
    """Steps that a device may be offered: scheduled, not begun, and not stopped.

    What must not begin is not offered to a device (an open hard stop, ris.orders.safety).
    """
    rows = ScheduledProcedureStep.objects.filter(state__in=STEP.groups["waiting"], start__isnull=False)
    rows = rows.exclude(requested_procedure__order__in=SafetyAnswer.objects.open_stops().values("order"))
    related = (
        "site",
        "requested_procedure__procedure",
        "requested_procedure__protocol",
        "requested_procedure__order__site",
        PATIENT,
        f"{PATIENT}__merged_into",
    )
    return rows.select_related(*related).order_by("start", "pk")


def offers_of(rows: StepQuerySet, fleet: Fleet) -> list[Offer]:
    """What is said of the steps, in a constant number of queries."""
    steps = list(rows)
    heads = {step.pk: step.requested_procedure.order.patient.current for step in steps}
    people = {head.pk for head in heads.values()}
    known = _identifiers_of(people)
    facts = facts_of(people, {step.requested_procedure.order_id for step in steps})
    return [_offer(step, heads[step.pk], known.get(heads[step.pk].pk, []), facts, fleet) for step in steps]


def _offer(
    step: ScheduledProcedureStep, head: Patient, identifiers: list[PatientIdentifier], facts: Facts, fleet: Fleet
) -> Offer:
    placing = Placing.of(step)
    devices = fleet.shown_to(placing)
    return Offer(
        step_pk=step.pk,
        placing=placing,
        made_of=_parts(step, head, identifiers, facts),
        start=_start_of(step),
        devices=devices,
        entry=_at_stations(_entry(step, head, identifiers, facts), devices),
    )


def _start_of(step: ScheduledProcedureStep) -> datetime:
    if step.start is None:
        raise ValueError("only steps with a time are offered")
    return step.start


def _parts(
    step: ScheduledProcedureStep, head: Patient, identifiers: list[PatientIdentifier], facts: Facts
) -> list[tuple[str, int]]:
    """The rows that the entry tells of, as WorklistChange names them: a change of one makes the entry anew."""
    requested = step.requested_procedure
    people = {head.pk, requested.order.patient_id, *(item.patient_id for item in identifiers)}
    people |= {alert.patient_id for alert in facts.alerts.get(head.pk, [])}
    return [
        ("requested", requested.pk),
        ("order", requested.order_id),
        ("catalogue", requested.procedure_id),
        *(("person", pk) for pk in people),
    ]


def _identifiers_of(people: set[int]) -> Identifiers:
    """Every number of each person, those of records merged into them included."""
    rows = PatientIdentifier.objects.select_related("patient").order_by("retired", OWN_FIRST, "pk")
    found: Identifiers = defaultdict(list)
    for item in rows.filter(of_people("patient", people)):
        found[item.patient.current_id].append(item)
    return found


def _entry(
    step: ScheduledProcedureStep, patient: Patient, identifiers: list[PatientIdentifier], facts: Facts
) -> WorklistEntry:
    requested = step.requested_procedure
    order, procedure = requested.order, requested.procedure
    own = _own(identifiers, order.site.patient_id_issuer)
    return WorklistEntry(
        steps=(_step(step),),
        patient_name=patient.person_name,
        patient_id=own.value if own else "",
        patient_id_issuer=own.issuer if own else "",
        other_patient_ids=tuple(OtherPatientId(item.value, item.issuer) for item in identifiers if item is not own),
        birth_date=_dicom_date(patient.birth_date),
        sex=patient.sex,
        weight=patient.weight,
        confidentiality="CONFIDENTIAL" if patient.confidential else "",
        **told(facts, patient, order.pk),
        **_visit(order),
        patient_location=", ".join(part for part in (step.ward, step.bed) if part),
        requested_procedure_id=requested.requested_procedure_id,
        study_instance_uid=requested.study_instance_uid,
        procedure_description=requested.description,
        procedure_codes=(Code(procedure.code, procedure.scheme, procedure.name),),
        priority=order.priority,
        reason=order.reason,
        procedure_comments=order.clinical_question,
        accession_number=requested.accession_number,
        accession_issuers=(Issuer(requested.accession_issuer),) if requested.accession_issuer else (),
        requesting_physician=order.referrer_name,
        referring_physician=order.referrer_name,
        placer_number=order.placer_number,
        filler_number=order.filler_number,
        institution=order.site.name,
    )


def _visit(order: Order) -> dict[str, Any]:
    """The number of the stay; one that some device could not write whole is left out, for it would cost the entry."""
    number = order.visit_number
    if not number or not (number.isascii() and number.isprintable()) or "\\" in number:
        return {}
    return {"admission_id": number, "admission_issuers": (Issuer(order.visit_issuer),) if order.visit_issuer else ()}


def _step(step: ScheduledProcedureStep) -> StepEntry:
    requested = step.requested_procedure
    local = _start_of(step).astimezone(step.site.zone)
    return StepEntry(
        station_ae_titles=(),
        start_date=f"{local:%Y%m%d}",
        start_time=f"{local:%H%M%S}",
        modality=step.modality,
        step_id=step.sps_id,
        description=step.description or requested.description,
        location=step.location,
        protocol_codes=(_protocol(requested),),
        status=step.state,
        comments=_decided(requested),
    )


def _protocol(requested: RequestedProcedure) -> Code:
    """What is to be done, with the side as its modifier."""
    procedure, side = requested.procedure, SIDE_CODES.get(requested.laterality)
    context = (ContextItem((LATERALITY,), (side,)),) if side else ()
    return Code(procedure.code, procedure.scheme, procedure.name, context=context)


def _decided(requested: RequestedProcedure) -> str:
    """The protocol that the radiologist approved."""
    protocol = getattr(requested, "protocol", None)
    return protocol.text if protocol and PROTOCOL.within(protocol, "decided") else ""


def _own(identifiers: list[PatientIdentifier], issuer: str) -> PatientIdentifier | None:
    """The number of the site's own authority; any other when it has none (as Patient.identifier_at)."""
    return next((item for item in identifiers if item.issuer == issuer), identifiers[0] if identifiers else None)


def _dicom_date(day: date | None) -> str:
    return day.strftime("%Y%m%d") if day else ""
