"""From the schedule to worklist entries: which steps a device may see, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ris.dicom.models import Node
from ris.orders.lifecycle import PROTOCOL
from ris.orders.models import RequestedProcedure, SafetyAnswer
from ris.patients.models import OWN_FIRST, Patient, PatientIdentifier
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep, StepQuerySet
from worklist.mwl.criteria import Span
from worklist.mwl.entry import Code, ContextItem, Issuer, OtherPatientId, StepEntry, WorklistEntry

# (0020,0060) in SNOMED CT: what DICOM CID 244 holds, under the concept that names it.
LATERALITY = Code("272741003", "SCT", "Laterality")
SIDE_CODES = {
    "R": Code("24028007", "SCT", "Right"),
    "L": Code("7771000", "SCT", "Left"),
    "B": Code("51440002", "SCT", "Right and left"),
}
PATIENT = "requested_procedure__order__patient"
Identifiers = dict[int, list[PatientIdentifier]]


def entries_for(node: Node, days: Span | None, *, limit: int) -> list[WorklistEntry]:
    """The waiting steps of one device, earliest first, within the days asked (in the time of its site).

    Nothing of another device is ever read: the node's own AE title is part of the query, not of the filter.
    """
    steps = list(_waiting_steps(node, days)[:limit])
    heads = {step.pk: step.requested_procedure.order.patient.current for step in steps}
    known = _identifiers_of(heads.values())
    return [_entry(step, node, heads[step.pk], known.get(heads[step.pk].pk, [])) for step in steps]


def _waiting_steps(node: Node, days: Span | None) -> StepQuerySet:
    rows = ScheduledProcedureStep.objects.filter(node=node, state__in=STEP.groups["waiting"], start__isnull=False)
    first, last = _window(days, node.site.zone)
    if first is not None:
        rows = rows.filter(start__gte=first)
    if last is not None:
        rows = rows.filter(start__lt=last)
    related = (
        "requested_procedure__procedure",
        "requested_procedure__protocol",
        "requested_procedure__order__site",
        PATIENT,
        f"{PATIENT}__merged_into",
    )
    # What must not begin is not offered to a device (an open hard stop, ris.orders.safety).
    rows = rows.exclude(requested_procedure__order__in=SafetyAnswer.objects.open_stops().values("order"))
    return rows.select_related(*related).order_by("start", "pk")


def _window(days: Span | None, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """The first instant of the first day and the first instant after the last, as clocks at the site show them."""
    if days is None:
        return None, None
    return _midnight(days.low, zone), _midnight(days.high, zone, after=1)


def _midnight(day: str, zone: ZoneInfo, *, after: int = 0) -> datetime | None:
    """None is no bound: for an open end, and for a day at the edge of the calendar."""
    if not day:
        return None
    try:
        wanted = date(int(day[:4]), int(day[4:6]), int(day[6:])) + timedelta(days=after)
        return datetime.combine(wanted, time(), tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return None


def _identifiers_of(heads: Iterable[Patient]) -> Identifiers:
    """Every number of each person, those of records merged into them included."""
    people = {head.pk for head in heads}
    rows = PatientIdentifier.objects.select_related("patient").order_by("retired", OWN_FIRST, "pk")
    found: Identifiers = defaultdict(list)
    for item in rows.filter(patient__in=people) | rows.filter(patient__merged_into__in=people):
        found[item.patient.merged_into_id or item.patient_id].append(item)
    return found


def _entry(
    step: ScheduledProcedureStep, node: Node, patient: Patient, identifiers: list[PatientIdentifier]
) -> WorklistEntry:
    requested = step.requested_procedure
    order, procedure = requested.order, requested.procedure
    own = _own(identifiers, order.site.patient_id_issuer)
    return WorklistEntry(
        steps=(_step(step, node),),
        patient_name=patient.person_name,
        patient_id=own.value if own else "",
        patient_id_issuer=own.issuer if own else "",
        other_patient_ids=tuple(OtherPatientId(item.value, item.issuer) for item in identifiers if item is not own),
        birth_date=_dicom_date(patient.birth_date),
        sex=patient.sex,
        confidentiality="CONFIDENTIAL" if patient.confidential else "",
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
        institution=order.site.name,
    )


def _step(step: ScheduledProcedureStep, node: Node) -> StepEntry:
    requested = step.requested_procedure
    local = step.start.astimezone(node.site.zone) if step.start else None
    return StepEntry(
        station_ae_titles=(node.ae_title,),
        start_date=f"{local:%Y%m%d}" if local else "",
        start_time=f"{local:%H%M%S}" if local else "",
        modality=step.modality,
        step_id=step.sps_id,
        description=step.description or requested.description,
        station_name=node.name[:16],
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
