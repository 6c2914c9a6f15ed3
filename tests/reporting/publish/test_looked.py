"""A key image is printed as it was looked at: in the viewer's window, dark for light where the viewer turned it."""

from __future__ import annotations

import subprocess
from array import array
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from reporting.actions.key_images import choose_key_image, keep_picture
from reporting.models import Artifact, KeyImage, Report
from reporting.picturing import picture
from reporting.publish.looked import Look, look_of
from ris.dicom.datasets import Window
from tests.exam import draft, sign
from tests.reporting.archive import archived_case
from tests.reporting.test_key_images import DELIVERY, jpeg, shown
from tests.reporting.test_objects import image_of
from tests.services.orthanc import Server
from tests.world import World

pytestmark = pytest.mark.usefixtures("signing_key")
SIDE = 64
# Left half -24 HU, right half 16 HU; in the image's own window of 4000 both are the same grey.
HALVES = array("H", ([1000] * (SIDE // 2) + [1040] * (SIDE // 2)) * SIDE).tobytes()
PHANTOM = {
    "Rows": SIDE, "Columns": SIDE, "PixelData": HALVES, "RescaleIntercept": -1024, "RescaleSlope": 1,
    "WindowCenter": 0, "WindowWidth": 4000,
}  # fmt: skip
NARROW = {"voiRange": {"lower": -24, "upper": 16}, "VOILUTFunction": "LINEAR", "invert": False}


def header(kind: str = "MONOCHROME2", modality: str = "CT") -> dict[str, Any]:
    return {"00280004": {"vr": "CS", "Value": [kind]}, "00080060": {"vr": "CS", "Value": [modality]}}


def test_the_viewers_range_becomes_centre_and_width_of_the_standard() -> None:
    assert look_of({"properties": NARROW}, header()) == Look(Window(-3.5, 41.0))
    sigmoid = look_of({"properties": NARROW | {"VOILUTFunction": "SIGMOID"}}, header())
    assert sigmoid.window == Window(-3.5, 41.0, "sigmoid")
    assert Window(-3.5, 41.0).query() == "window=-3.5,41.0,linear"


def test_what_is_dark_by_nature_is_turned_only_when_the_viewer_turned_it() -> None:
    turned = {kind: [look_of({"properties": {"invert": one}}, header(kind)).turned for one in (True, False)]
              for kind in ("MONOCHROME1", "MONOCHROME2", "RGB")}  # fmt: skip
    assert turned == {"MONOCHROME1": [False, True], "MONOCHROME2": [True, False], "RGB": [False, False]}


@pytest.mark.parametrize(
    "said",
    [
        {}, {"properties": None}, {"properties": []}, {"properties": {"voiRange": {"lower": 1}}},
        {"properties": {"voiRange": {"lower": 5, "upper": 5}}},
        {"properties": {"voiRange": {"lower": "0", "upper": 9}}},
        {"properties": {"voiRange": {"lower": 0, "upper": 1e400}, "invert": "yes"}},
        {"properties": {"voiRange": {"lower": True, "upper": 9}}},
    ],
)  # fmt: skip
def test_what_is_no_window_is_left_out(said: dict[str, Any]) -> None:
    assert look_of(said, header()) == Look()


def test_a_window_in_units_of_the_viewer_is_not_asked_of_the_archive() -> None:
    assert look_of({"properties": NARROW}, header(modality="PT")).window is None


def printed_picture(report: Report, world: World, folder: Path) -> Image.Image:
    """The key image that a foreign program takes out of the signed PDF."""
    version = sign(report, world.radiologist)
    (folder / "report.pdf").write_bytes(bytes(Artifact.objects.get(version=version, kind="pdf").body))
    subprocess.run(["pdfimages", "-png", folder / "report.pdf", folder / "key"], check=True)
    (file,) = folder.glob("key-*.png")
    with Image.open(file) as found:
        return found.convert("L")


def halves(found: Image.Image) -> tuple[int, int]:
    """The grey in the middle of the left and of the right half."""
    left, right = (found.getpixel((found.width * at // 4, found.height // 2)) for at in (1, 3))
    assert isinstance(left, int)
    assert isinstance(right, int)
    return left, right


@pytest.mark.orthanc
@pytest.mark.django_db
@pytest.mark.usefixtures("own_uids")
@pytest.mark.parametrize(
    ("kind", "inverted", "is_right_lighter"),
    [("MONOCHROME2", False, True), ("MONOCHROME2", True, False), ("MONOCHROME1", True, False)],
)
def test_what_is_told_apart_only_in_the_viewers_window_is_told_apart_on_paper(
    world: World, orthanc: Server, tmp_path: Path, kind: str, inverted: bool, is_right_lighter: bool
) -> None:
    task = archived_case(world, orthanc)
    image = image_of(task, orthanc, PhotometricInterpretation=kind, **PHANTOM)
    report = draft(world, task=task)
    seen = {"properties": NARROW | {"invert": inverted}}
    picture(choose_key_image(report, shown(report, image, presentation=seen), by=world.radiologist), by=DELIVERY)
    left, right = halves(printed_picture(Report.objects.get(pk=report.pk), world, tmp_path))
    dark, light = (left, right) if is_right_lighter else (right, left)
    assert dark < 20
    assert light > 235


@pytest.mark.django_db
def test_nobody_signs_with_the_picture_of_another_window(world: World) -> None:
    report = draft(world)
    first = choose_key_image(report, shown(report, presentation={"properties": NARROW}), by=world.radiologist)
    about = {"frame": "0", "series_uid": "2.25.7", "sop_class": "2.25.8", "place": "image 1"}
    keep_picture(first, jpeg(20, 20), about=about, by=DELIVERY)
    choose_key_image(report, shown(report, label="The mass"), by=world.radiologist)
    kept = KeyImage.objects.get()
    assert (bool(kept.picture_sha256), kept.presentation) == (True, {"properties": NARROW}), "only its words changed"
    choose_key_image(report, shown(report, presentation={"properties": {"invert": True}}), by=world.radiologist)
    keep_picture(first, jpeg(20, 20), about=about, by=DELIVERY)
    assert not KeyImage.objects.get().picture_sha256, "the picture of before came late"
