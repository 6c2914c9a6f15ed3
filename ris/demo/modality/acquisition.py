"""What one performed step stamps on each of its images: the modules every composite IOD shares (PS3.3 C.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

from ris.demo.modality.item import WorklistItem
from ris.demo.modality.uids import derived_uid

MODALITY_PERFORMED_PROCEDURE_STEP = UID("1.2.840.10008.3.1.2.3.3")
MANUFACTURER = "Isocenter"
LONG_STRING = 64

# Type 2 in the image: present, empty when the worklist has nothing.
ALWAYS_COPIED = (
    "AccessionNumber", "ReferringPhysicianName", "PatientName", "PatientID", "PatientBirthDate", "PatientSex",
)  # fmt: skip
COPIED_WHEN_KNOWN = (
    "SpecificCharacterSet", "IssuerOfAccessionNumberSequence", "ReferencedStudySequence",
    "ReferencedPatientSequence", "IssuerOfPatientID", "PatientSize", "PatientWeight", "MedicalAlerts", "Allergies",
    "PregnancyStatus", "PatientState", "AdmissionID",
)  # fmt: skip
REQUEST_FROM_ANSWER = (
    "AccessionNumber", "IssuerOfAccessionNumberSequence", "ReferencedStudySequence", "StudyInstanceUID",
    "RequestedProcedureDescription", "RequestedProcedureCodeSequence", "RequestedProcedureID",
)  # fmt: skip
REQUEST_FROM_STEP = (
    "ScheduledProcedureStepDescription", "ScheduledProtocolCodeSequence", "ScheduledProcedureStepID",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Acquisition:
    """One performed step: whose it is, which device does it, since when (`started` is aware)."""

    item: WorklistItem
    station: str
    started: datetime

    @property
    def pps_uid(self) -> str:
        """SOP Instance UID of the MPPS; another attempt at the same step is another performed step."""
        return derived_uid(self.item.study_instance_uid, "PPS", self.item.sps_id, self.started.isoformat())

    @property
    def pps_id(self) -> str:
        return f"PPS{self.pps_uid[-12:]}"

    @property
    def day(self) -> str:
        return self.started.strftime("%Y%m%d")

    @property
    def time(self) -> str:
        return self.started.strftime("%H%M%S")


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """One series of a study kind; `number` is also what tells its UID from its sister's."""

    sop_class: str
    number: int
    description: str
    body_part: str

    def uid(self, acquisition: Acquisition) -> str:
        return series_uid(acquisition.item.study_instance_uid, acquisition.item.sps_id, self.number)


def series_uid(study_instance_uid: str, sps_id: str, series_number: int) -> str:
    """The series that a step makes; a study may hold several steps, so the step is part of it."""
    return derived_uid(study_instance_uid, sps_id, series_number)


def instance_uid(study_instance_uid: str, sps_id: str, series_number: int, instance_number: int) -> str:
    return derived_uid(study_instance_uid, sps_id, series_number, instance_number)


def frame_of_reference_uid(study_instance_uid: str, sps_id: str) -> str:
    return derived_uid(study_instance_uid, sps_id, "frame of reference")


def blank_image(acquisition: Acquisition, series: SeriesPlan, instance_number: int) -> Dataset:
    """A dataset with patient, study, series, equipment and SOP common; the study kind adds geometry and pixels."""
    image = Dataset()
    copy_known(acquisition.item.answer, image, COPIED_WHEN_KNOWN)
    copy_always(acquisition.item.answer, image, ALWAYS_COPIED)
    _study(image, acquisition)
    _series(image, acquisition, series)
    _equipment(image, acquisition)
    _instance(image, acquisition, series, instance_number)
    return image


def copy_known(source: Dataset, target: Dataset, keywords: tuple[str, ...]) -> None:
    """Copy the elements that have a value, unchanged (same VR, same character set)."""
    for keyword in keywords:
        if keyword in source and not source[keyword].is_empty:
            target[keyword] = source[keyword]


def copy_always(source: Dataset, target: Dataset, keywords: tuple[str, ...]) -> None:
    """Copy the elements, and write an empty one where the source has none (type 2)."""
    for keyword in keywords:
        if keyword in source:
            target[keyword] = source[keyword]
        else:
            setattr(target, keyword, None)


def request_attributes(item: WorklistItem) -> Dataset:
    """One item of Request Attributes Sequence (PS3.3 Table 10-9)."""
    request = Dataset()
    copy_known(item.answer, request, REQUEST_FROM_ANSWER)
    copy_known(item.step, request, REQUEST_FROM_STEP)
    return request


def _study(image: Dataset, acquisition: Acquisition) -> None:
    item = acquisition.item
    image.StudyInstanceUID = item.study_instance_uid
    image.StudyDate, image.StudyTime = acquisition.day, acquisition.time
    image.StudyID = item.answer.get("RequestedProcedureID") or None
    image.StudyDescription = item.procedure[:LONG_STRING]
    codes = item.answer.get("RequestedProcedureCodeSequence")
    if codes:
        image.ProcedureCodeSequence = codes
    age = _age(str(item.answer.get("PatientBirthDate") or ""), acquisition.started.date())
    if age:
        image.PatientAge = age


def _age(birth: str, today: date) -> str:
    """Age String of a DA birth date: `045Y`; empty when the birth date is unknown or partial."""
    if len(birth) != 8 or not birth.isdecimal():
        return ""
    years = today.year - int(birth[:4]) - ((today.month, today.day) < (int(birth[4:6]), int(birth[6:])))
    return f"{years:03d}Y" if 0 <= years < 1000 else ""


def _series(image: Dataset, acquisition: Acquisition, series: SeriesPlan) -> None:
    item = acquisition.item
    image.Modality = item.modality
    image.SeriesInstanceUID = series.uid(acquisition)
    image.SeriesNumber = series.number
    image.SeriesDescription = series.description
    image.SeriesDate, image.SeriesTime = acquisition.day, acquisition.time
    image.BodyPartExamined = series.body_part
    image.ProtocolName = (item.protocol or series.description)[:LONG_STRING]
    physician = item.step.get("ScheduledPerformingPhysicianName")
    if physician:
        image.PerformingPhysicianName = physician
    image.RequestAttributesSequence = Sequence([request_attributes(item)])
    _performed_step(image, acquisition)


def _performed_step(image: Dataset, acquisition: Acquisition) -> None:
    reference = Dataset()
    reference.ReferencedSOPClassUID = MODALITY_PERFORMED_PROCEDURE_STEP
    reference.ReferencedSOPInstanceUID = acquisition.pps_uid
    image.ReferencedPerformedProcedureStepSequence = Sequence([reference])
    image.PerformedProcedureStepID = acquisition.pps_id
    image.PerformedProcedureStepStartDate = acquisition.day
    image.PerformedProcedureStepStartTime = acquisition.time
    if acquisition.item.protocol:
        image.PerformedProcedureStepDescription = acquisition.item.protocol[:LONG_STRING]


def _equipment(image: Dataset, acquisition: Acquisition) -> None:
    image.Manufacturer = MANUFACTURER
    image.ManufacturerModelName = f"Simulated {acquisition.item.modality}"
    image.StationName = acquisition.station
    image.DeviceSerialNumber = acquisition.station
    image.SoftwareVersions = "1"


def _instance(image: Dataset, acquisition: Acquisition, series: SeriesPlan, number: int) -> None:
    item = acquisition.item
    image.SOPClassUID = series.sop_class
    image.SOPInstanceUID = instance_uid(item.study_instance_uid, item.sps_id, series.number, number)
    image.InstanceNumber = number
    image.AcquisitionNumber = 1
    for moment in ("Acquisition", "Content", "InstanceCreation"):
        setattr(image, f"{moment}Date", acquisition.day)
        setattr(image, f"{moment}Time", acquisition.time)
    image.TimezoneOffsetFromUTC = acquisition.started.strftime("%z")
    image.ImageComments = "Synthetic image, made by a simulated device"
    image.BurnedInAnnotation = "NO"
    image.LossyImageCompression = "00"
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
