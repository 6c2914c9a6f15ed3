"""Ask the RIS for the device's worklist: Modality Worklist C-FIND (PS3.4 K.6.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID
from pynetdicom.association import Association

from ris.demo.modality.errors import RefusedError
from ris.demo.modality.wire import Peer, Wire, lost

MODALITY_WORKLIST_FIND = UID("1.2.840.10008.5.1.4.31")
PENDING = frozenset({0xFF00, 0xFF01})

RETURN_KEYS = (
    "AccessionNumber", "IssuerOfAccessionNumberSequence", "ReferringPhysicianName", "ReferencedStudySequence",
    "ReferencedPatientSequence", "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex",
    "PatientWeight", "MedicalAlerts", "Allergies", "PregnancyStatus", "PatientState",
    "StudyInstanceUID", "RequestingPhysician", "RequestedProcedureDescription", "RequestedProcedureCodeSequence",
    "AdmissionID", "CurrentPatientLocation", "RequestedProcedureID", "RequestedProcedurePriority",
    "PatientTransportArrangements", "ConfidentialityConstraintOnPatientDataDescription",
)  # fmt: skip
STEP_RETURN_KEYS = (
    "ScheduledProcedureStepStartTime", "ScheduledPerformingPhysicianName", "ScheduledProcedureStepDescription",
    "ScheduledProtocolCodeSequence", "ScheduledProcedureStepID", "ScheduledStationName",
    "ScheduledProcedureStepLocation", "PreMedication", "RequestedContrastAgent", "ScheduledProcedureStepStatus",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """What the device asks for; an empty value matches everything."""

    station: str
    day: str = ""
    modality: str = ""
    accession: str = ""

    def identifier(self) -> Dataset:
        """The C-FIND request identifier, return keys of Table K.6-1 included."""
        step = Dataset()
        for keyword in STEP_RETURN_KEYS:
            setattr(step, keyword, None)
        step.ScheduledStationAETitle = self.station
        step.ScheduledProcedureStepStartDate = self.day
        step.Modality = self.modality
        identifier = Dataset()
        identifier.SpecificCharacterSet = "ISO_IR 192"
        for keyword in RETURN_KEYS:
            setattr(identifier, keyword, None)
        identifier.AccessionNumber = self.accession
        identifier.ScheduledProcedureStepSequence = Sequence([step])
        return identifier


def ask(wire: Wire, peer: Peer, question: Question) -> list[Dataset]:
    """Every answer of the RIS. Raises UnreachableError, or RefusedError with the status of the response."""
    with wire.open(peer, [MODALITY_WORKLIST_FIND]) as association:
        return list(_answers(association, peer, question.identifier()))


def _answers(association: Association, peer: Peer, identifier: Dataset) -> Iterator[Dataset]:
    for status, answer in association.send_c_find(identifier, MODALITY_WORKLIST_FIND):
        if "Status" not in status:
            raise lost(peer)
        if status.Status in PENDING and answer is not None:
            yield answer
        elif status.Status != 0x0000:
            raise RefusedError(f"{peer} refuses the worklist query with status {status.Status:04X}H.")
