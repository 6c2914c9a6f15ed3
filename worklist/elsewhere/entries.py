"""Every waiting step as a whole, for worklist servers that are not ours."""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_file_meta_info
from pydicom.uid import UID, ExplicitVRLittleEndian
from pynetdicom.sop_class import ModalityWorklistInformationFind

from worklist.mwl.encoding import Encoded
from worklist.mwl.entries import Offer
from worklist.mwl.query import Key, every_key
from worklist.mwl.style import IncompleteEntryError, Style

log = logging.getLogger(__name__)

PREAMBLE: Final = b"\0" * 128 + b"DICM"


@cache
def all_keys() -> tuple[Key, ...]:
    return every_key()


def datasets(offers: list[Offer], style: Style) -> Iterator[tuple[Offer, bytes]]:
    """Each with all that is known of it, Explicit VR Little Endian; one without a type 1 value is left out and told."""
    for offer in offers:
        try:
            yield offer, Encoded(offer.entry, style).answer(all_keys())
        except IncompleteEntryError as error:
            log.error("step %s is not on the worklist elsewhere: %s", offer.step_pk, error)
        except (ValueError, struct.error) as error:  # one that cannot be written must not hold up the others
            log.error("step %s is not on the worklist elsewhere: %s", offer.step_pk, type(error).__name__)


def as_file(offer: Offer, dataset: bytes) -> bytes:
    """PS3.10: what Orthanc's plugin and dcmtk's wlmscpfs read."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = ModalityWorklistInformationFind
    meta.MediaStorageSOPInstanceUID = UID(offer.entry.study_instance_uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header = DicomBytesIO()
    write_file_meta_info(header, meta, enforce_standard=True)
    return PREAMBLE + header.getvalue() + dataset


def decoded(dataset: bytes) -> Dataset:
    found = read_dataset(BytesIO(dataset), is_implicit_VR=False, is_little_endian=True)
    found.decode()
    return found
