"""What a DICOMDIR names, and what PDF an object holds. Runs in the sandbox; pure."""

from __future__ import annotations

from ris.dicom.sandbox.content import read
from ris.dicom.sandbox.errors import Refusal


def referenced(part10: bytes) -> list[str]:
    """SOP Instance UIDs of its records (PS3.3 F.3)."""
    records = read(part10).get("DirectoryRecordSequence") or []
    found = [str(record.get("ReferencedSOPInstanceUIDInFile") or "") for record in records]
    return [uid for uid in found if uid]


def document(part10: bytes) -> str:
    """The PDF of an Encapsulated PDF in hex; Refusal when it is none."""
    dataset = read(part10)
    body = bytes(dataset.get("EncapsulatedDocument") or b"")
    if not body.startswith(b"%PDF-"):
        raise Refusal("It holds no PDF.")
    return body[: int(dataset.get("EncapsulatedDocumentLength") or len(body))].hex()
