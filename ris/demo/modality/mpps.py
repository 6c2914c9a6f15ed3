"""What the device tells about a performed step: MPPS attribute lists (PS3.4 Table F.7.2-1). No sockets here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pydicom import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from ris.demo.modality.acquisition import LONG_STRING, Acquisition, copy_always, copy_known

EQUIPMENT_FAILURE: Code = codes.cid9300.EquipmentFailure
UNSPECIFIED_REASON: Code = codes.cid9300.DiscontinuedForUnspecifiedReason

SCHEDULED_FROM_ANSWER = (
    "StudyInstanceUID", "ReferencedStudySequence", "AccessionNumber", "RequestedProcedureID",
    "RequestedProcedureDescription",
)  # fmt: skip
SCHEDULED_FROM_STEP = (
    "ScheduledProcedureStepID", "ScheduledProcedureStepDescription", "ScheduledProtocolCodeSequence",
)  # fmt: skip
PATIENT = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "ReferencedPatientSequence")
WHEN_KNOWN = ("SpecificCharacterSet", "IssuerOfPatientID", "AdmissionID")
EMPTY_AT_START = (
    "PerformedProcedureStepEndDate", "PerformedProcedureStepEndTime", "PerformedLocation",
    "PerformedProcedureTypeDescription", "PerformedProtocolCodeSequence", "PerformedSeriesSequence",
    "PerformedProcedureStepDiscontinuationReasonCodeSequence",
)  # fmt: skip


@dataclass(slots=True)
class Series:
    """One series as far as the archive has confirmed it."""

    uid: str
    description: str
    protocol: str
    images: list[tuple[str, str]] = field(default_factory=list)


class Record:
    """What was stored of one performed step, series by series in the order of acquisition."""

    def __init__(self) -> None:
        self._series: dict[str, Series] = {}

    def note(self, image: Dataset) -> None:
        """The archive has confirmed this image."""
        uid = str(image.SeriesInstanceUID)
        fresh = Series(uid, str(image.SeriesDescription), str(image.ProtocolName))
        series = self._series.setdefault(uid, fresh)
        series.images.append((str(image.SOPClassUID), str(image.SOPInstanceUID)))

    @property
    def series(self) -> tuple[Series, ...]:
        return tuple(self._series.values())

    @property
    def instances(self) -> int:
        return sum(len(series.images) for series in self._series.values())


def creation(acquisition: Acquisition) -> Dataset:
    """N-CREATE: IN PROGRESS, every type 1 and 2 attribute."""
    attributes = Dataset()
    copy_known(acquisition.item.answer, attributes, WHEN_KNOWN)
    copy_always(acquisition.item.answer, attributes, PATIENT)
    attributes.ScheduledStepAttributesSequence = Sequence([_scheduled_step(acquisition)])
    for keyword in EMPTY_AT_START:
        setattr(attributes, keyword, None)
    _performed_step(attributes, acquisition)
    return attributes


def _scheduled_step(acquisition: Acquisition) -> Dataset:
    scheduled = Dataset()
    answer, step = acquisition.item.answer, acquisition.item.step
    copy_always(answer, scheduled, SCHEDULED_FROM_ANSWER)
    copy_known(answer, scheduled, ("RequestedProcedureCodeSequence", "IssuerOfAccessionNumberSequence"))
    copy_always(step, scheduled, SCHEDULED_FROM_STEP)
    return scheduled


def _performed_step(attributes: Dataset, acquisition: Acquisition) -> None:
    item = acquisition.item
    attributes.PerformedProcedureStepID = acquisition.pps_id
    attributes.PerformedStationAETitle = acquisition.station
    attributes.PerformedStationName = acquisition.station
    attributes.PerformedProcedureStepStartDate = acquisition.day
    attributes.PerformedProcedureStepStartTime = acquisition.time
    attributes.PerformedProcedureStepStatus = "IN PROGRESS"
    attributes.PerformedProcedureStepDescription = item.protocol[:LONG_STRING] or None
    attributes.ProcedureCodeSequence = item.answer.get("RequestedProcedureCodeSequence") or Sequence()
    attributes.Modality = item.modality
    attributes.StudyID = item.answer.get("RequestedProcedureID") or None
    attributes.TimezoneOffsetFromUTC = acquisition.started.strftime("%z")


def completion(acquisition: Acquisition, record: Record, ended: datetime) -> Dataset:
    """N-SET: COMPLETED with every series and image that the archive has."""
    return _ending(acquisition, record, ended, "COMPLETED")


def discontinuation(acquisition: Acquisition, record: Record, ended: datetime, reason: Code) -> Dataset:
    """N-SET: DISCONTINUED with a reason of CID 9300 and what had been stored until then."""
    attributes = _ending(acquisition, record, ended, "DISCONTINUED")
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = reason.value, reason.scheme_designator
    code.CodeMeaning = reason.meaning
    attributes.PerformedProcedureStepDiscontinuationReasonCodeSequence = Sequence([code])
    return attributes


def _ending(acquisition: Acquisition, record: Record, ended: datetime, status: str) -> Dataset:
    answer, step = acquisition.item.answer, acquisition.item.step
    attributes = Dataset()
    copy_known(answer, attributes, ("SpecificCharacterSet",))
    attributes.PerformedProcedureStepStatus = status
    attributes.PerformedProcedureStepEndDate = ended.strftime("%Y%m%d")
    attributes.PerformedProcedureStepEndTime = ended.strftime("%H%M%S")
    attributes.PerformedProtocolCodeSequence = step.get("ScheduledProtocolCodeSequence") or Sequence()
    attributes.PerformedSeriesSequence = Sequence(_performed_series(acquisition, one) for one in record.series)
    return attributes


def _performed_series(acquisition: Acquisition, series: Series) -> Dataset:
    performed = Dataset()
    performed.PerformingPhysicianName = acquisition.item.step.get("ScheduledPerformingPhysicianName")
    performed.OperatorsName = None
    performed.ProtocolName = series.protocol
    performed.SeriesInstanceUID = series.uid
    performed.SeriesDescription = series.description
    performed.RetrieveAETitle = None
    performed.ReferencedImageSequence = Sequence(_reference(*image) for image in series.images)
    performed.ReferencedNonImageCompositeSOPInstanceSequence = Sequence()
    return performed


def _reference(sop_class: str, sop_instance: str) -> Dataset:
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = sop_class, sop_instance
    return reference
