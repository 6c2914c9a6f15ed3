"""Pixel data and its description (PS3.3 C.7.6.3), and the plane it lies in (C.7.6.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.dataelem import DataElement

PIXEL_DATA = 0x7FE00010


@dataclass(frozen=True, slots=True)
class Lesion:
    """Something round of known size to measure: the truth that a test compares with.

    Pixels are counted from 0 and named by their centres: `centre_pixel` is (column, row). `slice_index` counts the
    images of its series from 0 (for a multi-frame image: frames); the diameter holds on that one.
    """

    diameter_mm: float
    centre_pixel: tuple[int, int]
    slice_index: int
    pixel_spacing_mm: float
    series_number: int = 1

    @property
    def radius_pixels(self) -> float:
        return self.diameter_mm / self.pixel_spacing_mm / 2

    @property
    def ends(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Both ends of the horizontal diameter, (column, row) each."""
        (column, row), radius = self.centre_pixel, self.radius_pixels
        return (column - radius, float(row)), (column + radius, float(row))


@dataclass(frozen=True, slots=True)
class Plane:
    """An axial plane of a patient lying head first, supine: rows run to the left, columns to the back."""

    spacing_mm: float
    thickness_mm: float
    left_mm: float
    front_mm: float
    height_mm: float

    def describe(self, image: Dataset, frame_of_reference: str) -> None:
        image.PatientPosition = "HFS"
        image.FrameOfReferenceUID = frame_of_reference
        image.PositionReferenceIndicator = None
        image.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        image.ImagePositionPatient = [self.left_mm, self.front_mm, self.height_mm]
        image.PixelSpacing = [self.spacing_mm, self.spacing_mm]
        image.SliceThickness = self.thickness_mm
        image.SliceLocation = self.height_mm


@dataclass(frozen=True, slots=True)
class Window:
    """Linear VOI window (PS3.3 C.11.2) in which the image is to be shown first."""

    centre: float
    width: float
    name: str = ""

    def describe(self, image: Dataset) -> None:
        image.WindowCenter = self.centre
        image.WindowWidth = self.width
        if self.name:
            image.WindowCenterWidthExplanation = self.name


def put_pixels(image: Dataset, pixels: NDArray[np.integer], bits_stored: int) -> None:
    """Attach greyscale pixels, shape (rows, columns) or (frames, rows, columns), little endian as stored."""
    bits = pixels.dtype.itemsize * 8
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.Rows, image.Columns = pixels.shape[-2:]
    image.BitsAllocated = bits
    image.BitsStored = bits_stored
    image.HighBit = bits_stored - 1
    image.PixelRepresentation = int(np.issubdtype(pixels.dtype, np.signedinteger))
    image[PIXEL_DATA] = DataElement(PIXEL_DATA, "OW" if bits > 8 else "OB", pixels.tobytes())
