"""The image archive: `get_archive()` answers the Archive protocol; see protocol.py for the contract."""

from ris.dicom.archive.configured import get_archive
from ris.dicom.archive.errors import ArchiveError, InvalidKey, NotInArchive, NotSupported
from ris.dicom.archive.protocol import (
    Archive,
    ArchiveStatus,
    Change,
    ChangePage,
    StoreResult,
    StudyQuery,
)
from ris.dicom.archive.verified import Described, describe, store_verified
from ris.dicom.datasets import InstanceRef, InstanceRow, SeriesRow, StudyRow

__all__ = [
    "Archive",
    "ArchiveError",
    "ArchiveStatus",
    "Change",
    "ChangePage",
    "Described",
    "InstanceRef",
    "InstanceRow",
    "InvalidKey",
    "NotInArchive",
    "NotSupported",
    "SeriesRow",
    "StoreResult",
    "StudyQuery",
    "StudyRow",
    "describe",
    "get_archive",
    "store_verified",
]
