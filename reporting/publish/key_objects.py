"""The key images of a signed report as a DICOM Key Object Selection (PS3.3 A.35.4, PS3.16 TID 2010)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from highdicom.sr import (
    CodeContentItem,
    CodedConcept,
    RelationshipTypeValues,
    TextContentItem,
)
from pydicom.dataset import Dataset
from pydicom.uid import KeyObjectSelectionDocumentStorage

from reporting.publish.encapsulated_pdf import MANUFACTURER
from reporting.publish.origin import copied, settle_charset, zone_of
from reporting.publish.part10 import part10

SERIES_NUMBER = 9001  # behind the reports
SERIES_DESCRIPTION = "Key images"
TITLE = ("113000", "DCM", "Of Interest")
REJECTED = ("113037", "DCM", "Rejected for Patient Safety Reasons")  # not to be shown at all (IHE RAD TF-3 4.66, IOCM)
DESCRIPTION = ("113012", "DCM", "Key Object Description")
OBSERVER_TYPE = ("121005", "DCM", "Observer Type")
PERSON = ("121006", "DCM", "Person")
OBSERVER_NAME = ("121008", "DCM", "Person Observer Name")


@dataclass(frozen=True)
class KeyObject:
    """One image pointed out; `frame` is 0 for the whole object, `study_instance_uid` "" for the selection's own."""

    series_instance_uid: str
    sop_class_uid: str
    sop_instance_uid: str
    frame: int = 0
    value_type: str = "IMAGE"
    study_instance_uid: str = ""


@dataclass(frozen=True)
class Selection:
    """Which object this is, who chose when, and in which words. `observer` is a DICOM PN; `created_at` is aware.

    `title` is of CID 7010 or 7011; `description` names the series.
    """

    sop_instance_uid: str
    series_instance_uid: str
    number: int
    created_at: datetime
    observer: str = ""
    words: str = ""
    title: tuple[str, str, str] = TITLE
    description: str = SERIES_DESCRIPTION


def build(objects: Sequence[KeyObject], *, source: Mapping[str, Any] | Dataset, selection: Selection) -> bytes:
    """Part 10 bytes, Explicit VR Little Endian; equal arguments give equal bytes.

    `source` is DICOM JSON or a dataset of one instance of the study, as the archive has it. Raises ValueError without
    an object, SourceIncomplete when the instance names no study or patient.
    """
    if not objects:
        raise ValueError("A selection of nothing is no object.")
    dataset = copied(source)
    _add_series(dataset, selection)
    _add_document(dataset, selection)
    dataset.CurrentRequestedProcedureEvidenceSequence = _evidence(dataset, objects)
    _add_content(dataset, objects, selection)
    settle_charset(dataset, [selection.observer, selection.words])
    return part10(dataset)


def _add_series(dataset: Dataset, selection: Selection) -> None:
    """Key Object Document Series and General Equipment modules (PS3.3 C.17.6.1, C.7.5.1)."""
    dataset.Modality = "KO"
    dataset.SeriesInstanceUID = selection.series_instance_uid
    dataset.SeriesNumber = SERIES_NUMBER
    dataset.SeriesDescription = selection.description
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.Manufacturer = MANUFACTURER


def _add_document(dataset: Dataset, selection: Selection) -> None:
    """Key Object Document and SOP Common modules (PS3.3 C.17.6.2, C.12.1)."""
    created = selection.created_at.astimezone(zone_of(dataset) or selection.created_at.tzinfo)
    dataset.SOPClassUID = KeyObjectSelectionDocumentStorage
    dataset.SOPInstanceUID = selection.sop_instance_uid
    dataset.InstanceNumber = selection.number
    dataset.ContentDate = dataset.InstanceCreationDate = f"{created:%Y%m%d}"
    dataset.ContentTime = dataset.InstanceCreationTime = f"{created:%H%M%S}"


def _evidence(dataset: Dataset, objects: Sequence[KeyObject]) -> list[Dataset]:
    """Every object once, by study and series (PS3.3 Table C.17-3); a case may have several studies."""
    own = dataset.StudyInstanceUID
    named = {(one.study_instance_uid or own, one.series_instance_uid, one.sop_class_uid, one.sop_instance_uid)
             for one in objects}  # fmt: skip
    found = []
    for study_uid, of_study in groupby(sorted(named), key=lambda one: one[0]):
        study = Dataset()
        study.StudyInstanceUID = study_uid
        study.ReferencedSeriesSequence = []
        for series_uid, instances in groupby(of_study, key=lambda one: one[1]):
            series = Dataset()
            series.SeriesInstanceUID = series_uid
            series.ReferencedSOPSequence = [_reference(sop_class, uid) for *_where, sop_class, uid in instances]
            study.ReferencedSeriesSequence.append(series)
        found.append(study)
    return found


def _reference(sop_class: str, uid: str, frame: int = 0) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, uid
    if frame:
        item.ReferencedFrameNumber = frame
    return item


def _add_content(dataset: Dataset, objects: Sequence[KeyObject], selection: Selection) -> None:
    """TID 2010: the title, who chose, in which words, and the images in the order in which they were chosen."""
    dataset.ValueType = "CONTAINER"
    dataset.ConceptNameCodeSequence = [CodedConcept(*selection.title)]
    dataset.ContinuityOfContent = "SEPARATE"
    template = Dataset()
    template.MappingResource, template.TemplateIdentifier = "DCMR", "2010"
    dataset.ContentTemplateSequence = [template]
    dataset.ContentSequence = [*_observer(selection), *_words(selection), *map(_image, objects)]


def _observer(selection: Selection) -> list[Dataset]:
    if not selection.observer:
        return []
    context = RelationshipTypeValues.HAS_OBS_CONTEXT
    kind = CodeContentItem(CodedConcept(*OBSERVER_TYPE), CodedConcept(*PERSON), context)
    name = Dataset()  # highdicom's own item refuses a name of one component, which people have
    name.RelationshipType, name.ValueType = context.value, "PNAME"
    name.ConceptNameCodeSequence = [CodedConcept(*OBSERVER_NAME)]
    name.PersonName = selection.observer
    return [kind, name]


def _words(selection: Selection) -> list[Dataset]:
    if not selection.words:
        return []
    return [TextContentItem(CodedConcept(*DESCRIPTION), selection.words, RelationshipTypeValues.CONTAINS)]


def _image(one: KeyObject) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", one.value_type
    item.ReferencedSOPSequence = [_reference(one.sop_class_uid, one.sop_instance_uid, one.frame)]
    return item
