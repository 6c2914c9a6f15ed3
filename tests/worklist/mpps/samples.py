"""Synthetic MPPS messages."""

from __future__ import annotations

from typing import Any

from pydicom.dataset import Dataset

from ris.scheduling.models import ScheduledProcedureStep

UID = "2.25.4001"


def created(*steps: ScheduledProcedureStep, **changes: Any) -> Dataset:
    """An N-CREATE for these steps, as a well-behaved device builds it from its worklist; None removes a key."""
    message = Dataset()
    message.SpecificCharacterSet = "ISO_IR 192"
    message.ScheduledStepAttributesSequence = [_reference(step) for step in steps] or [unscheduled_item()]
    patient = steps[0].requested_procedure.order.patient if steps else None
    message.PatientName = patient.person_name if patient else "Nobody^Known"
    own = patient.identifier_at(steps[0].site) if patient else None
    message.PatientID = own.value if own else "X-1"
    message.PatientBirthDate = ""
    message.PatientSex = ""
    message.PerformedProcedureStepID = "PPS1"
    message.PerformedStationAETitle = "CT1"
    message.PerformedProcedureStepStartDate = "20270312"
    message.PerformedProcedureStepStartTime = "103012.5"
    message.PerformedProcedureStepEndDate = ""
    message.PerformedProcedureStepEndTime = ""
    message.PerformedProcedureStepStatus = "IN PROGRESS"
    message.Modality = "CT"
    message.PerformedSeriesSequence = []
    return changed(message, **changes)


def completed(**changes: Any) -> Dataset:
    """An N-SET that ends the step."""
    message = Dataset()
    message.SpecificCharacterSet = "ISO_IR 192"
    message.PerformedProcedureStepStatus = "COMPLETED"
    message.PerformedProcedureStepEndDate = "20270312"
    message.PerformedProcedureStepEndTime = "104500"
    message.PerformedSeriesSequence = [series()]
    return changed(message, **changes)


def discontinued(code: str = "110513", **changes: Any) -> Dataset:
    """An N-SET that breaks it off, with a reason of CID 9300."""
    reason = Dataset()
    reason.CodeValue, reason.CodingSchemeDesignator, reason.CodeMeaning = code, "DCM", "reason"
    changes.setdefault("PerformedSeriesSequence", [])
    return completed(
        PerformedProcedureStepStatus="DISCONTINUED",
        PerformedProcedureStepDiscontinuationReasonCodeSequence=[reason],
        **changes,
    )


def series(uid: str = "2.25.5001") -> Dataset:
    item = Dataset()
    item.SeriesInstanceUID = uid
    item.ProtocolName = "Chest routine"
    item.SeriesDescription = "Lung 1.0"
    item.OperatorsName = "Tech^Tom"
    return item


def unscheduled_item(study_instance_uid: str = "2.25.9999") -> Dataset:
    item = Dataset()
    item.StudyInstanceUID = study_instance_uid
    item.AccessionNumber = ""
    item.RequestedProcedureID = ""
    item.ScheduledProcedureStepID = ""
    return item


def changed(message: Dataset, **changes: Any) -> Dataset:
    for keyword, value in changes.items():
        if value is None:
            delattr(message, keyword)
        else:
            setattr(message, keyword, value)
    return message


def _reference(step: ScheduledProcedureStep) -> Dataset:
    item = unscheduled_item(step.requested_procedure.study_instance_uid)
    item.AccessionNumber = step.requested_procedure.accession_number
    item.RequestedProcedureID = step.requested_procedure.requested_procedure_id
    item.ScheduledProcedureStepID = step.sps_id
    return item
