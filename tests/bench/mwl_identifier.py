"""The query of the worklist benches as bytes: a day, a modality, an AE title, fifteen return keys (orthanc.md §4)."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pynetdicom.dsutils import encode

RETURNED = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyInstanceUID",
    "RequestedProcedureID", "RequestedProcedureDescription", "ReferringPhysicianName", "SpecificCharacterSet",
)  # fmt: skip
STEP_KEYS = ("ScheduledProcedureStepID", "ScheduledProcedureStepStartTime", "ScheduledProcedureStepDescription")


def day_identifier(day: str, ae_title: str, modality: str = "CT") -> bytes:
    """The steps of `day` (YYYYMMDD) on the device `ae_title`, in Implicit VR Little Endian."""
    step = Dataset()
    step.ScheduledStationAETitle, step.Modality, step.ScheduledProcedureStepStartDate = ae_title, modality, day
    for keyword in STEP_KEYS:
        setattr(step, keyword, "")
    asked = Dataset()
    for keyword in RETURNED:
        setattr(asked, keyword, "")
    asked.ScheduledProcedureStepSequence = [step]
    encoded = encode(asked, is_implicit_vr=True, is_little_endian=True)
    assert encoded is not None
    return encoded
