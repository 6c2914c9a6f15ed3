"""Synthetic DICOM objects: small, anonymous, each with UIDs of its own unless told otherwise."""

from __future__ import annotations

import itertools
import os
import time
from io import BytesIO
from typing import Any

from pydicom import Dataset, FileDataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, EncapsulatedPDFStorage, ExplicitVRLittleEndian

_counter = itertools.count(1)
_run = f"2.25.{time.time_ns()}{os.getpid()}"

PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF"  # odd length: padding must show
assert len(PDF) % 2 == 1


def new_uid() -> str:
    return f"{_run}{next(_counter):06d}"


def new_accession() -> str:
    return f"T{time.time_ns() % 10**9:09d}{next(_counter):05d}"


def file_of(dataset: Dataset) -> bytes:
    """A Part 10 file of the dataset, Explicit VR Little Endian."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = FileDataset("", dataset, file_meta=meta, preamble=b"\0" * 128)
    out = BytesIO()
    file.save_as(out, enforce_file_format=True)
    return out.getvalue()


def common(**attributes: Any) -> Dataset:
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName = "TEST^PERSON"
    dataset.PatientID = "T-1"
    dataset.PatientBirthDate = "19700102"
    dataset.PatientSex = "O"
    dataset.StudyDate, dataset.StudyTime = "20260102", "101112"
    dataset.StudyID = "S1"
    dataset.StudyDescription = "CT test"
    dataset.AccessionNumber = new_accession()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID = new_uid(), new_uid(), new_uid()
    dataset.SeriesNumber, dataset.InstanceNumber = 1, 1
    dataset.ReferringPhysicianName = "REFERRER^ANY"
    for name, value in attributes.items():
        setattr(dataset, name, value)
    return dataset


def ct(**attributes: Any) -> Dataset:
    """A CT image of 8 by 8 pixels."""
    dataset = common(SOPClassUID=CTImageStorage, Modality="CT", SeriesDescription="axial")
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 8, 8, 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.PixelData = bytes(range(128))
    for name, value in attributes.items():
        setattr(dataset, name, value)
    return dataset


def pdf(document: bytes = PDF, **attributes: Any) -> Dataset:
    """An Encapsulated PDF; the value is padded to even length, its true length goes beside it (PS3.3 A.45.1)."""
    dataset = common(SOPClassUID=EncapsulatedPDFStorage, Modality="DOC")
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocument = document + b"\0" * (len(document) % 2)
    dataset.EncapsulatedDocumentLength = len(document)
    for name, value in attributes.items():
        setattr(dataset, name, value)
    return dataset
