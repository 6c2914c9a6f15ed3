"""Ultrasound Multi-frame Image (PS3.3 A.7): a clip of the upper abdomen, calibrated in centimetres."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pydicom import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import UID

from ris.demo.modality.acquisition import Acquisition, SeriesPlan, blank_image
from ris.demo.modality.anatomy import abdomen_us
from ris.demo.modality.pixels import Lesion, put_pixels

SERIES = SeriesPlan(UID("1.2.840.10008.5.1.4.1.1.3.1"), 1, "Upper abdomen", "ABDOMEN")
FRAMES = 30
FRAME_MS = 33.3
TWO_DIMENSIONAL, TISSUE, CENTIMETRES = 1, 1, 3

US_LESION = Lesion(
    diameter_mm=abdomen_us.CYST_DIAMETER_MM,
    centre_pixel=abdomen_us.CYST_PIXEL,
    slice_index=0,
    pixel_spacing_mm=abdomen_us.MM_PER_PIXEL,
    series_number=SERIES.number,
)


def abdomen_clip(acquisition: Acquisition, frames: int | None) -> Iterator[Dataset]:
    """One image of so many frames."""
    count = frames or FRAMES
    image = blank_image(acquisition, SERIES, 1)
    image.ImageType = ["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"]
    image.PatientOrientation = None
    _cine(image, count)
    image.UltrasoundColorDataPresent = 0
    image.SequenceOfUltrasoundRegions = Sequence([_region()])
    pixels = np.stack([abdomen_us.frame(number, count) for number in range(count)])
    put_pixels(image, pixels, bits_stored=8)
    yield image


def _cine(image: Dataset, frames: int) -> None:
    """Cine and Multi-frame (PS3.3 C.7.6.5, C.7.6.6)."""
    image.NumberOfFrames = frames
    image.FrameTime = FRAME_MS
    image.FrameIncrementPointer = Tag("FrameTime")
    image.CineRate = image.RecommendedDisplayFrameRate = round(1000 / FRAME_MS)
    image.StartTrim, image.StopTrim = 1, frames


def _region() -> Dataset:
    """US Region Calibration (PS3.3 C.8.5.5): what a pixel of the sector is worth in the body."""
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = TWO_DIMENSIONAL, TISSUE, 0
    left, top, right, bottom = abdomen_us.SECTOR_BOX
    region.RegionLocationMinX0, region.RegionLocationMinY0 = left, top
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = right, bottom
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = CENTIMETRES
    region.PhysicalDeltaX = region.PhysicalDeltaY = abdomen_us.CM_PER_PIXEL
    return region
