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


@dataclass(frozen=True, slots=True)
class Tube:
    """How a device exposes: the same each time, as a phantom would get it. `area_dose_product` is in dGy·cm²."""

    kvp: int
    current_ua: int
    time_ms: int
    ctdi_vol_mgy: float = 0.0
    area_dose_product: float = 0.0
    entrance_dose_mgy: float = 0.0

    def exposure(self) -> Dataset:
        """An item of (0040,030E) Exposure Dose Sequence."""
        item = Dataset()
        item.RadiationMode = "CONTINUOUS"
        item.KVP, item.XRayTubeCurrentInuA, item.ExposureTime = self.kvp, self.current_ua, self.time_ms
        if self.ctdi_vol_mgy:
            item.CTDIvol = self.ctdi_vol_mgy
        return item


TUBES = {
    "CT": Tube(kvp=120, current_ua=180_000, time_ms=4200, ctdi_vol_mgy=6.8),
    "DX": Tube(kvp=110, current_ua=320_000, time_ms=8, area_dose_product=0.9, entrance_dose_mgy=0.11),
    "CR": Tube(kvp=110, current_ua=320_000, time_ms=8, area_dose_product=1.1, entrance_dose_mgy=0.14),
}
OPERATOR = "Simulated^Technologist"


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
    _radiate(attributes, acquisition.item.modality, record)
    return attributes


def _radiate(attributes: Dataset, modality: str, record: Record) -> None:
    """The Radiation Dose Module of a device that has a tube; what was not exposed has no dose."""
    if modality not in TUBES or not record.instances:
        return
    tube = TUBES[modality]
    exposures = len(record.series) if modality == "CT" else record.instances
    attributes.TotalNumberOfExposures = exposures
    if tube.area_dose_product:
        attributes.ImageAndFluoroscopyAreaDoseProduct = f"{tube.area_dose_product * exposures:g}"
        attributes.EntranceDoseInmGy = f"{tube.entrance_dose_mgy * exposures:g}"
        attributes.DistanceSourceToDetector = "1800"
    if tube.ctdi_vol_mgy:
        attributes.CommentsOnRadiationDose = f"CTDIvol {tube.ctdi_vol_mgy:g} mGy"
    attributes.ExposureDoseSequence = Sequence(tube.exposure() for _ in range(exposures))


def _performed_series(acquisition: Acquisition, series: Series) -> Dataset:
    performed = Dataset()
    performed.PerformingPhysicianName = acquisition.item.step.get("ScheduledPerformingPhysicianName")
    performed.OperatorsName = OPERATOR
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
