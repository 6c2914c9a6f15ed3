"""What the sandbox does with DICOM files: identity, content hash, DICOM JSON. Runs in the child; pure.

Depth and size are capped before pydicom is asked to write or walk: its cost explodes beyond some 245 nested levels.
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import Any

from pydicom import Dataset, FileDataset, config
from pydicom import dcmread as read_part10  # noqa: TID251  this is the sandbox
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import EncapsulatedPDFStorage

from ris.dicom.sandbox.errors import Refusal

DEPTH_MAX = 64
ITEMS_MAX = 10_000
# Eight items for each slice of each segment: 600 slices with three are 14,400. What reading costs, the deadline bounds.
SEGMENTATION_ITEMS_MAX = 60_000
SEGMENTATIONS = frozenset({"1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"})
BULK_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
INLINE_MAX = 1024

config.settings.reading_validation_mode = config.IGNORE
config.settings.writing_validation_mode = config.IGNORE


def read(part10: bytes) -> FileDataset:
    """A dataset of bounded depth and width, or Refusal."""
    if part10[128:132] != b"DICM":
        raise Refusal("It is not a DICOM file.")
    dataset = read_part10(BytesIO(part10), force=False)
    _bounded(dataset)
    return dataset


def _bounded(dataset: Dataset) -> None:
    """Walk level by level, so that the walk itself cannot be driven into recursion."""
    level, seen = [dataset], 0
    most = SEGMENTATION_ITEMS_MAX if dataset.get("SOPClassUID") in SEGMENTATIONS else ITEMS_MAX
    for _depth in range(DEPTH_MAX + 1):
        level = [item for parent in level for element in parent if element.VR == "SQ" for item in element.value]
        seen += len(level)
        if seen > most:
            raise Refusal(f"It has more than {most} sequence items.")
        if not level:
            return
    raise Refusal(f"It is nested more than {DEPTH_MAX} levels deep.")


def describe(part10: bytes) -> dict[str, str]:
    """The identity of an object and the SHA-256 (hex) of its content; see `ris.dicom.archive.describe`."""
    dataset = read(part10)
    found = {
        "study_instance_uid": str(dataset.get("StudyInstanceUID", "")),
        "series_instance_uid": str(dataset.get("SeriesInstanceUID", "")),
        "sop_instance_uid": str(dataset.get("SOPInstanceUID", "")),
        "sop_class_uid": str(dataset.get("SOPClassUID", "")),
        "patient_id": str(dataset.get("PatientID", "")),
    }
    return found | {"digest": hashlib.sha256(_content(dataset)).hexdigest()}


def _content(dataset: FileDataset) -> bytes:
    if dataset.get("SOPClassUID") == EncapsulatedPDFStorage:
        document = bytes(dataset.EncapsulatedDocument)
        return document[: int(dataset.get("EncapsulatedDocumentLength") or len(document))]
    plain = DicomBytesIO()
    plain.is_little_endian = True
    plain.is_implicit_VR = False
    write_dataset(plain, Dataset(dataset))
    return plain.getvalue()


def as_json(part10: bytes) -> dict[str, Any]:
    """The whole dataset as DICOM JSON (PS3.18 annex F) without pixels and other bulk over 1 KiB."""
    dataset = read(part10)
    _without_bulk(dataset)
    return dataset.to_json_dict(suppress_invalid_tags=True)


def _without_bulk(dataset: Dataset) -> None:
    level: list[Dataset] = [dataset]
    while level:
        nested: list[Dataset] = []
        for holder in level:
            for element in list(holder):
                if element.VR == "SQ":
                    nested += element.value
                elif element.VR in BULK_VRS and len(element.value or b"") > INLINE_MAX:
                    del holder[element.tag]
        level = nested
