"""The studies themselves: valid objects, true geometry, and lesions of the size that is claimed."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset

from ris.demo.modality.acquisition import Acquisition
from ris.demo.modality.errors import UnsupportedModalityError
from ris.demo.modality.images.ct import CT_LESION, SLICES, chest_images, lesion_slice
from ris.demo.modality.images.dx import DX_LESION, chest_radiograph
from ris.demo.modality.images.kinds import KINDS, kind_of
from ris.demo.modality.images.mr import MR_LESION, head_images
from ris.demo.modality.images.us import US_LESION, abdomen_clip
from ris.demo.modality.item import WorklistItem
from ris.demo.modality.pixels import Lesion
from tests.ris.demo.modality.peers import answer

STARTED = datetime(2024, 5, 6, 10, 20, 30, tzinfo=UTC)


def acquire(told: Dataset) -> Acquisition:
    return Acquisition(WorklistItem.read(told), "CT1", STARTED)


def bare(modality: str) -> Dataset:
    """The least that a worklist may say (type 1 only), in plain ASCII."""
    step = Dataset()
    step.Modality, step.ScheduledProcedureStepID = modality, "1"
    told = Dataset()
    told.PatientID, told.StudyInstanceUID = "P1", "2.25.77"
    told.ScheduledProcedureStepSequence = [step]
    return told


def padded(modality: str) -> Dataset:
    """As a RIS answers that returns every key asked for, also those it knows nothing of."""
    told = answer(modality)
    step = told.ScheduledProcedureStepSequence[0]
    for holder, keyword in ((told, "RequestedProcedureCodeSequence"), (step, "ScheduledProtocolCodeSequence")):
        holder[keyword].value[0].CodingSchemeVersion = ""
    reference = Dataset()
    reference.ReferencedSOPClassUID = reference.ReferencedSOPInstanceUID = ""
    told.ReferencedStudySequence = told.ReferencedPatientSequence = [reference]
    for keyword in ("PatientSize", "MedicalAlerts", "PregnancyStatus", "AdmissionID", "PatientState"):
        setattr(told, keyword, None)
    return told


def errors_of(image: Dataset, path: Path) -> list[str]:
    image.save_as(path, enforce_file_format=True)
    said = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False).stderr
    assert said.strip(), "dciodvfy names the IOD it recognised"
    return [line for line in said.splitlines() if line.startswith("Error")]


@pytest.mark.parametrize("modality", sorted(KINDS))
@pytest.mark.parametrize("told", [answer, bare, padded])
def test_the_first_and_the_last_image_are_valid(tmp_path: Path, modality: str, told: Callable[[str], Dataset]) -> None:
    images = list(KINDS[modality].images(acquire(told(modality)), 3))
    for image in (images[0], images[-1]):
        assert errors_of(image, tmp_path / "image.dcm") == []


def test_the_checker_does_find_errors(tmp_path: Path) -> None:
    (image,) = chest_radiograph(acquire(answer("DX")), None)
    del image.ImagerPixelSpacing
    assert any("ImagerPixelSpacing" in line for line in errors_of(image, tmp_path / "image.dcm"))


def test_a_chest_has_at_least_a_hundred_slices_of_512_by_512() -> None:
    images = list(chest_images(acquire(answer("CT")), None))
    assert len(images) == SLICES >= 100
    assert {(image.Rows, image.Columns, len(image.PixelData)) for image in images} == {(512, 512, 512 * 512 * 2)}
    assert len({image.PixelData for image in images}) == SLICES


def test_slices_lie_at_even_distances_in_one_frame_of_reference() -> None:
    images = list(chest_images(acquire(answer("CT")), 9))
    heights = [float(image.ImagePositionPatient[2]) for image in images]
    assert {round(upper - lower, 6) for upper, lower in itertools.pairwise(heights)} == {2.5}
    assert {float(image.SliceThickness) for image in images} == {2.5}
    assert len({image.FrameOfReferenceUID for image in images}) == 1
    assert {tuple(image.ImageOrientationPatient) for image in images} == {(1, 0, 0, 0, 1, 0)}
    assert {tuple(image.PixelSpacing) for image in images} == {(0.703125, 0.703125)}
    assert [image.InstanceNumber for image in images] == list(range(1, 10))


def test_the_lesion_lies_at_the_origin_of_the_patient() -> None:
    image = list(chest_images(acquire(answer("CT")), 9))[lesion_slice(9)]
    left, front, height = (float(value) for value in image.ImagePositionPatient)
    column, row = CT_LESION.centre_pixel
    assert (left + column * 0.703125, front + row * 0.703125, height) == (0, 0, 0)


def test_stored_values_rescale_to_hounsfield_units() -> None:
    image = next(iter(chest_images(acquire(answer("CT")), 5)))
    hounsfield = hounsfield_of(image)
    assert image.RescaleType == "HU"
    assert hounsfield[:40, :40].mean() == pytest.approx(-1000, abs=2)
    lungs = hounsfield[(hounsfield > -950) & (hounsfield < -750)]
    assert lungs.mean() == pytest.approx(-860, abs=5)
    assert lungs.size > 20_000
    assert (hounsfield > 400).sum() > 2_000, "spine and ribs"


def test_the_soft_tissue_window_shows_the_lesion_grey_between_black_lungs() -> None:
    image = list(chest_images(acquire(answer("CT")), 5))[lesion_slice(5)]
    lowest = float(image.WindowCenter) - float(image.WindowWidth) / 2
    highest = lowest + float(image.WindowWidth)
    row = hounsfield_of(image)[256]
    (left, _), (right, _) = CT_LESION.ends
    assert row[int(left) - 8 : int(left) - 1].max() < lowest
    assert row[int(right) + 2 : int(right) + 9].max() < lowest
    assert lowest < row[int(left) + 2 : int(right) - 1].min() < row[int(left) + 2 : int(right) - 1].max() < highest


def test_the_ct_lesion_measures_sixty_millimetres() -> None:
    assert CT_LESION.diameter_mm == 60.0
    assert CT_LESION.slice_index == lesion_slice(SLICES) == 60
    image = list(chest_images(acquire(answer("CT")), None))[CT_LESION.slice_index]
    hounsfield = hounsfield_of(image)
    assert_diameter(CT_LESION, hounsfield[256] > -200)
    assert CT_LESION.pixel_spacing_mm == image.PixelSpacing[0]


def test_slices_near_the_middle_show_the_full_diameter_and_far_ones_no_lesion() -> None:
    images = list(chest_images(acquire(answer("CT")), None))
    widths = [run_around(hounsfield_of(image)[256] > -200, 256) for image in images[46:75]]
    middle = CT_LESION.slice_index - 46
    assert set(widths[middle - 8 : middle + 9]) == {85}
    assert widths[0] == widths[-1] < 45, "the mediastinum alone"


def test_the_mr_lesion_measures_what_is_claimed_in_both_series() -> None:
    images = list(head_images(acquire(answer("MR")), None))
    assert [image.SeriesNumber for image in images] == [1] * 24 + [2] * 24
    assert len({image.FrameOfReferenceUID for image in images}) == 1
    t1, t2 = images[MR_LESION.slice_index], images[24 + MR_LESION.slice_index]
    assert t1.ImagePositionPatient == t2.ImagePositionPatient
    assert_diameter(MR_LESION, t1.pixel_array[MR_LESION.centre_pixel[1]] > 1060)
    assert MR_LESION.pixel_spacing_mm == t1.PixelSpacing[0]


def test_the_radiograph_is_a_large_detector_with_a_measurable_opacity() -> None:
    (image,) = chest_radiograph(acquire(answer("DX")), None)
    assert (image.Rows, image.Columns, image.BitsStored, image.PhotometricInterpretation) == (
        2140, 1760, 14, "MONOCHROME2",
    )  # fmt: skip
    assert list(image.PixelSpacing) == list(image.ImagerPixelSpacing) == [0.2, 0.2]
    column, row = DX_LESION.centre_pixel
    steps = np.abs(np.diff(image.pixel_array[row].astype(int))) > 2000
    edges = np.flatnonzero(steps[column - 250 : column + 250]) + column - 250
    assert len(edges) == 2
    assert (edges[1] - edges[0]) * 0.2 == pytest.approx(DX_LESION.diameter_mm, abs=0.21)


def test_the_ultrasound_clip_is_calibrated_in_centimetres() -> None:
    (image,) = abdomen_clip(acquire(answer("US")), None)
    assert (image.NumberOfFrames, image.BitsAllocated, image.pixel_array.shape) == (30, 8, (30, 480, 640))
    assert "PixelSpacing" not in image
    (region,) = image.SequenceOfUltrasoundRegions
    assert (region.PhysicalUnitsXDirection, region.PhysicalUnitsYDirection) == (3, 3)
    assert region.PhysicalDeltaX * 10 == pytest.approx(US_LESION.pixel_spacing_mm)
    (left, row), (right, _) = US_LESION.ends
    assert region.RegionLocationMinX0 < left < right < region.RegionLocationMaxX1
    assert region.RegionLocationMinY0 < row < region.RegionLocationMaxY1


def test_the_cyst_measures_the_same_in_every_frame_of_a_moving_clip() -> None:
    (image,) = abdomen_clip(acquire(answer("US")), 6)
    frames = image.pixel_array
    assert len({frame.tobytes() for frame in frames}) == 6
    row = US_LESION.centre_pixel[1]
    for frame in frames:
        assert_diameter(US_LESION, frame[row - 3 : row + 4].max(axis=0) < 14)


def test_the_same_step_makes_the_same_study_again() -> None:
    first, second = (list(chest_images(acquire(answer("CT")), 2)) for _ in range(2))
    assert first == second


def test_two_steps_of_one_study_make_different_series() -> None:
    one, other = answer("CT"), answer("CT")
    other.ScheduledProcedureStepSequence[0].ScheduledProcedureStepID = "SPS-2"
    images = [next(iter(chest_images(acquire(told), 1))) for told in (one, other)]
    assert images[0].StudyInstanceUID == images[1].StudyInstanceUID
    for keyword in ("SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"):
        assert images[0][keyword].value != images[1][keyword].value


def test_a_modality_that_nobody_simulates_is_named() -> None:
    with pytest.raises(UnsupportedModalityError, match="PT"):
        kind_of("PT")


def hounsfield_of(image: Dataset) -> NDArray[np.float64]:
    return image.pixel_array * float(image.RescaleSlope) + float(image.RescaleIntercept)


def run_around(inside: NDArray[np.bool_], column: int) -> int:
    """Length in pixels of the unbroken run that holds `column`."""
    assert inside[column]
    outside = np.flatnonzero(~inside)
    return int(outside[outside > column].min() - outside[outside < column].max() - 1)


def assert_diameter(lesion: Lesion, inside: NDArray[np.bool_]) -> None:
    """Measured along its row, the lesion is as wide as claimed within one pixel, and centred where claimed."""
    column = lesion.centre_pixel[0]
    width = run_around(inside, column)
    assert width * lesion.pixel_spacing_mm == pytest.approx(lesion.diameter_mm, abs=lesion.pixel_spacing_mm)
    outside = np.flatnonzero(~inside)
    middle = (outside[outside > column].min() + outside[outside < column].max()) / 2
    assert middle == pytest.approx(column, abs=0.5)
