"""A kept schedule, asked as the server asks it, and what is written beside every action."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom.dsutils import encode

from ris.orders.models import SafetyAnswer
from ris.patients.models import Patient, PatientAlert
from ris.scheduling.models import ScheduledProcedureStep
from tests.worklist.mwl.samples import decoded, identifier
from worklist.mwl.finder import Result, search
from worklist.mwl.schedule import Schedule


def ask(schedule: Schedule, ae_title: str = "CT1", query: Dataset | None = None) -> list[Dataset]:
    """What a C-FIND that begins now is answered."""
    return [decoded(row) for row in result(schedule, ae_title, query).rows]


def result(schedule: Schedule, ae_title: str = "CT1", query: Dataset | None = None) -> Result:
    schedule.look()
    device = schedule.device(ae_title)
    assert device is not None
    asked = encode(query or identifier({}, PatientName="", PatientID=""), is_implicit_vr=True, is_little_endian=True)
    assert asked is not None
    return search(schedule, device, asked, ImplicitVRLittleEndian)


def step_ids(answers: list[Dataset]) -> list[str]:
    return [answer.ScheduledProcedureStepSequence[0].ScheduledProcedureStepID for answer in answers]


def names(answers: list[Dataset]) -> list[str]:
    return [str(answer.PatientName) for answer in answers]


def patient_of(step: ScheduledProcedureStep) -> Patient:
    return step.requested_procedure.order.patient


def alert(patient: Patient, kind: str, text: str) -> PatientAlert:
    return PatientAlert.objects.create(patient=patient, kind=kind, text=text, noted_on=date(2026, 1, 2))


def answer(step: ScheduledProcedureStep, effect: str, *, kind: str = "egfr", value: str = "28") -> SafetyAnswer:
    order = step.requested_procedure.order
    return SafetyAnswer.objects.create(
        order=order, patient=order.patient, kind=kind, value=value, effect=effect, source="laboratory",
        measured_on=date(2026, 1, 2), answered_at=timezone.now(), answered_by_name="Clerk",
    )  # fmt: skip
