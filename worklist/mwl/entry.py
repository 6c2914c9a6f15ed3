"""What one line of a worklist says, in DICOM's own forms (DA, TM, PN, UI as text) and free of the database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept (PS3.3 Table 8.8-1): RequestedProcedureCodeSequence, ScheduledProtocolCodeSequence.

    `context` modifies a protocol (ProtocolContextSequence): the side of a paired body part.
    """

    value: str
    scheme: str
    meaning: str
    version: str = ""
    context: tuple[ContextItem, ...] = ()


@dataclass(frozen=True, slots=True)
class ContextItem:
    """One item of ProtocolContextSequence (0040,0440): a concept and its coded value, such as laterality: right."""

    names: tuple[Code, ...]
    codes: tuple[Code, ...]
    kind: str = "CODE"


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who assigned a number (PS3.3 Table 10-17, HL7v2 Hierarchic Designator)."""

    local: str
    universal: str = ""
    universal_type: str = ""


@dataclass(frozen=True, slots=True)
class OtherPatientId:
    value: str
    issuer: str
    kind: str = "TEXT"


@dataclass(frozen=True, slots=True)
class Reference:
    class_uid: str
    instance_uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEntry:
    """The one item of ScheduledProcedureStepSequence. Date and time are local to the device's site."""

    station_ae_titles: tuple[str, ...]
    start_date: str
    start_time: str
    modality: str
    step_id: str
    performing_physician: str = ""
    description: str = ""
    station_name: str = ""
    location: str = ""
    protocol_codes: tuple[Code, ...] = ()
    pre_medication: str = ""
    contrast_agent: str = ""
    status: str = ""
    comments: str = ""

    @property
    def moment(self) -> str:
        """Date and time as one sortable text, for combined range matching."""
        return self.start_date + self.start_time


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistEntry:
    """One worklist item: one scheduled step with its procedure, order, visit and patient."""

    steps: tuple[StepEntry, ...]
    patient_name: str
    patient_id: str
    requested_procedure_id: str
    study_instance_uid: str
    procedure_description: str
    patient_id_issuer: str = ""
    other_patient_ids: tuple[OtherPatientId, ...] = ()
    birth_date: str = ""
    sex: str = ""
    weight: str = ""
    confidentiality: str = ""
    patient_state: str = ""
    pregnancy_status: str = ""
    medical_alerts: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()
    special_needs: str = ""
    patient_comments: str = ""
    procedure_codes: tuple[Code, ...] = ()
    referenced_studies: tuple[Reference, ...] = ()
    priority: str = ""
    transport: str = ""
    reason: str = ""
    procedure_comments: str = ""
    accession_number: str = ""
    accession_issuers: tuple[Issuer, ...] = ()
    requesting_physician: str = ""
    referring_physician: str = ""
    requesting_service: str = ""
    placer_number: str = ""
    filler_number: str = ""
    admission_id: str = ""
    admission_issuers: tuple[Issuer, ...] = ()
    patient_location: str = ""
    referenced_patients: tuple[Reference, ...] = ()
    institution: str = ""
