"""Everything that OHIF draws, measures and opens, in a real browser through the real proxy on a real Orthanc."""

from __future__ import annotations

import math
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Frame
from pydicom import FileDataset, dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import (
    JPEG2000,
    UID,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)  # fmt: skip

from ris.dicom import sandbox
from ris.dicom.archive import get_archive
from ris.dicom.datasets import SeriesRow
from ris.events.outbox import sweep
from tests.drawing import drag, draw, use
from tests.viewer import objects
from tests.viewer.films import film
from tests.viewer.hospital import SLICE as SIZE
from tests.viewer.hospital import Exam, Hospital, exam
from tests.viewer.objects import Place
from tests.viewer.screen import PIXEL, Screen, apart, chromium, screen
from worklist.actions import reading
from worklist.models import ReadingTask

pytestmark = pytest.mark.e2e

FRAMES = 5
GREYS = (40, 80, 120, 160, 200)
BITMAP_SEG, EXPLICIT_LE = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.1.2.1"
# Tool, start and end in image pixels of 1 mm, then a quantity (SCT) of it in mm or mm2.
TOOLS = (
    ("Length", (64, 24), (192, 24), "410668003", 128.0),
    ("Bidirectional", (80, 60), (176, 60), "103339001", 96.0),
    ("CircleROI", (128, 128), (148, 128), "42798000", math.pi * 400),
    ("RectangleROI", (100, 180), (140, 200), "42798000", 800.0),
    ("EllipticalROI", (60, 100), (100, 120), "42798000", None),
)
COBB, COBB_LINES, COBB_DEGREES = "CobbAngle", (((200, 90), (240, 90)), ((200, 140), (240, 170))), 36.87
ARROW, WORDS = "ArrowAnnotate", "Nodule"
PROBE = "Probe"
DRAWN = sorted([*(tool for tool, *_rest in TOOLS), COBB, ARROW, PROBE])
LISTED = "() => services.measurementService.getMeasurements().map((one) => one.toolName).sort()"


@dataclass(frozen=True)
class Studies:
    """What lies in the archive for this module."""

    ct: Exam
    us: Place
    syntaxes: Place


def cine(place: Place, root: str) -> list[bytes]:
    """US: frames of one grey each, JPEG baseline."""
    found = dcmread(BytesIO(objects.picture(place, f"{root}1", f"{root}1.1", "US")))
    pictures = []
    for grey in GREYS:
        out = BytesIO()
        Image.fromarray(np.full((64, 64), grey, np.uint8)).save(out, "JPEG", quality=95)
        pictures.append(out.getvalue())
    found.NumberOfFrames, found.BitsAllocated, found.BitsStored, found.HighBit = FRAMES, 8, 8, 7
    found.WindowCenter, found.WindowWidth, found.FrameTime = "127", "256", "40"
    found.PixelData = encapsulate(pictures)
    found["PixelData"].VR = "OB"
    found.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    return [objects.part10(found)]


# By number of the series.
SYNTAXES = {1: RLELossless, 2: JPEG2000Lossless, 3: JPEG2000, 4: JPEGLosslessSV1, 5: JPEGLSLossless}


def compressed(place: Place, root: str) -> list[bytes]:
    """The same CT disc in each of these syntaxes, a series each."""
    return [_compressed(place, f"{root}{number}", number, syntax) for number, syntax in SYNTAXES.items()]


def _compressed(place: Place, series: str, number: int, syntax: UID) -> bytes:
    found = dcmread(BytesIO(objects.image(place, series, f"{series}.1", size=SIZE)))
    found.SeriesNumber = str(number)
    if syntax == RLELossless:
        found.compress(RLELossless, generate_instance_uid=False)
    elif syntax in (JPEG2000Lossless, JPEG2000):
        _as_jpeg_2000(found, syntax)
    else:
        return _by_dcmtk(
            objects.part10(found), *(("dcmcjpls", "+el") if syntax == JPEGLSLossless else ("dcmcjpeg", "+e1"))
        )
    return objects.part10(found)


def _as_jpeg_2000(found: FileDataset, syntax: UID) -> None:
    out = BytesIO()
    lossy = {"irreversible": True, "quality_mode": "rates", "quality_layers": [8]} if syntax == JPEG2000 else {}
    Image.fromarray(found.pixel_array.astype(np.uint16)).save(out, "JPEG2000", no_jp2=True, **lossy)
    found.BitsStored, found.HighBit = 16, 15
    found.PixelData = encapsulate([out.getvalue()])
    found["PixelData"].VR = "OB"
    found.file_meta.TransferSyntaxUID = syntax


def _by_dcmtk(image: bytes, *command: str) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name, "in.dcm"), Path(name, "out.dcm")
        source.write_bytes(image)
        subprocess.run([*command, "+un", str(source), str(target)], check=True, capture_output=True)
        return target.read_bytes()


@pytest.fixture(scope="module")
def studies(hospital: Hospital) -> Studies:
    world = hospital.world
    ct = exam(world, world.north, world.clerk, "Battery", slices=1)
    reading.claim(ReadingTask.objects.get(patient__family_name="Battery"), by=world.radiologist)
    return Studies(ct, film(world, "Usman", "US", cine), film(world, "Syntax", "CT", compressed))


@pytest.fixture(scope="module")
def window(studies: Studies) -> Iterator[Chromium]:
    with chromium() as found:
        yield found


@pytest.fixture
def desk(hospital: Hospital, window: Chromium) -> Iterator[Screen]:
    found = screen(window, hospital, apart(lambda: hospital.sign_in("radiologist")))
    yield found
    found.page.context.close()


def case_of(studies: Studies) -> str:
    task = apart(lambda: ReadingTask.objects.get(patient__family_name="Battery"))
    return f"/reading/{task.pk}/"


def reports(study: str) -> list[dict[str, Any]]:
    archive = get_archive()
    series = [row for row in archive.series(study) if row.modality == "SR"]
    refs = [row.ref for one in series for row in archive.instances(study, one.series_instance_uid)]
    return [sandbox.call("reporting.sr.sandboxed.read_json", archive.retrieve(ref)) for ref in refs]


def save(desk: Screen, count: int) -> None:
    desk.page.wait_for_selector(f"#viewer-status:text-matches('^{count} measurements? not saved$')")
    desk.page.click("#save-measurements")
    desk.page.wait_for_selector(f"#viewer-status:text-matches('^{count} measurements? saved$')")


def shown_from_the_list(desk: Screen, kind: str) -> Frame:
    """Reload, open the list beside the report, and click the object there."""
    desk.page.reload()
    frame = desk.viewer()
    desk.page.locator("#objects > summary").click()
    desk.page.locator(".beside__one", has_text=kind).locator("[data-show-object]").first.click()
    return frame


def angle(desk: Screen, frame: Frame) -> None:
    use(frame, COBB)
    for start, end in COBB_LINES:
        drag(desk.page, frame, COBB, start, end)
    frame.wait_for_function(f"(tool) => ({LISTED})().includes(tool)", arg=COBB)


def arrow(desk: Screen, frame: Frame) -> None:
    """OHIF asks for its words."""
    use(frame, ARROW)
    drag(desk.page, frame, ARROW, (30, 230), (60, 210))
    frame.get_by_role("dialog").locator("input").first.fill(WORDS)
    desk.page.keyboard.press("Enter")
    frame.wait_for_function(f"(tool) => ({LISTED})().includes(tool)", arg=ARROW)


def test_each_tool_is_saved_listed_with_a_picture_and_read_back_after_a_reload(
    hospital: Hospital, studies: Studies, desk: Screen
) -> None:
    desk.page.goto(case_of(studies))
    frame = desk.viewer()
    assert frame.locator(".shepherd-element").count() == 0, "the onboarding tour"
    for tool, start, end, _code, _value in TOOLS:
        draw(desk.page, frame, tool, start, end)
    draw(desk.page, frame, PROBE, (30, 180), (30, 180))
    angle(desk, frame)
    arrow(desk, frame)
    save(desk, len(DRAWN))
    (report,) = apart(lambda: reports(studies.ct.study))
    measured = {group["tool"]: {v["code"]: v["value"] for v in group["values"]} for group in report["groups"]}
    assert sorted(measured) == DRAWN
    assert list(measured[COBB].values()) == [pytest.approx(COBB_DEGREES, abs=1.5)]
    assert [group["label"] for group in report["groups"] if group["tool"] == ARROW] == [WORDS]
    for tool, _start, _end, code, expected in TOOLS:
        if expected is not None:
            assert measured[tool][code] == pytest.approx(expected, rel=0.04), tool
    flags = [flag for group in report["groups"] for value in group["values"] for flag in value["flags"]]
    assert "deviates" not in flags, "what OHIF says is what the RIS computes from the drawing"
    apart(sweep)
    frame = shown_from_the_list(desk, "Measurements")
    assert desk.page.locator(".beside__one polyline").count() >= 2
    frame.wait_for_function(f"(count) => ({LISTED})().length === count", arg=len(DRAWN))
    assert frame.evaluate(LISTED) == DRAWN
    desk.page.wait_for_selector("#save-measurements:disabled")
    assert desk.faults == []


MAKE = """async () => { const viewportId = services.viewportGridService.getActiveViewportId();
  await commandsManager.runCommand('createLabelmapForViewport', { viewportId });
  const group = cornerstoneTools.ToolGroupManager.getToolGroupForViewport(viewportId,
    cornerstone.getRenderingEngines()[0].id);
  commandsManager.runCommand('setToolActive', { toolName: 'CircularBrush', toolGroupId: group.id }); }"""
PAINTABLE = """() => { const viewportId = services.viewportGridService.getActiveViewportId();
  const engine = cornerstone.getRenderingEngines()[0]?.id;
  const group = engine && cornerstoneTools.ToolGroupManager.getToolGroupForViewport(viewportId, engine);
  return group?.getActivePrimaryMouseButtonTool() === 'CircularBrush'
    && services.segmentationService.getSegmentations().length > 0; }"""
KEEP = """() => { const [one] = services.segmentationService.getSegmentations();
  window.kept = commandsManager.runCommand('storeSegmentation',
    { segmentationId: one.segmentationId, dataSource: 'isocenter' }); }"""
SEGMENTED = "() => services.segmentationService.getSegmentations().length > 0"


def test_a_segmentation_is_painted_stored_as_bitmap_and_shown_again(
    hospital: Hospital, studies: Studies, desk: Screen
) -> None:
    desk.page.goto(case_of(studies))
    desk.viewer()
    desk.page.get_by_role("link", name="Segment").click()
    desk.page.wait_for_selector("a:text-is('Stop segmenting')")
    desk.page.wait_for_selector("#viewer-keep[data-state=shown]")
    frame = desk.viewer()
    frame.evaluate(MAKE)
    frame.wait_for_function(PAINTABLE)
    drag(desk.page, frame, "CircularBrush", (SIZE // 2 - 20, SIZE // 2), (SIZE // 2 + 20, SIZE // 2))
    desk.page.click("[data-room-list]")
    desk.page.click("#painted-dialog button[value=stay]")
    frame.evaluate(KEEP)
    dialog = frame.get_by_role("dialog")
    dialog.locator("input").first.fill("Lesion")
    with desk.page.expect_response(
        lambda one: one.request.method == "POST" and "/dicom-web/studies" in one.url
    ) as sent:
        dialog.get_by_role("button", name=re.compile("save", re.IGNORECASE)).last.click()
    assert sent.value.status == 200
    desk.page.wait_for_selector("#viewer-status:text-is('Saved')")
    found = apart(lambda: segmentation(studies.ct.study))
    assert (found.SOPClassUID, found.file_meta.TransferSyntaxUID) == (BITMAP_SEG, EXPLICIT_LE)
    assert np.unpackbits(np.frombuffer(found.PixelData, np.uint8)).sum() > 100
    assert found.ContentCreatorName == hospital.world.radiologist.observer_name
    assert (found.ContentQualification, "ImageComments" in found) == ("PRODUCT", False)
    desk.page.click("a:text-is('Stop segmenting')")
    desk.page.wait_for_selector("a:text-is('Segment')")
    desk.viewer()
    frame = shown_from_the_list(desk, "Segmentation")
    frame.wait_for_function(SEGMENTED)
    desk.page.click("[data-room-list]")
    desk.page.wait_for_selector("#cases")  # what is stored is left without a question
    assert desk.faults == []


def test_of_two_segmentations_the_one_that_is_not_stored_is_asked_about(studies: Studies, desk: Screen) -> None:
    desk.page.goto(f"{case_of(studies)}?mode=segmentation")
    frame = desk.viewer()
    for row in (SIZE // 3, SIZE // 2):
        frame.evaluate(MAKE)
        frame.wait_for_function(PAINTABLE)
        drag(desk.page, frame, "CircularBrush", (SIZE // 2 - 20, row), (SIZE // 2 + 20, row))
    frame.evaluate(KEEP)
    dialog = frame.get_by_role("dialog")
    dialog.locator("input").first.fill("First of two")
    dialog.get_by_role("button", name=re.compile("save", re.IGNORECASE)).last.click()
    desk.page.wait_for_selector("#viewer-status:text-is('Saved')")
    desk.page.click("[data-room-list]")
    desk.page.click("#painted-dialog button[value=drop]")
    desk.page.wait_for_selector("#cases")


def segmentation(study: str) -> FileDataset:
    archive = get_archive()
    (series,) = [row for row in archive.series(study) if row.modality == "SEG"]
    (row,) = archive.instances(study, series.series_instance_uid)
    return dcmread(BytesIO(archive.retrieve(row.ref)))


CENTRE = """([at]) => { const v = cornerstone.getRenderingEngines()[0].getViewports()[0];
  const image = cornerstone.cache.getImage(v.getImageIds()[at]);
  const data = image?.getPixelData?.(); return data ? data[Math.floor(data.length / 2)] : -1; }"""


def test_every_frame_of_an_ultrasound_is_drawn(studies: Studies, desk: Screen) -> None:
    desk.page.goto(f"/viewer/?StudyInstanceUIDs={studies.us.study}")
    frame = desk.viewer()
    assert frame.evaluate("() => cornerstone.getRenderingEngines()[0].getViewports()[0].getImageIds().length") == FRAMES
    for at, grey in enumerate(GREYS):
        frame.evaluate("(n) => cornerstone.getRenderingEngines()[0].getViewports()[0].setImageIdIndex(n)", at)
        frame.wait_for_function(f"([at, grey]) => Math.abs(({CENTRE})([at]) - grey) <= 6", arg=[at, grey])
    assert desk.faults == []


def test_every_compressed_transfer_syntax_is_drawn(studies: Studies, desk: Screen) -> None:
    listed = apart(lambda: [(syntax_of(studies, row), row) for row in get_archive().series(studies.syntaxes.study)])
    assert {syntax for syntax, _row in listed} == set(SYNTAXES.values())
    for syntax, series in listed:
        address = f"/viewer/?StudyInstanceUIDs={studies.syntaxes.study}"
        desk.page.goto(f"{address}&initialSeriesInstanceUID={series.series_instance_uid}")
        frame = desk.viewer()
        image = frame.evaluate("() => cornerstone.getRenderingEngines()[0].getViewports()[0].getCurrentImageId()")
        assert series.series_instance_uid in image
        bright, dark = (frame.evaluate(PIXEL, [at, at]) for at in (SIZE // 2, SIZE // 8))
        assert bright - dark > 120, syntax.name
    assert desk.faults == []


def syntax_of(studies: Studies, series: SeriesRow) -> UID:
    """As it lies in the archive."""
    (row,) = get_archive().instances(studies.syntaxes.study, series.series_instance_uid)
    return UID(dcmread(BytesIO(get_archive().retrieve(row.ref)), stop_before_pixels=True).file_meta.TransferSyntaxUID)
