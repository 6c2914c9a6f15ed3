"""N-GET of a performed step (PS3.4 F.8): its attributes as its messages have said them, to devices of its own site."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.tag import Tag
from pydicom.uid import ImplicitVRLittleEndian

from ris.core.errors import NotFound
from ris.core.identifiers import is_uid
from ris.dicom.models import Node
from worklist.models import PerformedProcedureStep
from worklist.mpps.reading import MessageError
from worklist.mpps.statuses import INVALID_INSTANCE

CHARSET = "ISO_IR 192"


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The attributes that were asked for, as far as they are known; `missing` are the tags that are not."""

    dataset: Dataset
    missing: tuple[int, ...]

    def encoded(self, transfer_syntax: str) -> bytes:
        """In the transfer syntax that was negotiated (Implicit or Explicit VR Little Endian), in UTF-8."""
        written = DicomBytesIO()
        written.is_little_endian = True
        written.is_implicit_VR = transfer_syntax == ImplicitVRLittleEndian
        write_dataset(written, self.dataset)
        return written.getvalue()


def attributes_of(sop_instance_uid: str, wanted: Iterable[int], *, node: Node) -> Retrieved:
    """The step's attributes; all of them when none is named. Raises MessageError, NotFound for another site's step."""
    if not is_uid(sop_instance_uid):
        raise MessageError(INVALID_INSTANCE, "SOPInstanceUID")
    performed = PerformedProcedureStep.objects.filter(site_id=node.site_id, sop_instance_uid=sop_instance_uid).first()
    if performed is None:
        raise NotFound("No performed procedure step was created under this UID.")
    whole = Dataset.from_json({**performed.created_message, **performed.final_message})
    tags = [Tag(one) for one in wanted]
    picked = Dataset()
    for tag in tags or list(whole.keys()):
        if tag in whole:
            picked[tag] = whole[tag]
    picked.SpecificCharacterSet = CHARSET
    return Retrieved(picked, tuple(int(tag) for tag in tags if tag not in whole and tag != 0x00080005))
