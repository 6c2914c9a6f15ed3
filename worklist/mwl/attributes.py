"""The attributes of the Modality Worklist Information Model, as data.

Source: PS3.4 K.6.1.2.2, Table K.6-1. `matching` is the key type (required, optional), `returned` the return key
type (1, 1C, 2, 2C, 3). The table drives the parsing of a query, the matching, the building of an answer and the
conformance statement; nothing else in the code names which keys we support. A row without a source is of the standard
and not supported by us: it selects nothing, does not come back, and turns the pending status into 0xFF01. Rows that the
table only covers by "all other attributes" and that we hold say so in `citation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.tag import BaseTag, Tag

CITATION: Final = "PS3.4 Table K.6-1"


class Matching(StrEnum):
    """Matching key type of PS3.4 K.2.2.1.1."""

    REQUIRED = "R"
    OPTIONAL = "O"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One row: what it is called, how it matches, how it returns, and which field of an entry holds it."""

    keyword: str
    matching: Matching
    returned: str
    source: str
    items: tuple[Attribute, ...] = ()
    identifies: bool = False
    citation: str = CITATION

    @property
    def supported(self) -> bool:
        """Whether we hold it, match by it and return it."""
        return bool(self.source)

    @property
    def tag(self) -> BaseTag:
        return Tag(tag_for_keyword(self.keyword) or 0)

    @property
    def vr(self) -> str:
        return dictionary_VR(self.tag)


def _row(keyword: str, key: str, source: str, *items: Attribute) -> Attribute:
    """`key` is written as in the standard's two columns, such as "R 1" or "O 2C"."""
    matching, returned = key.split()
    return Attribute(keyword, Matching(matching), returned, source, items)


def _identifier(keyword: str, key: str, source: str) -> Attribute:
    """A row whose value names a person, an order or a study: it is sent whole or not at all."""
    matching, returned = key.split()
    return Attribute(keyword, Matching(matching), returned, source, identifies=True)


def _other(keyword: str, source: str, *items: Attribute) -> Attribute:
    """One of "all other attributes of the module", optional and of type 3, that we hold."""
    return Attribute(keyword, Matching.OPTIONAL, "3", source, items, citation=f"{CITATION}, other attributes")


def _unsupported(keyword: str, key: str) -> Attribute:
    """A row of the standard for which the RIS holds nothing."""
    return _row(keyword, key, "")


CODE: Final = (
    _row("CodeValue", "O 1", "value"),
    _row("CodingSchemeDesignator", "O 1", "scheme"),
    _row("CodingSchemeVersion", "O 3", "version"),
    _row("CodeMeaning", "O 3", "meaning"),
)

# The side of a paired body part, under Scheduled Protocol Code Sequence
CONTEXT: Final = _row(
    "ProtocolContextSequence",
    "O 3",
    "context",
    _row("ValueType", "O 1", "kind"),
    _row("ConceptNameCodeSequence", "O 1", "names", *CODE),
    _row("ConceptCodeSequence", "O 1C", "codes", *CODE),
    _unsupported("DateTime", "O 1C"),
    _unsupported("PersonName", "O 1C"),
    _unsupported("TextValue", "O 1C"),
    _unsupported("NumericValue", "O 1C"),
    _unsupported("MeasurementUnitsCodeSequence", "O 1C"),
)

REFERENCE: Final = (
    _row("ReferencedSOPClassUID", "O 1", "class_uid"),
    _row("ReferencedSOPInstanceUID", "O 1", "instance_uid"),
)

# HL7v2 Hierarchic Designator (PS3.3 Table 10-17)
ISSUER: Final = (
    _row("LocalNamespaceEntityID", "O 1C", "local"),
    _row("UniversalEntityID", "O 1C", "universal"),
    _row("UniversalEntityIDType", "O 1C", "universal_type"),
)

SCHEDULED_STEP: Final = (
    _row("ScheduledStationAETitle", "R 1", "station_ae_titles"),
    _row("ScheduledProcedureStepStartDate", "R 1", "start_date"),
    _row("ScheduledProcedureStepStartTime", "R 1", "start_time"),
    _row("Modality", "R 1", "modality"),
    _row("ScheduledPerformingPhysicianName", "R 2", "performing_physician"),
    _row("ScheduledProcedureStepDescription", "O 1C", "description"),
    _row("ScheduledStationName", "O 2", "station_name"),
    _row("ScheduledProcedureStepLocation", "O 2", "location"),
    _row("ScheduledProtocolCodeSequence", "O 1C", "protocol_codes", *CODE, CONTEXT),
    _row("PreMedication", "O 2C", "pre_medication"),
    _identifier("ScheduledProcedureStepID", "O 1", "step_id"),
    _row("RequestedContrastAgent", "O 2C", "contrast_agent"),
    _row("ScheduledProcedureStepStatus", "O 3", "status"),
    _other("CommentsOnTheScheduledProcedureStep", "comments"),
    _unsupported("ReferencedDefinedProtocolSequence", "O 3"),
    _unsupported("ReferencedPerformedProtocolSequence", "O 3"),
)

STEP_SEQUENCE: Final = _row("ScheduledProcedureStepSequence", "R 1", "steps", *SCHEDULED_STEP)

SPECIMEN: Final = (_unsupported("ScheduledSpecimenSequence", "O 3"),)

REQUESTED_PROCEDURE: Final = (
    _identifier("RequestedProcedureID", "O 1", "requested_procedure_id"),
    _row("RequestedProcedureDescription", "O 1C", "procedure_description"),
    _row("RequestedProcedureCodeSequence", "O 1C", "procedure_codes", *CODE),
    _identifier("StudyInstanceUID", "O 1", "study_instance_uid"),
    _unsupported("StudyDate", "O 3"),
    _unsupported("StudyTime", "O 3"),
    _other("StudyDescription", "procedure_description"),
    _row("ReferencedStudySequence", "O 2", "referenced_studies", *REFERENCE),
    _row("RequestedProcedurePriority", "O 2", "priority"),
    _row("PatientTransportArrangements", "O 2", "transport"),
    _other("ReasonForTheRequestedProcedure", "reason"),
    _other("RequestedProcedureComments", "procedure_comments"),
)

SERVICE_REQUEST: Final = (
    _identifier("AccessionNumber", "O 2", "accession_number"),
    _row("IssuerOfAccessionNumberSequence", "O 3", "accession_issuers", *ISSUER),
    _row("RequestingPhysician", "O 2", "requesting_physician"),
    _row("ReferringPhysicianName", "O 2", "referring_physician"),
    _other("RequestingService", "requesting_service"),
    _other("PlacerOrderNumberImagingServiceRequest", "placer_number"),
    _other("FillerOrderNumberImagingServiceRequest", "filler_number"),
)

VISIT: Final = (
    _identifier("AdmissionID", "O 2", "admission_id"),
    _row("CurrentPatientLocation", "O 2", "patient_location"),
    _row("ReferencedPatientSequence", "O 2", "referenced_patients", *REFERENCE),
    _row("IssuerOfAdmissionIDSequence", "O 3", "admission_issuers", *ISSUER),
    _other("InstitutionName", "institution"),
)

PATIENT: Final = (
    _row("PatientName", "R 1", "patient_name"),
    _identifier("PatientID", "R 1", "patient_id"),
    _row("IssuerOfPatientID", "O 3", "patient_id_issuer"),
    _unsupported("IssuerOfPatientIDQualifiersSequence", "O 3"),
    _row(
        "OtherPatientIDsSequence",
        "O 3",
        "other_patient_ids",
        _identifier("PatientID", "O 1", "value"),
        _row("IssuerOfPatientID", "O 1", "issuer"),
        _row("TypeOfPatientID", "O 1", "kind"),
    ),
    _row("PatientBirthDate", "O 2", "birth_date"),
    _row("PatientSex", "O 2", "sex"),
    _unsupported("PatientPrimaryLanguageCodeSequence", "O 3"),
    _unsupported("PatientSize", "O 3"),
    _row("PatientWeight", "O 2", "weight"),
    _row("ConfidentialityConstraintOnPatientDataDescription", "O 2", "confidentiality"),
    _row("PatientState", "O 2", "patient_state"),
    _row("PregnancyStatus", "O 2", "pregnancy_status"),
    _row("MedicalAlerts", "O 2", "medical_alerts"),
    _row("Allergies", "O 2", "allergies"),
    _row("SpecialNeeds", "O 2", "special_needs"),
    _other("PatientComments", "patient_comments"),
)

ATTRIBUTES: Final = (STEP_SEQUENCE, *SPECIMEN, *REQUESTED_PROCEDURE, *SERVICE_REQUEST, *VISIT, *PATIENT)

# Of the dataset, not of the patient or the order: never keys (PS3.4 K.4.1.1.3.1).
NOT_KEYS: Final = frozenset({Tag("SpecificCharacterSet"), Tag("TimezoneOffsetFromUTC")})

BY_TAG: Final = {attribute.tag: attribute for attribute in ATTRIBUTES}
