"""Which scheduled steps a device means by the references of its N-CREATE (PS3.3 C.4.13, IHE RAD-6).

What a device sends is matched again: a step counts only at the device's own site and only when the patient of the
message is the patient of the order. Everything else is unscheduled, for a person to reconcile.
"""

from __future__ import annotations

from dataclasses import dataclass

from ris.dicom.models import Node
from ris.orders.models import Order
from ris.patients.models import Patient, PatientIdentifier
from ris.scheduling.actions import hold_exams
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep, StepQuerySet
from worklist.mpps.messages import ProcedureStarted, ScheduledReference

NOTHING_NAMED = "no accession number, step or study of ours"
OTHER_PATIENT = "the message names another patient"
CANCELLED = "the step was cancelled"


@dataclass(frozen=True, slots=True)
class Meant:
    """The steps, in order of their id; and, when there are none, why."""

    steps: tuple[ScheduledProcedureStep, ...]
    doubt: str = ""


def steps_meant_by(message: ProcedureStarted, node: Node) -> Meant:
    """Find and hold the steps and what they hang on. Inside the caller's transaction."""
    orders = {step.requested_procedure.order_id for one in message.references for step in _named(one, node)}
    hold_exams(Order.objects.filter(pk__in=orders))
    found = {step.pk: step for reference in message.references for step in _named(reference, node)}
    if not found:
        return Meant((), NOTHING_NAMED)
    ours = [step for step in found.values() if _same_patient(message, step)]
    if not ours:
        return Meant((), OTHER_PATIENT)
    alive = tuple(step for step in ours if STEP.within(step, "live") or STEP.within(step, "over"))
    return Meant(alive, "" if alive else CANCELLED)


def _named(reference: ScheduledReference, node: Node) -> StepQuerySet:
    """Every identifier that the reference gives must fit; a step id alone, or an accession number, is enough."""
    rows = ScheduledProcedureStep.objects.filter(site_id=node.site_id)
    rows = rows.select_related("requested_procedure__order__patient").order_by("pk")
    if not (reference.step_id or reference.accession_number):
        return rows.filter(requested_procedure__study_instance_uid=reference.study_instance_uid)
    if reference.step_id:
        rows = rows.filter(sps_id=reference.step_id)
    if reference.accession_number:
        rows = rows.filter(requested_procedure__accession_number=reference.accession_number)
    return rows


def _same_patient(message: ProcedureStarted, step: ScheduledProcedureStep) -> bool:
    """By any identifier of the patient's family; without one, only by the study UID that our worklist gave out."""
    if not message.patient_id:
        ours = step.requested_procedure.study_instance_uid
        return any(reference.study_instance_uid == ours for reference in message.references)
    family = Patient.objects.family(step.requested_procedure.order.patient)
    return PatientIdentifier.objects.filter(patient__in=family, value=message.patient_id).exists()
