"""Images of no person to measure on, one for each way in which a viewer may learn how large a pixel is."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from pydicom import Dataset, FileDataset, dcmread
from pydicom.sequence import Sequence
from pydicom.uid import UID

from tests.ris.dicom.objects import new_uid
from tests.viewer.objects import Place, image, part10

US, CR = "1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.1"
CENTIMETRES = 3
Made = tuple[Dataset, bytes]


def _blank(modality: str, sop_class: str) -> FileDataset:
    found = dcmread(BytesIO(image(Place(new_uid(), "P-1"), new_uid(), new_uid())))
    found.Modality, found.SOPClassUID = modality, sop_class
    found.file_meta.MediaStorageSOPClassUID = UID(sop_class)
    for keyword in ("PixelSpacing", "SliceThickness", "ImagePositionPatient", "ImageOrientationPatient",
                    "FrameOfReferenceUID", "RescaleIntercept", "RescaleSlope", "RescaleType"):  # fmt: skip
        delattr(found, keyword)
    return found


def ct() -> Made:
    """Square pixels of 2 mm."""
    return _ct(2, 2)


def oblong() -> Made:
    """Pixels 2 mm high and 3 mm wide: whoever exchanges rows and columns shows."""
    return _ct(2, 3)


def _ct(row: float, column: float) -> Made:
    found = dcmread(BytesIO(image(Place(new_uid(), "P-1"), new_uid(), new_uid())))
    found.PixelSpacing = [row, column]
    return found, part10(found)


def ultrasound() -> Made:
    """One region in centimetres, 0.05 cm a pixel, and no Pixel Spacing."""
    found = _blank("US", US)
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 0, 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 63, 63
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = CENTIMETRES
    region.PhysicalDeltaX = region.PhysicalDeltaY = 0.05
    found.SequenceOfUltrasoundRegions = Sequence([region])
    return found, part10(found)


def uncalibrated() -> Made:
    """A scan of a film: nobody knows how large a pixel is."""
    found = _blank("CR", CR)
    return found, part10(found)


def projection() -> Made:
    """Imager Pixel Spacing only: what is measured lies in the detector's plane."""
    found = _blank("CR", CR)
    found.ImagerPixelSpacing = [0.5, 0.5]
    return found, part10(found)


def magnified() -> Made:
    """The device says by how much its image is larger than the patient: 1.25 times."""
    found = _blank("CR", CR)
    found.ImagerPixelSpacing = [0.5, 0.5]
    found.EstimatedRadiographicMagnificationFactor = 1.25
    return found, part10(found)


def fiducial() -> Made:
    """Calibrated by an object of known size beside the patient."""
    found = _blank("CR", CR)
    found.ImagerPixelSpacing, found.PixelSpacing = [0.5, 0.5], [0.4, 0.4]
    found.PixelSpacingCalibrationType = "FIDUCIAL"
    return found, part10(found)


IMAGES: dict[str, Callable[[], Made]] = {
    "ct": ct,
    "oblong": oblong,
    "ultrasound": ultrasound,
    "uncalibrated": uncalibrated,
    "projection": projection,
    "magnified": magnified,
    "fiducial": fiducial,
    "user": ct,  # and somebody says in the viewer that all is half as large: test_writing_with_ohif.py
}
