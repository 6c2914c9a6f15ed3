"""What may be stored through the viewer: the rules on one object, and on all objects of one request.

Pure. `describe` runs in the sandbox on foreign bytes; `faults` judges what it found against the granted study.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from pydicom import Dataset, config
from pydicom import dcmread as read_part10  # noqa: TID251  runs in the sandbox

from ris.core.identifiers import is_uid
from ris.dicom.sandbox.errors import Refusal
from viewer.dicom_meta import file_meta
from viewer.dicom_scan import ITEMS_MAX, shape

SOP = "1.2.840.10008.5.1.4.1.1."
# PS3.4 annex B.5: structured reports (evidence), key object selection, presentation states, segmentations
STORABLE: dict[str, str] = {
    f"{SOP}88.11": "Basic Text SR",
    f"{SOP}88.22": "Enhanced SR",
    f"{SOP}88.33": "Comprehensive SR",
    f"{SOP}88.34": "Comprehensive 3D SR",
    f"{SOP}88.35": "Extensible SR",
    f"{SOP}88.59": "Key Object Selection",
    f"{SOP}66.4": "Segmentation",
    f"{SOP}66.7": "Label Map Segmentation",
    f"{SOP}11.1": "Grayscale Softcopy Presentation State",
    f"{SOP}11.2": "Color Softcopy Presentation State",
    f"{SOP}11.3": "Pseudo-Color Softcopy Presentation State",
    f"{SOP}11.4": "Blending Softcopy Presentation State",
}
# Why an object was not stored (PS3.18 annex I.2.2, PS3.4 §B.2.3, PS3.7 annex C)
FAILED, DUPLICATE, NOT_TAKEN, NOT_NOW, UNREADABLE = 0x0110, 0x0111, 0x0122, 0xA700, 0xC000
SR_BYTES_MAX = 10 * 1024 * 1024
SEGMENTATIONS = frozenset({f"{SOP}66.4", f"{SOP}66.7"})
ONLY = "Only structured reports, segmentations, key objects and presentation states can be stored."
WANTED = (
    "SpecificCharacterSet",
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "PatientID",
    "AccessionNumber",
    "Modality",
    "SeriesDescription",
)
# What it was made of: of reports and selections, of presentation states and segmentations (PS3.3 C.17.2, C.11.11, C.12)
EVIDENCE = ("CurrentRequestedProcedureEvidenceSequence", "ReferencedSeriesSequence")
ITS_IMAGES = ("ReferencedSOPSequence", "ReferencedImageSequence", "ReferencedInstanceSequence")

config.settings.reading_validation_mode = config.IGNORE


@dataclass(frozen=True, slots=True)
class Described:
    """One object of a request as its own bytes describe it."""

    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str
    patient_id: str
    accession_number: str
    modality: str
    series_description: str
    transfer_syntax_uid: str
    preamble_clean: bool
    meta_agrees: bool
    size: int
    points_at: tuple[str, str] = ("", "")  # (series, image) of the first image that it speaks of

    @property
    def kind(self) -> str:
        return STORABLE.get(self.sop_class_uid, "")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a request is refused: its HTTP status, one sentence without PHI, and the code of DICOM."""

    status: int
    reason: str
    code: int = FAILED


def describe(part10: bytes) -> dict[str, object]:
    """The fields of `Described` of one Part 10 file, as JSON can carry them; Refusal when it is damaged or too deep."""
    if part10[128:132] != b"DICM":
        raise Refusal("It is not a DICOM file.")
    meta, end = file_meta(part10)
    syntax = meta.get(0x0010, "")
    if not is_uid(syntax):
        raise Refusal("It does not name its transfer syntax.")
    walked = shape(part10, end, syntax)
    found = read_part10(BytesIO(part10), force=False, specific_tags=[*WANTED, *EVIDENCE], stop_before_pixels=True)
    named = (meta.get(0x0002, ""), meta.get(0x0003, ""))
    if str(found.get("SOPClassUID", "")) not in SEGMENTATIONS and walked.items > ITEMS_MAX:
        raise Refusal(f"It has more than {ITEMS_MAX} sequence items.")
    text = {name: str(found.get(name) or "").rstrip(" \0") for name in WANTED}
    return {
        "sop_class_uid": text["SOPClassUID"],
        "sop_instance_uid": text["SOPInstanceUID"],
        "study_instance_uid": text["StudyInstanceUID"],
        "series_instance_uid": text["SeriesInstanceUID"],
        "patient_id": text["PatientID"],
        "accession_number": text["AccessionNumber"],
        "modality": text["Modality"],
        "series_description": text["SeriesDescription"][:64],
        "transfer_syntax_uid": syntax,
        "preamble_clean": not any(part10[:128]),
        "meta_agrees": named == (text["SOPClassUID"], text["SOPInstanceUID"]),
        "size": len(part10),
        "points_at": points_at(found),
    }


def points_at(found: Dataset) -> tuple[str, str]:
    """(series, image) of the first image that an object speaks of; empty when it names none, or not by UIDs."""
    outer = next((found[name].value[0] for name in EVIDENCE if found.get(name)), None)
    if outer is None:
        return ("", "")
    series = outer.ReferencedSeriesSequence[0] if outer.get("ReferencedSeriesSequence") else outer
    image = next((series[name].value[0] for name in ITS_IMAGES if series.get(name)), None)
    named = (str(series.get("SeriesInstanceUID", "")), str(image.get("ReferencedSOPInstanceUID", "")) if image else "")
    return named if all(is_uid(one) for one in named) else ("", "")


def named_study(objects: Sequence[Described]) -> str | Fault:
    """The one study that all objects name."""
    studies = {one.study_instance_uid for one in objects}
    if len(studies) != 1:
        return Fault(409, "All objects of one request must belong to one study.")
    study = studies.pop()
    return study if is_uid(study) else Fault(409, "An object does not name its study.")


def faults(objects: Sequence[Described], *, study_uid: str, patient_id: str) -> Fault | None:
    """The first reason why these objects may not enter the study, or None.

    `patient_id` is that of the archive's study: another one would split the study there and hide it from everybody.
    """
    if len({one.sop_instance_uid for one in objects}) != len(objects):
        return Fault(409, "Two objects of the request share one SOP Instance UID.", DUPLICATE)
    for one in objects:
        if one.study_instance_uid != study_uid:
            return Fault(409, "An object belongs to another study.")
        if not one.kind:
            return Fault(409, ONLY, NOT_TAKEN)
        reason = _fault_of(one, patient_id)
        if reason:
            return Fault(409, reason)
    return None


def _fault_of(one: Described, patient_id: str) -> str:
    if one.patient_id != patient_id:
        return "The patient ID is not that of the study at the archive."
    if not (is_uid(one.sop_instance_uid) and is_uid(one.series_instance_uid)):
        return "An object does not name itself or its series."
    if not one.preamble_clean:
        return "The preamble of the file is not empty."
    if not one.meta_agrees:
        return "The file meta information names another object."
    if one.size > SR_BYTES_MAX and one.sop_class_uid not in SEGMENTATIONS:
        return "An object of this kind must be smaller than 10 MB."
    return ""
