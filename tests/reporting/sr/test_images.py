"""How large a pixel is, and who says so."""

from __future__ import annotations

import io

import pytest
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from reporting.sr import ImageGeometry, SrRefused, UltrasoundRegion
from tests.reporting.sr.builders import image_json, spaced

ANYWHERE = [(10.0, 20.0), (30.0, 40.0)]
REGION = {
    "00186018": {"vr": "UL", "Value": [100]},
    "0018601A": {"vr": "UL", "Value": [50]},
    "0018601C": {"vr": "UL", "Value": [300]},
    "0018601E": {"vr": "UL", "Value": [250]},
    "00186024": {"vr": "US", "Value": [3]},
    "00186026": {"vr": "US", "Value": [3]},
    "0018602C": {"vr": "FD", "Value": [0.02]},
    "0018602E": {"vr": "FD", "Value": [-0.03]},
}
INSIDE, OUTSIDE = [(100.0, 50.0), (300.0, 250.0)], [(99.0, 60.0), (200.0, 200.0)]


def test_pixel_spacing_is_rows_then_columns() -> None:
    image = ImageGeometry.from_json(spaced(0.8, 0.5))

    assert (image.rows, image.columns, image.pixel_spacing) == (512, 512, (0.8, 0.5))
    assert image.spacing_at(ANYWHERE) == ((0.8, 0.5), "image")


def test_spacing_written_as_text_counts() -> None:
    assert ImageGeometry.from_json(image_json(t00280030=["0.8", "0.5"])).pixel_spacing == (0.8, 0.5)


@pytest.mark.parametrize("spacing", [[], [0.5], [0, 0.5], [-1, 0.5], ["x", 0.5], [None, 0.5], [float("nan"), 0.5]])
def test_a_spacing_that_cannot_be_is_none(spacing: list[object]) -> None:
    assert ImageGeometry.from_json(image_json(t00280030=spacing)).spacing_at(ANYWHERE) is None


def test_imager_spacing_alone_is_in_the_detector_plane() -> None:
    image = ImageGeometry.from_json(image_json(t00181164=[0.2, 0.2]))

    assert image.spacing_at(ANYWHERE) == ((0.2, 0.2), "detector")


def test_pixel_spacing_that_repeats_the_imagers_is_in_the_detector_plane_too() -> None:
    image = ImageGeometry.from_json(image_json(t00181164=[0.2, 0.2], t00280030=[0.2, 0.2]))

    assert image.spacing_at(ANYWHERE) == ((0.2, 0.2), "detector")


CR, DX, XA = "1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.5.1.4.1.1.1.1", "1.2.840.10008.5.1.4.1.1.12.1"


@pytest.mark.parametrize("sop_class", [CR, DX, XA])
def test_a_projection_that_gives_pixel_spacing_alone_does_not_say_where_it_holds(sop_class: str) -> None:
    image = image_json(t00080016=[sop_class], t00280030=[0.2, 0.2])

    assert ImageGeometry.from_json(image).spacing_at(ANYWHERE) == ((0.2, 0.2), "detector")
    calibrated = ImageGeometry.from_json(image | {"00280A02": {"Value": ["GEOMETRY"]}})
    assert calibrated.spacing_at(ANYWHERE) == ((0.2, 0.2), "image")


def test_the_detectors_spacing_with_other_digits_is_still_the_detectors() -> None:
    image = ImageGeometry.from_json(image_json(t00181164=[0.143, 0.143], t00280030=[0.14299999, 0.1430001]))

    assert (image.spacing_at(ANYWHERE) or ((), ""))[1] == "detector"


def test_a_calibrated_projection_is_at_the_patient() -> None:
    image = ImageGeometry.from_json(image_json(t00181164=[0.2, 0.2], t00280030=[0.16, 0.16], t00280A02=["FIDUCIAL"]))

    assert image.spacing_at(ANYWHERE) == ((0.16, 0.16), "image")


def test_the_estimated_magnification_shrinks_the_detectors_pixel() -> None:
    image = ImageGeometry.from_json(image_json(t00181164=[0.3, 0.2], t00181114=[1.25]))

    spacing, calibration = image.spacing_at(ANYWHERE) or pytest.fail("no spacing")
    assert list(spacing) == pytest.approx([0.24, 0.16])
    assert calibration == "image"


@pytest.mark.parametrize("regions", [[REGION], REGION])
def test_an_ultrasound_region_counts_inside_it_also_when_it_is_one_object(regions: object) -> None:
    image = ImageGeometry.from_json(image_json() | {"00186011": {"vr": "SQ", "Value": regions}})

    assert image.us_regions == (UltrasoundRegion(100, 50, 300, 250, 0.02, -0.03, 3, 3),)
    spacing, calibration = image.spacing_at(INSIDE) or pytest.fail("no spacing")
    assert list(spacing) == pytest.approx([0.3, 0.2])
    assert calibration == "ultrasound-region"
    assert image.spacing_at(OUTSIDE) is None


def test_a_doppler_region_measures_no_length() -> None:
    doppler = REGION | {"00186024": {"vr": "US", "Value": [4]}}

    assert ImageGeometry.from_json(image_json(t00186011=[doppler])).spacing_at(INSIDE) is None
    spaced_too = ImageGeometry.from_json(image_json(t00186011=[doppler], t00280030=[0.3, 0.2]))
    assert spaced_too.spacing_at(INSIDE) is None
    assert spaced_too.spacing_at(OUTSIDE) == ((0.3, 0.2), "image")


def test_an_enhanced_image_has_its_spacing_in_the_functional_groups() -> None:
    measures = {"00289110": {"vr": "SQ", "Value": [{"00280030": {"vr": "DS", "Value": [0.4, 0.3]}}]}}
    other = {"00289110": {"vr": "SQ", "Value": [{"00280030": {"vr": "DS", "Value": [0.5, 0.3]}}]}}

    assert ImageGeometry.from_json(image_json(t52009229=[measures])).pixel_spacing == (0.4, 0.3)
    assert ImageGeometry.from_json(image_json(t52009230=[measures, measures])).pixel_spacing == (0.4, 0.3)
    assert ImageGeometry.from_json(image_json(t52009230=[measures, other])).pixel_spacing is None


def test_an_image_file_gives_the_same_as_its_metadata() -> None:
    image = Dataset()
    image.SOPClassUID, image.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "2.25.2001"
    image.Rows, image.Columns, image.PixelSpacing = 512, 512, [0.8, 0.5]
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.BitsAllocated, image.PixelData = 8, b"\0\0"
    image["PixelData"].VR = "OB"
    target = io.BytesIO()
    dcmwrite(target, image, enforce_file_format=True)

    assert ImageGeometry.from_part10(target.getvalue()) == ImageGeometry.from_json(spaced(0.8, 0.5))


def test_what_is_no_image_file_is_refused() -> None:
    with pytest.raises(SrRefused, match="image cannot be read"):
        ImageGeometry.from_part10(b"GIF89a")


def test_metadata_of_another_shape_reads_as_nothing() -> None:
    image = ImageGeometry.from_json({"00280030": [1, 2], "00186011": {"Value": "x"}, "00080018": None})

    assert (image.sop_instance_uid, image.spacing_at(ANYWHERE)) == ("", None)
