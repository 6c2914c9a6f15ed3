"""Structured reports as OHIF 3 (cornerstone3D adapters, dcmjs) writes them, item for item, and images to refer to."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydicom import config, dcmwrite
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

STUDY, SERIES, IMAGE_SERIES = "2.25.1001", "2.25.1002", "2.25.1003"
IMAGE = "2.25.2001"
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_SR, COMPREHENSIVE_3D_SR = "1.2.840.10008.5.1.4.1.1.88.22", "1.2.840.10008.5.1.4.1.1.88.34"
BASIC_TEXT_SR = "1.2.840.10008.5.1.4.1.1.88.11"

MM = ("mm", "UCUM", "mm")
MM2 = ("mm2", "UCUM", "mm2")
DEGREES = ("deg", "UCUM", "°")
HOUNSFIELD = ("[hnsf'U]", "UCUM", "Hounsfield unit")
PIXELS = ("1", "UCUM", "px")
US_CENTIMETRES = ("[arb'U]{cm US Region}", "UCUM", "arbitrary cm US Region")
US_SQUARE_CENTIMETRES = ("[arb'U]{cm² US Region}", "UCUM", "arbitrary cm² US Region")

LENGTH = ("410668003", "SCT", "Length")
AREA = ("42798000", "SCT", "Area")
PERIMETER = ("131191004", "SCT", "Perimeter")
RADIUS = ("131190003", "SCT", "Radius")
LONG_AXIS = ("103339001", "SCT", "Long Axis")
SHORT_AXIS = ("103340004", "SCT", "Short Axis")
COBB_ANGLE = ("285285000", "SCT", "Cobb angle")
MEAN = ("373098007", "SCT", "Mean")
LABEL = ("111010", "DCM", "label")

Triple = tuple[str, str, str]


def concept(triple: Triple) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = triple
    if triple[1] == "UCUM":
        item.CodingSchemeVersion = "1.4"
    return item


def content(relationship: str, value_type: str, name: Triple | None = None, **attributes: Any) -> Dataset:
    item = Dataset()
    if relationship:
        item.RelationshipType = relationship
    item.ValueType = value_type
    if name:
        item.ConceptNameCodeSequence = [concept(name)]
    for keyword, value in attributes.items():
        setattr(item, keyword, value)
    return item


def image_item(relationship: str, image: str = IMAGE, frame: int | None = None) -> Dataset:
    referenced = Dataset()
    referenced.ReferencedSOPClassUID = CT_IMAGE
    referenced.ReferencedSOPInstanceUID = image
    if frame is not None:
        referenced.ReferencedFrameNumber = frame
    return content(relationship, "IMAGE", ReferencedSOPSequence=[referenced])


@dataclass(frozen=True)
class Drawn:
    """A shape: flat coordinates, 2D on `image` or 3D of a frame of reference."""

    type: str
    data: Sequence[float]
    in_patient: bool = False
    image: str = IMAGE
    frame: int | None = None

    def item(self) -> Dataset:
        kind = "SCOORD3D" if self.in_patient else "SCOORD"
        item = content("INFERRED FROM", kind, GraphicType=self.type, GraphicData=list(self.data))
        if self.in_patient:
            item.ReferencedFrameOfReferenceUID = "2.25.3001"
        else:
            item.ContentSequence = [image_item("SELECTED FROM", self.image, self.frame)]
        return item


@dataclass(frozen=True)
class Num:
    """A NUM content item. `value` None leaves the Measured Value Sequence out, as old arrows do."""

    name: Triple
    value: str | float | None
    unit: Triple | None = MM
    drawn: Drawn | None = None

    def item(self) -> Dataset:
        item = content("CONTAINS", "NUM", self.name)
        if self.value is not None:
            measured = Dataset()
            written = str(self.value)[:16] if isinstance(self.value, float) else self.value
            measured.add(DataElement("NumericValue", "LO", written))  # as LO, pydicom lets any text through
            if self.unit:
                measured.MeasurementUnitsCodeSequence = [concept(self.unit)]
            item.MeasuredValueSequence = [measured]
        if self.drawn:
            item.ContentSequence = [self.drawn.item()]
        return item


@dataclass(frozen=True)
class Annotation:
    """One Measurement Group, as one annotation of the viewer becomes."""

    tool: str
    nums: Sequence[Num]
    label: str = ""
    finding: Triple | None = None
    site: Triple | None = None
    prefix: str = "Cornerstone3DTools@^0.1.0"
    extra: Sequence[Dataset] = field(default_factory=tuple)

    def item(self, number: int) -> Dataset:
        inside = [
            content(
                "HAS OBS CONTEXT",
                "TEXT",
                ("112039", "DCM", "Tracking Identifier"),
                TextValue=f"{self.prefix}:{self.tool}",
            ),
            content(
                "HAS OBS CONTEXT",
                "UIDREF",
                ("112040", "DCM", "Tracking Unique Identifier"),
                UID=f"2.25.{5000 + number}",
            ),
        ]
        if self.finding:
            code = [concept(self.finding)]
            inside.append(content("CONTAINS", "CODE", ("121071", "DCM", "Finding"), ConceptCodeSequence=code))
        if self.site:
            code = [concept(self.site)]
            inside.append(content("CONTAINS", "CODE", ("363698007", "SCT", "Finding Site"), ConceptCodeSequence=code))
        inside += [num.item() for num in self.nums]
        if self.label:
            inside.append(content("CONTAINS", "TEXT", ("121106", "DCM", "Comment"), TextValue=self.label))
        inside += self.extra
        group = content("CONTAINS", "CONTAINER", ("125007", "DCM", "Measurement Group"), ContinuityOfContent="SEPARATE")
        group.ContentSequence = inside
        return group


def ohif_dataset(*annotations: Annotation, sop_class: str = ENHANCED_SR) -> Dataset:
    """The dataset that OHIF 3.13 sends by STOW."""
    dataset = document(sop_class, ("126000", "DCM", "Imaging Measurement Report"))
    template = Dataset()
    template.MappingResource, template.TemplateIdentifier = "DCMR", "1500"
    dataset.ContentTemplateSequence = [template]
    dataset.ContentSequence = [*_context(), _library(), _measurements(annotations)]
    return dataset


def document(sop_class: str, title: Triple) -> Dataset:
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = "2.25.4001"
    dataset.StudyDate, dataset.ContentDate, dataset.StudyTime, dataset.ContentTime = (
        "20260301",
        "20260302",
        "101500",
        "091530",
    )
    dataset.AccessionNumber = "ACC0001"
    dataset.Modality = "SR"
    dataset.Manufacturer = "Unspecified"
    dataset.SeriesDescription = "Größen"
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate, dataset.PatientSex = (
        "Muster^Erika",
        "P-1",
        "",
        "F",
    )
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = STUDY, SERIES
    dataset.StudyID, dataset.SeriesNumber, dataset.InstanceNumber = "", "3001", "1"
    dataset.ContentQualification = "RESEARCH"
    dataset.CurrentRequestedProcedureEvidenceSequence = [_evidence()]
    dataset.PerformedProcedureCodeSequence = []
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.ValueType, dataset.ContinuityOfContent = "CONTAINER", "SEPARATE"
    dataset.ConceptNameCodeSequence = [concept(title)]
    dataset.CompletionFlag, dataset.VerificationFlag = "COMPLETE", "UNVERIFIED"
    return dataset


def _evidence() -> Dataset:
    study, series = Dataset(), Dataset()
    series.SeriesInstanceUID = IMAGE_SERIES
    series.ReferencedSOPSequence = [image_item("CONTAINS").ReferencedSOPSequence[0]]
    study.StudyInstanceUID = STUDY
    study.ReferencedSeriesSequence = [series]
    return study


def _context() -> list[Dataset]:
    language = content("HAS CONCEPT MOD", "CODE", ("121049", "DCM", "Language of Content Item and Descendants"))
    language.ConceptCodeSequence = [concept(("en", "RFC5646", "English"))]
    country = content("HAS CONCEPT MOD", "CODE", ("121046", "DCM", "Country of Language"))
    country.ConceptCodeSequence = [concept(("US", "ISO3166_1", "United States"))]
    language.ContentSequence = [country]
    observer = content(
        "HAS OBS CONTEXT", "PNAME", ("121008", "DCM", "Person Observer Name"), PersonName="unknown^unknown"
    )
    procedure = content("HAS CONCEPT MOD", "CODE", ("121058", "DCM", "Procedure reported"))
    procedure.ConceptCodeSequence = [concept(("363679005", "SCT", "Imaging procedure"))]
    return [language, observer, procedure]


def _library() -> Dataset:
    library = content("CONTAINS", "CONTAINER", ("111028", "DCM", "Image Library"), ContinuityOfContent="SEPARATE")
    group = content("CONTAINS", "CONTAINER", ("126200", "DCM", "Image Library Group"), ContinuityOfContent="SEPARATE")
    group.ContentSequence = [image_item("CONTAINS")]
    library.ContentSequence = [group]
    return library


def _measurements(annotations: Sequence[Annotation]) -> Dataset:
    container = content(
        "CONTAINS", "CONTAINER", ("126010", "DCM", "Imaging Measurements"), ContinuityOfContent="SEPARATE"
    )
    container.ContentSequence = [annotation.item(number) for number, annotation in enumerate(annotations)]
    return container


def part10(dataset: Dataset, *, implicit: bool = True) -> bytes:
    """The file, with what the VR rules forbid left as it is: viewers do not ask either."""
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    dataset.file_meta.ImplementationClassUID = UID("2.25.9001")
    target = io.BytesIO()
    with config.disable_value_validation():
        dcmwrite(target, dataset, enforce_file_format=True)
    return target.getvalue()


def ohif_sr(*annotations: Annotation, sop_class: str = ENHANCED_SR, implicit: bool = True) -> bytes:
    return part10(ohif_dataset(*annotations, sop_class=sop_class), implicit=implicit)


def length(value: str | float | None, points: Sequence[float], unit: Triple | None = MM, **drawn: Any) -> Annotation:
    """The Length tool's annotation."""
    return Annotation("Length", [Num(LENGTH, value, unit, Drawn("POLYLINE", points, **drawn))])


def image_json(image: str = IMAGE, **attributes: Sequence[Any]) -> dict[str, Any]:
    """An image's metadata as WADO-RS gives it; attributes by tag, as `t00280030=[0.5, 0.5]`."""
    metadata: dict[str, Any] = {
        "00080016": {"vr": "UI", "Value": [CT_IMAGE]},
        "00080018": {"vr": "UI", "Value": [image]},
        "00280010": {"vr": "US", "Value": [512]},
        "00280011": {"vr": "US", "Value": [512]},
    }
    return metadata | {tag[1:]: {"Value": value} for tag, value in attributes.items()}


def spaced(row: float, column: float, image: str = IMAGE) -> dict[str, Any]:
    """An image whose pixels are `row` mm high and `column` mm wide."""
    return image_json(image, t00280030=[row, column])
