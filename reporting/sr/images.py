"""How large a pixel of a referenced image is, from its metadata (PS3.3 §10.7 and §C.8.5.5)."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydicom import config, dcmread  # noqa: TID251 - this pure module runs in the sandbox's child
from pydicom.errors import InvalidDicomError

from reporting.sr.dicomjson import Attributes
from reporting.sr.errors import MALFORMED, SrRefused

Spacing = tuple[float, float]
Calibration = Literal["patient", "image", "detector", "ultrasound-region"]

MOST = 2**31
COARSEST = 10_000.0  # millimetres a pixel
MAGNIFIED = (0.1, 100.0)  # beyond these, not an estimated radiographic magnification
LEAST_HALF = 0.5
SAME = 1e-3  # a spacing written with other digits is the same spacing; calibrations differ by more
PROJECTIONS = frozenset(  # PS3.4 annex B.5: CR, DX, mammography, intra-oral, XA, RF
    f"1.2.840.10008.5.1.4.1.1.{kind}"
    for kind in ("1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1", "12.1", "12.1.1", "12.2", "12.2.1", "12.3")
)
CENTIMETRES = 3  # Physical Units X/Y Direction, PS3.3 §C.8.5.5.1.15
HEADER_TAGS = (
    "SOPClassUID",
    "SOPInstanceUID",
    "SeriesInstanceUID",
    "SeriesNumber",
    "InstanceNumber",
    "NumberOfFrames",
    "BodyPartExamined",
    "FrameOfReferenceUID",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "SliceThickness",
    "Rows",
    "Columns",
    "PixelSpacing",
    "ImagerPixelSpacing",
    "PixelSpacingCalibrationType",
    "EstimatedRadiographicMagnificationFactor",
    "SequenceOfUltrasoundRegions",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
)


@dataclass(frozen=True, slots=True)
class UltrasoundRegion:
    """A calibrated rectangle of an ultrasound image: corners in pixels, deltas in `units` per pixel."""

    min_x: float
    min_y: float
    max_x: float
    max_y: float
    delta_x: float
    delta_y: float
    units_x: int
    units_y: int

    def holds(self, points: Iterable[tuple[float, ...]]) -> bool:
        return all(self.min_x <= x <= self.max_x and self.min_y <= y <= self.max_y for x, y, *_ in points)

    @property
    def spacing(self) -> Spacing | None:
        """(row, column) in mm; None when the axes are not both lengths (Doppler, M-mode)."""
        if (self.units_x, self.units_y) != (CENTIMETRES, CENTIMETRES):
            return None
        return _positive((abs(self.delta_y) * 10, abs(self.delta_x) * 10))


@dataclass(frozen=True, slots=True)
class Plane:
    """Where a slice lies: a point of it and its normal, in mm of the frame of reference; `half` its thickness."""

    frame_of_reference_uid: str
    origin: tuple[float, float, float]
    normal: tuple[float, float, float]
    half: float

    def distance(self, point: tuple[float, ...]) -> float:
        """How far a point lies from it, in mm."""
        return abs(sum((at - start) * part for at, start, part in zip(point, self.origin, self.normal, strict=True)))


@dataclass(frozen=True, slots=True)
class ImageGeometry:
    """One image instance. Spacings are (between rows, between columns) in mm: the first goes with y."""

    sop_instance_uid: str
    rows: int = 0
    columns: int = 0
    pixel_spacing: Spacing | None = None
    imager_pixel_spacing: Spacing | None = None
    magnification: float | None = None
    calibrated: bool = False
    us_regions: tuple[UltrasoundRegion, ...] = ()
    sop_class: str = ""
    series_instance_uid: str = ""
    series_number: int | None = None
    image_number: int | None = None
    frames: int = 1
    body_part: str = ""
    plane: Plane | None = None

    @classmethod
    def from_json(cls, metadata: Mapping[str, Any]) -> Self:
        """From one dataset of a WADO-RS metadata answer (DICOM JSON, PS3.18 annex F); absent things stay None."""
        image = Attributes(metadata)
        return cls(
            sop_instance_uid=image.text("00080018"),
            rows=image.integer("00280010"),
            columns=image.integer("00280011"),
            pixel_spacing=_spacing(image, "00280030") or _functional_spacing(image),
            imager_pixel_spacing=_spacing(image, "00181164"),
            magnification=image.number("00181114"),
            calibrated=bool(image.text("00280A02")),
            us_regions=tuple(_region(region) for region in image.items("00186011")),
            sop_class=image.text("00080016"),
            series_instance_uid=image.text("0020000E"),
            series_number=_counted(image, "00200011"),
            image_number=_counted(image, "00200013"),
            frames=_counted(image, "00280008") or 1,
            body_part=image.text("00180015").upper(),
            plane=_plane(image),
        )

    @classmethod
    def from_part10(cls, part10: bytes) -> Self:
        """From an image file; its pixels are not read. Raises SrRefused when it is no DICOM file."""
        return cls.from_json(header_json(part10))

    def spacing_at(self, points: Iterable[tuple[float, ...]]) -> tuple[Spacing, Calibration] | None:
        """The pixel size that holds for all these points, and where it comes from; None when there is none.

        The order is the viewers': an ultrasound region around all points, then Pixel Spacing, then Imager Pixel
        Spacing divided by the estimated magnification. In a spectrum or an M-mode trace no two points have a distance.
        """
        placed = list(points)
        regions = [region for region in self.us_regions if region.holds(placed)]
        if regions:
            spacing = next((region.spacing for region in regions if region.spacing), None)
            return (spacing, "ultrasound-region") if spacing else None
        if self.pixel_spacing:
            return self.pixel_spacing, "detector" if self._is_at_detector(self.pixel_spacing) else "image"
        if self.imager_pixel_spacing:
            return self._projected(self.imager_pixel_spacing)
        return None

    def _is_at_detector(self, spacing: Spacing) -> bool:
        """Pixel Spacing that repeats the detector's, or that a projection gives alone, is none of the patient's.

        PS3.3 §10.7.1.3: it is calibrated where the object says so, or where it differs from Imager Pixel Spacing.
        """
        if self.calibrated:
            return False
        if self.imager_pixel_spacing is None:
            return self.sop_class in PROJECTIONS
        pairs = zip(spacing, self.imager_pixel_spacing, strict=True)
        return all(math.isclose(one, other, rel_tol=SAME) for one, other in pairs)

    def _projected(self, imager: Spacing) -> tuple[Spacing, Calibration]:
        if self.magnification is None or not MAGNIFIED[0] < self.magnification < MAGNIFIED[1]:
            return imager, "detector"
        return (imager[0] / self.magnification, imager[1] / self.magnification), "image"


def header_json(part10: bytes) -> dict[str, Any]:
    """What `from_json` needs of an image file, as DICOM JSON. Raises SrRefused when it is no DICOM file."""
    try:
        with warnings.catch_warnings(), config.disable_value_validation():
            warnings.simplefilter("ignore")
            header = dcmread(io.BytesIO(part10), stop_before_pixels=True, specific_tags=list(HEADER_TAGS))
            return header.to_json_dict(suppress_invalid_tags=True)
    except (*MALFORMED, InvalidDicomError) as error:
        raise SrRefused("The image cannot be read as DICOM.") from error


def _positive(spacing: Iterable[float]) -> Spacing | None:
    row, column = spacing
    return (row, column) if all(0 < part < COARSEST for part in (row, column)) else None


def _spacing(attributes: Attributes, tag: str) -> Spacing | None:
    values = attributes.numbers(tag)
    return _positive(values) if len(values) == 2 else None


def _counted(image: Attributes, tag: str) -> int | None:
    number = image.number(tag)
    return int(number) if number is not None and abs(number) < MOST else None


def _plane(image: Attributes) -> Plane | None:
    """Of a single slice (PS3.3 §C.7.6.2); None without position, orientation or frame of reference."""
    origin, axes = image.numbers("00200032"), image.numbers("00200037")
    frame = image.text("00200052")
    if len(origin) != 3 or len(axes) != 6 or not frame:
        return None
    row, column = axes[:3], axes[3:]
    normal = (
        row[1] * column[2] - row[2] * column[1],
        row[2] * column[0] - row[0] * column[2],
        row[0] * column[1] - row[1] * column[0],
    )
    size = math.hypot(*normal)
    if not 0.9 < size < 1.1:
        return None
    half = max(image.number("00180050", 1.0) / 2, LEAST_HALF)
    return Plane(frame, (origin[0], origin[1], origin[2]), (normal[0], normal[1], normal[2]), half)


def _functional_spacing(image: Attributes) -> Spacing | None:
    """Pixel Measures of an enhanced multi-frame image; None when its frames differ (PS3.3 §C.7.6.16.2.1)."""
    groups = [*image.items("52009229"), *image.items("52009230")]
    found = {_spacing(measures, "00280030") for group in groups for measures in group.items("00289110")}
    return found.pop() if len(found) == 1 else None


def _region(region: Attributes) -> UltrasoundRegion:
    return UltrasoundRegion(
        min_x=region.number("00186018", 0.0),
        min_y=region.number("0018601A", 0.0),
        max_x=region.number("0018601C", 0.0),
        max_y=region.number("0018601E", 0.0),
        delta_x=region.number("0018602C", 0.0),
        delta_y=region.number("0018602E", 0.0),
        units_x=region.integer("00186024"),
        units_y=region.integer("00186026"),
    )
