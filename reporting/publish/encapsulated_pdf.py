"""A signed report as a DICOM Encapsulated PDF (PS3.3 A.45.1), and the PDF back out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import chain
from typing import Any

from pydicom import dcmread  # noqa: TID251  for our own objects, read back
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import EncapsulatedPDFStorage

from reporting.publish.origin import copied, settle_charset, zone_of
from reporting.publish.part10 import part10

MANUFACTURER = "Isocenter RIS"
SERIES_DESCRIPTION = "Radiology report"
SERIES_NUMBER = 9000  # behind the images of any device
CONCEPT = ("18748-4", "LN", "Diagnostic imaging study")
MIME_TYPE = "application/pdf"


class NotAnEncapsulatedPdf(ValueError):
    """These bytes are not a DICOM Encapsulated PDF."""


@dataclass(frozen=True)
class Predecessor:
    """The object of the version before; in the same series, the same study, where those UIDs are empty."""

    sop_instance_uid: str
    series_instance_uid: str = ""
    sop_class_uid: str = EncapsulatedPDFStorage
    study_instance_uid: str = ""


@dataclass(frozen=True)
class Identity:
    """Which object this is; `version_number` becomes the Instance Number."""

    sop_instance_uid: str
    series_instance_uid: str
    version_number: int
    predecessor: Predecessor | None = None


@dataclass(frozen=True)
class Description:
    """What the object says about itself; `created_at` is aware.

    `created_at` is written in the zone that the source names (0008,0201), else as it stands: give site time.
    `accession_numbers` with their requested procedure IDs are the ones that the report answers.
    """

    title: str
    created_at: datetime
    verified: bool
    accession_numbers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.created_at.utcoffset() is None:
            raise ValueError("the instant of creation needs its time zone")


def build(pdf: bytes, *, source: Mapping[str, Any] | Dataset, identity: Identity, description: Description) -> bytes:
    """Part 10 bytes, Explicit VR Little Endian; equal arguments give equal bytes.

    `source` is DICOM JSON (PS3.18 F) or a dataset of one instance of the study as the archive has it: its patient
    and study attributes are copied as they are, with their character set. Raises SourceIncomplete when it names
    no study or no patient.
    """
    dataset = copied(source)
    _add_series(dataset, identity)
    _add_document(dataset, identity, description)
    _add_pdf(dataset, pdf)
    settle_charset(dataset, [description.title, *chain.from_iterable(description.accession_numbers)])
    return part10(dataset)


def extract_pdf(part10: bytes) -> bytes:
    """The PDF of an Encapsulated PDF object, without its padding; raises NotAnEncapsulatedPdf."""
    try:
        dataset = dcmread(BytesIO(part10))
    except (InvalidDicomError, EOFError) as reason:
        raise NotAnEncapsulatedPdf("This is not a whole DICOM file.") from reason
    if dataset.get("SOPClassUID") != EncapsulatedPDFStorage or "EncapsulatedDocument" not in dataset:
        raise NotAnEncapsulatedPdf("This DICOM object is not an Encapsulated PDF.")
    document = bytes(dataset.EncapsulatedDocument)
    length = dataset.get("EncapsulatedDocumentLength")
    return document.removesuffix(b"\0") if length is None else document[: int(length)]


def _add_series(dataset: Dataset, identity: Identity) -> None:
    """Encapsulated Document Series, General Equipment and SC Equipment modules (PS3.3 C.24.1, C.7.5.1, C.8.6.1)."""
    dataset.Modality = "DOC"
    dataset.SeriesInstanceUID = identity.series_instance_uid
    dataset.SeriesNumber = SERIES_NUMBER
    dataset.SeriesDescription = SERIES_DESCRIPTION
    dataset.Manufacturer = MANUFACTURER
    dataset.ConversionType = "WSD"


def _add_document(dataset: Dataset, identity: Identity, description: Description) -> None:
    """Encapsulated Document and SOP Common modules (PS3.3 C.24.2, C.12.1)."""
    created = description.created_at.astimezone(zone_of(dataset) or description.created_at.tzinfo)
    dataset.SOPClassUID = EncapsulatedPDFStorage
    dataset.SOPInstanceUID = identity.sop_instance_uid
    dataset.InstanceNumber = identity.version_number
    dataset.ContentDate = dataset.InstanceCreationDate = f"{created:%Y%m%d}"
    dataset.ContentTime = dataset.InstanceCreationTime = f"{created:%H%M%S}"
    dataset.AcquisitionDateTime = ""
    dataset.BurnedInAnnotation = "YES"
    dataset.DocumentTitle = description.title
    dataset.ConceptNameCodeSequence = [_code(*CONCEPT)]
    dataset.VerificationFlag = "VERIFIED" if description.verified else "UNVERIFIED"
    if identity.predecessor is not None:
        dataset.PredecessorDocumentsSequence = [_reference(dataset, identity.predecessor)]
    if description.accession_numbers:
        dataset.RequestAttributesSequence = [_request(*one) for one in description.accession_numbers]


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def _reference(dataset: Dataset, predecessor: Predecessor) -> Dataset:
    """Hierarchical SOP Instance Reference Macro (PS3.3 Table C.17-3)."""
    instance, series, study = Dataset(), Dataset(), Dataset()
    instance.ReferencedSOPClassUID = predecessor.sop_class_uid
    instance.ReferencedSOPInstanceUID = predecessor.sop_instance_uid
    series.SeriesInstanceUID = predecessor.series_instance_uid or dataset.SeriesInstanceUID
    series.ReferencedSOPSequence = [instance]
    study.StudyInstanceUID = predecessor.study_instance_uid or dataset.StudyInstanceUID
    study.ReferencedSeriesSequence = [series]
    return study


def _request(accession_number: str, requested_procedure_id: str) -> Dataset:
    """Request Attributes Macro (PS3.3 Table 10-9), as far as a report knows it."""
    item = Dataset()
    item.AccessionNumber, item.RequestedProcedureID = accession_number, requested_procedure_id
    return item


def _add_pdf(dataset: Dataset, pdf: bytes) -> None:
    """OB values have even length: one 00H behind an odd one, the true length beside it (PS3.3 C.24.2)."""
    dataset.MIMETypeOfEncapsulatedDocument = MIME_TYPE
    dataset.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    dataset.EncapsulatedDocumentLength = len(pdf)
