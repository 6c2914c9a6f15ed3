"""Small DICOM objects for the viewer's tests, made here and synthetic."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from pydicom import Dataset, FileDataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

CT = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_SR = "1.2.840.10008.5.1.4.1.1.88.22"
PDF = "1.2.840.10008.5.1.4.1.1.104.1"
CLASSES = {
    "CT": CT,
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "MG": "1.2.840.10008.5.1.4.1.1.1.2",
    "US": "1.2.840.10008.5.1.4.1.1.3.1",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object belongs."""

    study: str
    patient_id: str
    accession: str = "ACC1"
    patient_name: str = "SYNTHETIC^Sam"


def blank(place: Place, sop_class: str, series: str, sop: str) -> FileDataset:
    """An object with identity and nothing else."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(sop_class)
    meta.MediaStorageSOPInstanceUID = UID(sop)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID("2.25.1")
    found = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    found.SpecificCharacterSet = "ISO_IR 192"
    found.SOPClassUID, found.SOPInstanceUID = sop_class, sop
    found.StudyInstanceUID, found.SeriesInstanceUID = place.study, series
    found.PatientID, found.PatientName = place.patient_id, place.patient_name
    found.PatientBirthDate, found.PatientSex = "19700101", "O"
    found.AccessionNumber, found.StudyID = place.accession, "1"
    found.StudyDate, found.StudyTime = "20261120", "101500"
    found.ReferringPhysicianName = ""
    return found


def part10(found: FileDataset) -> bytes:
    stream = BytesIO()
    found.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def structured_report(place: Place, series: str, sop: str, text: str = "seen") -> bytes:
    """A minimal Enhanced SR with one text item."""
    found = blank(place, ENHANCED_SR, series, sop)
    found.Modality, found.SeriesDescription, found.SeriesNumber = "SR", "Measurements", "3001"
    found.ValueType, found.ContinuityOfContent = "CONTAINER", "SEPARATE"
    item = Dataset()
    item.RelationshipType, item.ValueType, item.TextValue = "CONTAINS", "TEXT", text
    found.ContentSequence = Sequence([item])
    return part10(found)


def viewer_report(place: Place, series: str, sop: str, observer: str = "unknown^unknown") -> bytes:
    """An SR with the defaults that OHIF's library writes."""
    found = blank(place, ENHANCED_SR, series, sop)
    found.Modality, found.SeriesDescription, found.SeriesNumber = "SR", "Research Derived series", "3001"
    found.ContentQualification, found.ImageComments = "RESEARCH", "NOT FOR CLINICAL USE"
    found.ValueType, found.ContinuityOfContent = "CONTAINER", "SEPARATE"
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "121008", "DCM", "Person Observer Name"
    item = Dataset()
    item.RelationshipType, item.ValueType, item.PersonName = "HAS OBS CONTEXT", "PNAME", observer
    item.ConceptNameCodeSequence = Sequence([code])
    found.ContentSequence = Sequence([item])
    return part10(found)


def segmentation(place: Place, series: str, sop: str, slices: int, segments: int) -> bytes:
    """A Segmentation with the eight items of each frame that OHIF writes (PS3.3 A.51.3, C.7.6.16)."""
    found = blank(place, "1.2.840.10008.5.1.4.1.1.66.4", series, sop)
    found.Modality, found.SeriesDescription, found.ContentLabel = "SEG", "Segmentation", "SEGMENTATION"
    found.NumberOfFrames, found.Rows, found.Columns = slices * segments, 8, 8
    found.SamplesPerPixel, found.BitsAllocated, found.BitsStored, found.HighBit = 1, 1, 1, 0
    found.PhotometricInterpretation, found.PixelRepresentation, found.SegmentationType = "MONOCHROME2", 0, "BINARY"
    found.PerFrameFunctionalGroupsSequence = [
        _frame(at, segment) for segment in range(1, segments + 1) for at in range(1, slices + 1)
    ]
    found.PixelData = b"\1" * (slices * segments * 8)
    found["PixelData"].VR = "OB"
    return part10(found)


def _frame(at: int, segment: int) -> Dataset:
    source, derivation, frame = Dataset(), Dataset(), Dataset()
    source.ReferencedSOPClassUID, source.ReferencedSOPInstanceUID = CT, f"2.25.{at}"
    source.PurposeOfReferenceCodeSequence = [_with(CodeValue="121322", CodingSchemeDesignator="DCM")]
    derivation.SourceImageSequence = [source]
    derivation.DerivationCodeSequence = [_with(CodeValue="113076", CodingSchemeDesignator="DCM")]
    frame.DerivationImageSequence = [derivation]
    frame.FrameContentSequence = [_with(DimensionIndexValues=[segment, at])]
    frame.PlanePositionSequence = [_with(ImagePositionPatient=[0, 0, at])]
    frame.SegmentIdentificationSequence = [_with(ReferencedSegmentNumber=segment)]
    return frame


def _with(**values: object) -> Dataset:
    found = Dataset()
    for name, value in values.items():
        setattr(found, name, value)
    return found


def image(place: Place, series: str, sop: str, number: int = 1, size: int = 64) -> bytes:
    """One CT slice: a bright disc on a dark ground, spacing 1 mm."""
    found = blank(place, CT, series, sop)
    found.Modality, found.StudyDescription, found.SeriesDescription = "CT", "CT chest", "Axial"
    found.SeriesNumber, found.InstanceNumber = "1", str(number)
    found.FrameOfReferenceUID = place.study + ".9"
    found.ImageOrientationPatient, found.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, float(number)]
    found.PixelSpacing, found.SliceThickness = [1, 1], "1"
    found.Rows = found.Columns = size
    found.SamplesPerPixel, found.PhotometricInterpretation = 1, "MONOCHROME2"
    found.BitsAllocated, found.BitsStored, found.HighBit, found.PixelRepresentation = 16, 12, 11, 0
    found.RescaleIntercept, found.RescaleSlope, found.RescaleType = "-1024", "1", "HU"
    found.WindowCenter, found.WindowWidth = "40", "400"
    y, x = np.mgrid[:size, :size]
    disc = (x - size / 2) ** 2 + (y - size / 2) ** 2 < (size / 4) ** 2
    found.PixelData = np.where(disc, 1200, 900).astype("<u2").tobytes()
    return part10(found)


def picture(place: Place, series: str, sop: str, modality: str, number: int = 1, **named: str) -> bytes:
    """An image of another modality (MR, DX, MG, US …), as `image` draws it; `named` are further elements."""
    found = dcmread(BytesIO(image(place, series, sop, number)))
    found.file_meta.MediaStorageSOPClassUID = found.SOPClassUID = UID(CLASSES[modality])
    found.Modality, found.StudyDescription, found.SeriesDescription = modality, modality, f"{modality} {series[-3:]}"
    for keyword in ("RescaleIntercept", "RescaleSlope", "RescaleType"):
        delattr(found, keyword)
    found.WindowCenter, found.WindowWidth = "1000", "600"
    for keyword, value in named.items():
        setattr(found, keyword, value)
    return part10(found)


def encapsulated_pdf(place: Place, series: str, sop: str, document: bytes) -> bytes:
    """A document of odd or even length, padded as PS3.5 asks, its true length beside it."""
    found = blank(place, PDF, series, sop)
    found.Modality, found.SeriesDescription, found.SeriesNumber = "DOC", "Report", "9"
    found.MIMETypeOfEncapsulatedDocument, found.DocumentTitle = "application/pdf", "Report"
    found.EncapsulatedDocumentLength = len(document)
    found.EncapsulatedDocument = document + b"\0" * (len(document) % 2)
    return part10(found)


def nested(place: Place, series: str, sop: str, levels: int) -> bytes:
    """An SR whose content is nested by hand, since pydicom cannot write what it must not read."""
    plain = structured_report(place, series, sop)
    opened = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + struct.pack(
        "<HH2sHI", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF
    )
    item_end, sequence_end = struct.pack("<HHI", 0xFFFE, 0xE00D, 0), struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    first = struct.pack("<HH2sHI", 0x0040, 0xFA00, b"SQ", 0, 0xFFFFFFFF)
    return plain + first + opened * levels + sequence_end + (item_end + sequence_end) * levels


def multipart(*objects: bytes) -> tuple[str, bytes]:
    """Content-Type and body of a STOW request."""
    head = b"--EOF\r\nContent-Type: application/dicom\r\n\r\n"
    body = b"".join(head + one + b"\r\n" for one in objects) + b"--EOF--"
    return 'multipart/related; type="application/dicom"; boundary=EOF', body
