"""Digital X-Ray Image, for presentation (PS3.3 A.26): one chest radiograph."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from ris.demo.modality.acquisition import Acquisition, SeriesPlan, blank_image
from ris.demo.modality.anatomy import chest_xray
from ris.demo.modality.pixels import Lesion, Window, put_pixels

SERIES = SeriesPlan(UID("1.2.840.10008.5.1.4.1.1.1.1"), 1, "Chest PA", "CHEST")
BITS = 14
CONTRAST = Window(5600, 10400)

DX_LESION = Lesion(
    diameter_mm=chest_xray.OPACITY_DIAMETER_MM,
    centre_pixel=chest_xray.OPACITY_PIXEL,
    slice_index=0,
    pixel_spacing_mm=chest_xray.SPACING_MM,
    series_number=SERIES.number,
)


def chest_radiograph(acquisition: Acquisition, _images: int | None) -> Iterator[Dataset]:
    """The one image; how many are asked for does not matter."""
    image = blank_image(acquisition, SERIES, 1)
    image.ImageType = ["ORIGINAL", "PRIMARY", ""]
    image.PresentationIntentType = "FOR PRESENTATION"
    _anatomy(image)
    _detector(image)
    _positioning(image)
    _grey_scale(image)
    put_pixels(image, chest_xray.projection(), bits_stored=BITS)
    yield image


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def _anatomy(image: Dataset) -> None:
    """DX Anatomy Imaged (PS3.3 C.8.11.2)."""
    image.ImageLaterality = "U"
    image.AnatomicRegionSequence = Sequence([_code("43799004", "SCT", "Chest")])
    image.AcquisitionContextSequence = Sequence()


def _detector(image: Dataset) -> None:
    """DX Detector (PS3.3 C.8.11.4): the patient stands at the detector, so nothing is magnified."""
    image.DetectorType = "DIRECT"
    image.DetectorID = image.StationName
    image.ImagerPixelSpacing = [chest_xray.SPACING_MM, chest_xray.SPACING_MM]
    image.PixelSpacing = [chest_xray.SPACING_MM, chest_xray.SPACING_MM]
    image.KVP = 125
    image.ExposureInuAs = 2500


def _positioning(image: Dataset) -> None:
    """Seen from the front: rows run to the patient's left, columns to the feet (PS3.3 C.8.11.5)."""
    image.PatientOrientation = ["L", "F"]
    image.ViewPosition = "PA"
    image.PositionerType = "COLUMN"
    image.ViewCodeSequence = Sequence([_code("272479007", "SCT", "postero-anterior")])


def _grey_scale(image: Dataset) -> None:
    """DX Image (PS3.3 C.8.11.3): pixels are P-values, bright is dense."""
    image.PixelIntensityRelationship = "LOG"
    image.PixelIntensityRelationshipSign = -1
    image.RescaleIntercept, image.RescaleSlope, image.RescaleType = 0, 1, "US"
    image.PresentationLUTShape = "IDENTITY"
    CONTRAST.describe(image)
