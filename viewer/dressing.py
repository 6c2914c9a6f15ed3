"""An object as it enters the study: called what the archive calls the patient and the exam now, and by whom measured.

Pure, and run in the sandbox. A viewer writes "unknown^unknown", RESEARCH and NOT FOR CLINICAL USE into what it makes,
and copies the names of the images that it loaded, which may have been corrected since. Until its report is signed, an
SR is preliminary (PS3.3 C.17.1, Preliminary Flag).
"""

from __future__ import annotations

import json
from base64 import b64encode
from io import BytesIO
from typing import Any

from pydicom import Dataset, FileDataset

from ris.dicom.datasets import KEY_OBJECTS, STRUCTURED_REPORTS
from ris.dicom.sandbox.content import read
from ris.dicom.sandbox.errors import Refusal
from viewer.finals.marks import preliminary

OBSERVER_NAME = "121008"
NOBODY = frozenset({"", "^", "unknown", "unknown^unknown"})
NOT_CLINICAL = "NOT FOR CLINICAL USE"
UTF8 = "ISO_IR 192"
# Patient and General Study as the archive has them; the UIDs and the patient ID were compared before.
IDENTITY = (
    "PatientName", "PatientBirthDate", "PatientSex", "IssuerOfPatientID", "AccessionNumber", "StudyID", "StudyDate",
    "StudyTime", "ReferringPhysicianName", "StudyDescription",
)  # fmt: skip


def dress(part10: bytes, identity: str, observer: str, is_person: bool) -> dict[str, str]:  # noqa: FBT001  JSON
    """The file in base64 under "part10".

    `identity` is DICOM JSON of an archived image, or "{}"; `observer` a PN. A person at the viewer measured themselves;
    what a program names is left, unless it names nobody.
    """
    found = read(part10)
    try:
        return _dressed(part10, found, identity, observer, is_person=is_person)
    except (AttributeError, KeyError, TypeError) as error:
        raise Refusal("A part of it has another type than DICOM gives it.") from error


def _dressed(part10: bytes, found: FileDataset, identity: str, observer: str, *, is_person: bool) -> dict[str, str]:
    before = found.to_json()
    _identify(found, json.loads(identity))
    _name_observer(found, observer, always=is_person)
    _name_creator(found, observer, always=is_person)
    _for_clinical_use(found)
    if str(found.get("SOPClassUID", "")).startswith(STRUCTURED_REPORTS) and found.SOPClassUID != KEY_OBJECTS:
        found.PreliminaryFlag = "PRELIMINARY"
        found.SeriesDescription = preliminary(str(found.get("SeriesDescription") or ""))
    if found.to_json() == before:
        return {"part10": b64encode(part10).decode("ascii")}
    out = BytesIO()
    found.save_as(out, enforce_file_format=True)
    return {"part10": b64encode(out.getvalue()).decode("ascii")}


def _identify(found: FileDataset, identity: dict[str, Any]) -> None:
    archived = Dataset.from_json(identity)
    if not archived:
        return
    if not archived.to_json().isascii() or "\\u" in archived.to_json():
        found.decode()
        found.SpecificCharacterSet = UTF8
    for keyword in IDENTITY:
        if keyword in archived:
            found[keyword] = archived[keyword]
        elif keyword in found:
            del found[keyword]


def _name_observer(found: FileDataset, observer: str, *, always: bool) -> None:
    """Every Person Observer Name (DCM 121008) of the content tree, which `read` found to be of bounded depth."""
    waiting = list(found.get("ContentSequence") or [])
    while waiting:
        item = waiting.pop()
        waiting += list(item.get("ContentSequence") or [])
        codes = [str(code.get("CodeValue", "")) for code in item.get("ConceptNameCodeSequence") or []]
        if OBSERVER_NAME in codes and (always or str(item.get("PersonName", "")).lower() in NOBODY):
            item.PersonName = observer


def _name_creator(found: FileDataset, observer: str, *, always: bool) -> None:
    """A presentation state has a creator where a report has an observer (PS3.3 C.10.9)."""
    if observer and "ContentCreatorName" in found and (always or str(found.ContentCreatorName).lower() in NOBODY):
        found.ContentCreatorName = observer


def _for_clinical_use(found: FileDataset) -> None:
    if found.get("ContentQualification") == "RESEARCH":
        found.ContentQualification = "PRODUCT"
    if NOT_CLINICAL in str(found.get("ImageComments", "")).upper():
        del found.ImageComments
