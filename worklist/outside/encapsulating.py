"""An old report as an object of its study (PS3.3 A.45.1), with patient and study as its images have them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydicom.dataset import FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_file_meta_info
from pydicom.uid import UID, EncapsulatedPDFStorage, ExplicitVRLittleEndian

from ris.dicom.rewriting import Element, Syntax, head

# Copied from an image of the study: character set, study, patient.
COPIED: Final = {
    0x00080005: b"CS", 0x00080020: b"DA", 0x00080030: b"TM", 0x00080050: b"SH", 0x00080090: b"PN", 0x00081030: b"LO",
    0x00100010: b"PN", 0x00100020: b"LO", 0x00100021: b"LO", 0x00100030: b"DA", 0x00100040: b"CS",
    0x0020000D: b"UI", 0x00200010: b"SH",
}  # fmt: skip
EXPECTED: Final = frozenset({0x00080020, 0x00080030, 0x00080050, 0x00080090, 0x00200010})
LITTLE: Final = Syntax()
PREAMBLE: Final = b"\0" * 128 + b"DICM"


def encapsulate(pdf: Path, image: Path, target: Path, *, series_uid: str, sop_uid: str) -> None:
    """Write the object; equal arguments give equal bytes. The PDF's bytes are as they came."""
    document = pdf.read_bytes()
    found = head(image, COPIED)
    elements = {tag: Element(tag, vr, found.values[tag]) for tag, vr in COPIED.items() if tag in found.values}
    elements |= {tag: Element(tag, COPIED[tag], b"") for tag in EXPECTED - elements.keys()}
    for one in _document(document, series_uid, sop_uid):
        elements[one.tag] = one
    body = b"".join(elements[tag].encoded(LITTLE) for tag in sorted(elements))
    target.write_bytes(PREAMBLE + _meta(sop_uid) + body)


def _document(document: bytes, series_uid: str, sop_uid: str) -> list[Element]:
    length = len(document).to_bytes(4, "little")
    return [
        Element(0x00080016, b"UI", EncapsulatedPDFStorage.encode()),
        Element(0x00080018, b"UI", sop_uid.encode()),
        Element(0x00080023, b"DA", b""),
        Element(0x00080033, b"TM", b""),
        Element(0x0008002A, b"DT", b""),
        Element(0x00080060, b"CS", b"DOC"),
        Element(0x00080064, b"CS", b"WSD"),
        Element(0x00080070, b"LO", b""),
        Element(0x0008103E, b"LO", b"Outside report"),
        Element(0x0020000E, b"UI", series_uid.encode()),
        Element(0x00200011, b"IS", b"9001"),
        Element(0x00200013, b"IS", b"1"),
        Element(0x00280301, b"CS", b"YES"),
        Element(0x0040A043, b"SQ", b""),
        Element(0x00420010, b"ST", b"Outside report"),
        Element(0x00420011, b"OB", document),
        Element(0x00420012, b"LO", b"application/pdf"),
        Element(0x00420015, b"UL", length),
    ]


def _meta(sop_uid: str) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = EncapsulatedPDFStorage
    meta.MediaStorageSOPInstanceUID = UID(sop_uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    out = DicomBytesIO()
    write_file_meta_info(out, meta, enforce_standard=True)
    return out.getvalue()
