"""MR Image (PS3.3 A.4): a head in two series of axial slices, T1 and T2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom import Dataset
from pydicom.uid import UID

from ris.demo.modality.acquisition import Acquisition, SeriesPlan, blank_image, frame_of_reference_uid
from ris.demo.modality.anatomy import head_mr
from ris.demo.modality.pixels import Lesion, Plane, Window, put_pixels

SOP_CLASS = UID("1.2.840.10008.5.1.4.1.1.4")
SLICES = 24
SLICE_MM = 5.0
CORNER_MM = -head_mr.CENTRE[0] * head_mr.SPACING_MM
BITS = 12


@dataclass(frozen=True, slots=True)
class Pulse:
    """One pulse sequence: its series, what it shows of each tissue, its times in ms, its first window."""

    series: SeriesPlan
    contrast: head_mr.Contrast
    repetition_ms: float
    echo_ms: float
    echo_train: int
    window: Window


PULSES = (
    Pulse(SeriesPlan(SOP_CLASS, 1, "T1 SE axial", "HEAD"), head_mr.T1, 520.0, 12.0, 1, Window(700, 1500)),
    Pulse(SeriesPlan(SOP_CLASS, 2, "T2 TSE axial", "HEAD"), head_mr.T2, 4200.0, 96.0, 15, Window(850, 1800)),
)

MR_LESION = Lesion(
    diameter_mm=head_mr.MASS_DIAMETER_MM,
    centre_pixel=head_mr.MASS_PIXEL,
    slice_index=SLICES // 2,
    pixel_spacing_mm=head_mr.SPACING_MM,
    series_number=1,
)


def head_images(acquisition: Acquisition, slices: int | None) -> Iterator[Dataset]:
    """Both series, feet to head, made one image at a time; `slices` counts those of one series."""
    count = slices or SLICES
    for pulse in PULSES:
        for index in range(count):
            yield _slice(acquisition, pulse, index, height=(index - count // 2) * SLICE_MM)


def _slice(acquisition: Acquisition, pulse: Pulse, index: int, height: float) -> Dataset:
    image = blank_image(acquisition, pulse.series, index + 1)
    item = acquisition.item
    plane = Plane(head_mr.SPACING_MM, SLICE_MM, CORNER_MM, CORNER_MM, height)
    plane.describe(image, frame_of_reference_uid(item.study_instance_uid, item.sps_id))
    _technique(image, pulse)
    pulse.window.describe(image)
    put_pixels(image, head_mr.axial_cut(height, pulse.contrast), bits_stored=BITS)
    return image


def _technique(image: Dataset, pulse: Pulse) -> None:
    image.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    image.ScanningSequence = "SE"
    image.SequenceVariant = "SK" if pulse.echo_train > 1 else "NONE"
    image.ScanOptions = None
    image.MRAcquisitionType = "2D"
    image.RepetitionTime, image.EchoTime = pulse.repetition_ms, pulse.echo_ms
    image.EchoTrainLength = pulse.echo_train
    image.MagneticFieldStrength = 1.5
    image.FlipAngle = 90
    image.NumberOfAverages = 1
    image.SpacingBetweenSlices = SLICE_MM
