"""CT Image (PS3.3 A.3): a chest in axial slices."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pydicom import Dataset
from pydicom.uid import UID

from ris.demo.modality.acquisition import Acquisition, SeriesPlan, blank_image, frame_of_reference_uid
from ris.demo.modality.anatomy import chest_ct
from ris.demo.modality.pixels import Lesion, Plane, Window, put_pixels

SERIES = SeriesPlan(UID("1.2.840.10008.5.1.4.1.1.2"), 1, "Chest axial 2.5 mm soft tissue", "CHEST")
SLICES = 120
SLICE_MM = 2.5
INTERCEPT = -1024
SOFT_TISSUE = Window(40, 400, "SOFT TISSUE")
FIELD_OF_VIEW_MM = chest_ct.SIDE * chest_ct.SPACING_MM
CORNER_MM = -chest_ct.CENTRE[0] * chest_ct.SPACING_MM


def lesion_slice(slices: int) -> int:
    """Index (from 0) of the slice through the middle of the lesion, in a series of so many slices."""
    return slices // 2


CT_LESION = Lesion(
    diameter_mm=chest_ct.MASS_DIAMETER_MM,
    centre_pixel=chest_ct.CENTRE,
    slice_index=lesion_slice(SLICES),
    pixel_spacing_mm=chest_ct.SPACING_MM,
    series_number=SERIES.number,
)


def chest_images(acquisition: Acquisition, slices: int | None) -> Iterator[Dataset]:
    """The slices from head to feet, made one at a time."""
    count = slices or SLICES
    for index in range(count):
        height = (lesion_slice(count) - index) * SLICE_MM
        yield _slice(acquisition, index + 1, height)


def _slice(acquisition: Acquisition, number: int, height: float) -> Dataset:
    image = blank_image(acquisition, SERIES, number)
    item = acquisition.item
    plane = Plane(chest_ct.SPACING_MM, SLICE_MM, CORNER_MM, CORNER_MM, height)
    plane.describe(image, frame_of_reference_uid(item.study_instance_uid, item.sps_id))
    _technique(image)
    image.RescaleIntercept, image.RescaleSlope, image.RescaleType = INTERCEPT, 1, "HU"
    SOFT_TISSUE.describe(image)
    hounsfield = chest_ct.axial_cut(height)
    put_pixels(image, (hounsfield - np.int16(INTERCEPT)).astype("<i2"), bits_stored=16)
    return image


def _technique(image: Dataset) -> None:
    image.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    image.SpacingBetweenSlices = SLICE_MM
    image.KVP = 120
    image.ExposureTime, image.XRayTubeCurrent, image.Exposure = 500, 200, 100
    image.FilterType = "BODY"
    image.ConvolutionKernel = "SOFT"
    image.DataCollectionDiameter = 500
    image.ReconstructionDiameter = FIELD_OF_VIEW_MM
    image.GantryDetectorTilt = 0
    image.RotationDirection = "CW"
