"""The attributes of the Modality Performed Procedure Step, as data (PS3.4 F.7.2.1, Table F.7.2-1).

`create` is the type in N-CREATE, `settable` whether N-SET may change it, `final` the type that must be reached when
the state becomes final. Type 2 attributes that a device leaves out are taken as unknown: an exam is not refused for
administrative data. What is not settable and still sent in an N-SET is left as it was created.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydicom.datadict import tag_for_keyword
from pydicom.tag import BaseTag, Tag

CITATION: Final = "PS3.4 Table F.7.2-1"


@dataclass(frozen=True, slots=True)
class Row:
    keyword: str
    create: str
    settable: bool
    final: str = ""
    items: tuple[Row, ...] = ()

    @property
    def tag(self) -> BaseTag:
        return Tag(tag_for_keyword(self.keyword) or 0)

    @property
    def json_tag(self) -> str:
        return f"{int(self.tag):08X}"


SCHEDULED_STEP: Final = (
    Row("StudyInstanceUID", "1", settable=False),
    Row("ReferencedStudySequence", "2", settable=False),
    Row("AccessionNumber", "2", settable=False),
    Row("RequestedProcedureID", "2", settable=False),
    Row("RequestedProcedureDescription", "2", settable=False),
    Row("ScheduledProcedureStepID", "2", settable=False),
    Row("ScheduledProcedureStepDescription", "2", settable=False),
    Row("ScheduledProtocolCodeSequence", "2", settable=False),
)

# ProtocolName is type 1 in the standard; devices leave it empty, and an exam must not stay open for that.
SERIES: Final = (
    Row("SeriesInstanceUID", "1", settable=True, final="1"),
    Row("ProtocolName", "1", settable=True),
    Row("PerformingPhysicianName", "2", settable=True),
    Row("OperatorsName", "2", settable=True),
    Row("SeriesDescription", "2", settable=True),
    Row("RetrieveAETitle", "2", settable=True),
    Row("ReferencedImageSequence", "2", settable=True),
    Row("ReferencedNonImageCompositeSOPInstanceSequence", "2", settable=True),
)

# "All other Attributes from Radiation Dose Module and Billing and Material Management Code Module", 3/3.
DOSE: Final = (
    "AnatomicStructureSpaceOrRegionSequence",
    "TotalTimeOfFluoroscopy",
    "TotalNumberOfExposures",
    "DistanceSourceToDetector",
    "DistanceSourceToEntrance",
    "EntranceDose",
    "EntranceDoseInmGy",
    "ExposedArea",
    "ImageAndFluoroscopyAreaDoseProduct",
    "CommentsOnRadiationDose",
    "ExposureDoseSequence",
)
BILLING: Final = ("BillingProcedureStepSequence", "FilmConsumptionSequence", "BillingSuppliesAndDevicesSequence")

ROWS: Final = (
    Row("ScheduledStepAttributesSequence", "1", settable=False, items=SCHEDULED_STEP),
    Row("PatientName", "2", settable=False),
    Row("PatientID", "2", settable=False),
    Row("IssuerOfPatientID", "3", settable=False),
    Row("PatientBirthDate", "2", settable=False),
    Row("PatientSex", "2", settable=False),
    Row("ReferencedPatientSequence", "2", settable=False),
    Row("PerformedProcedureStepID", "1", settable=False),
    Row("PerformedStationAETitle", "1", settable=False),
    Row("PerformedStationName", "2", settable=False),
    Row("PerformedLocation", "2", settable=False),
    Row("PerformedProcedureStepStartDate", "1", settable=False),
    Row("PerformedProcedureStepStartTime", "1", settable=False),
    Row("PerformedProcedureStepStatus", "1", settable=True),
    Row("PerformedProcedureStepDescription", "2", settable=True),
    Row("PerformedProcedureTypeDescription", "2", settable=True),
    Row("ProcedureCodeSequence", "2", settable=True),
    Row("CommentsOnThePerformedProcedureStep", "3", settable=True),
    Row("PerformedProcedureStepDiscontinuationReasonCodeSequence", "3", settable=True),
    Row("PerformedProcedureStepEndDate", "2", settable=True, final="1"),
    Row("PerformedProcedureStepEndTime", "2", settable=True, final="1"),
    Row("Modality", "1", settable=False),
    Row("StudyID", "2", settable=False),
    Row("PerformedProtocolCodeSequence", "2", settable=True),
    Row("PerformedSeriesSequence", "2", settable=True, final="1", items=SERIES),
    *(Row(keyword, "3", settable=True) for keyword in DOSE),
    *(Row(keyword, "3", settable=True) for keyword in BILLING),
)

BY_KEYWORD: Final = {row.keyword: row for row in ROWS}
NOT_SETTABLE: Final = frozenset(row.json_tag for row in ROWS if not row.settable)
