"""Makes the objects of `ohif/` anew: a real OHIF in Chromium draws on synthetic images and stores what it measured.

Long, so only under `make soak`. What it writes goes to build/ohif-objects/; the committed copies were made by it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page
from pydicom import Dataset, dcmread

from reporting.sr import read_json
from tests.e2e.browser import RENDERED
from tests.reporting.sr.ohif_images import IMAGES
from tests.services.orthanc import Server
from tests.viewer import test_fresh_ohif as fresh

pytestmark = [pytest.mark.soak, pytest.mark.e2e, pytest.mark.orthanc]
browser, address = fresh.browser, fresh.address

TOOL = "(name) => commandsManager.runCommand('setToolActiveToolbar', {toolName: name, toolGroupIds: ['default']})"
ON_CANVAS = """([x, y]) => { const v = cornerstone.getRenderingEngines()[0].getViewports()[0];
  return v.worldToCanvas(v.getImageData().imageData.indexToWorld([x, y, 0])); }"""
STORE = """async () => { const measurementData = services.measurementService.getMeasurements();
  const options = { SeriesDescription: 'Measurements', SeriesNumber: 3001 };
  await commandsManager.runCommand('storeMeasurements', { measurementData, dataSource: 'isocenter',
    additionalFindingTypes: ['ArrowAnnotate'], options }, 'CORNERSTONE_STRUCTURED_REPORT'); }"""
SEEN = """() => services.measurementService.getMeasurements().map((one) =>
  [one.toolName, one.displayText])"""
DRAWN = [
    ("Length", [(12, 20), (42, 20)]),
    ("Bidirectional", [(16, 30), (46, 34)]),
    ("CircleROI", [(48, 12), (56, 12)]),
    ("RectangleROI", [(20, 22), (44, 40)]),
    ("EllipticalROI", [(24, 26), (40, 36)]),
    ("CobbAngle", [(12, 44), (30, 44), (34, 50), (50, 58)]),
    ("ArrowAnnotate", [(12, 54), (24, 50)]),
]
# Somebody calibrates in the viewer: what is drawn is half as long as the image says.
HALVE = """() => { const [engine] = cornerstone.getRenderingEngines(); const [viewport] = engine.getViewports();
  cornerstoneTools.utilities.calibrateImageSpacing(viewport.getCurrentImageId(), engine, 2); }"""
stored: list[bytes] = []


class Receiving(fresh.Hospital):
    """The hospital's server, which also takes a STOW and keeps it for the test."""

    def do_POST(self) -> None:  # noqa: N802  named by the library
        body = self.rfile.read(int(self.headers["Content-Length"]))
        boundary = re.search(r'boundary="?([^";]+)', self.headers["Content-Type"])
        assert boundary is not None
        part = body.split(b"--" + boundary[1].encode())[1]
        part10 = part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
        stored.append(part10)
        found = dcmread(BytesIO(part10))
        reference = {"00081150": {"vr": "UI", "Value": [found.SOPClassUID]},
                     "00081155": {"vr": "UI", "Value": [found.SOPInstanceUID]}}  # fmt: skip
        answer = json.dumps({"00081199": {"vr": "SQ", "Value": [reference]}}).encode()
        self._send(200, "application/dicom+json", answer)


@pytest.fixture
def hospital(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh, "Hospital", Receiving)


@pytest.fixture
def page(hospital: None, address: str, browser: Browser) -> Iterator[Page]:
    one = browser.new_page(viewport={"width": 1280, "height": 900}, base_url=address, timezone_id="Asia/Tokyo")
    one.set_default_timeout(60_000)
    yield one
    one.close()


@pytest.mark.parametrize("name", sorted(IMAGES))
def test_a_real_ohif_writes_what_it_measures(name: str, page: Page, orthanc: Server) -> None:
    image, part10 = IMAGES[name]()
    orthanc.archive().store([part10])
    stored.clear()
    page.goto(f"/viewer?StudyInstanceUIDs={image.StudyInstanceUID}")
    page.wait_for_function(RENDERED, timeout=90_000)
    page.wait_for_timeout(2500)
    if name == "user":
        page.evaluate(HALVE)
    for tool, points in DRAWN if name == "ct" else DRAWN[:5]:
        draw(page, tool, points)
    seen = page.evaluate(SEEN)
    page.evaluate(STORE)
    (report,) = stored
    place = Path(settings.BUILD_DIR) / "ohif-objects"
    keep(place, name, report, image, seen)
    said = read_json(report)
    assert said["reader"] == "measurement-report"
    written = datetime.fromisoformat(said["content_datetime"]).replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - written) < timedelta(minutes=5), "dcmjs writes UTC, wherever the browser is"


def draw(page: Page, tool: str, points: list[tuple[int, int]]) -> None:
    page.evaluate(TOOL, tool)
    page.wait_for_timeout(400)
    box = page.locator("canvas.cornerstone-canvas").first.bounding_box()
    assert box is not None
    ends = [page.evaluate(ON_CANVAS, list(point)) for point in points]
    at = [(box["x"] + x, box["y"] + y) for x, y in ends]
    for start, end in zip(at[::2], at[1::2], strict=True):
        page.mouse.move(*start)
        page.mouse.down()
        page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=5)
        page.mouse.move(*end, steps=5)
        page.wait_for_timeout(300)
        page.mouse.up()
        page.wait_for_timeout(500)
    answer(page, tool)


def answer(page: Page, tool: str) -> None:
    """The questions that OHIF asks: whether to track the series, what an arrow points at."""
    yes = page.locator('[data-cy="prompt-begin-tracking-yes-btn"]')
    if yes.count():
        yes.click()
    if tool == "ArrowAnnotate":
        page.wait_for_timeout(800)
        page.keyboard.type("Nodule <b>RUL</b>")
        page.keyboard.press("Enter")
    page.wait_for_timeout(700)


def keep(place: Path, name: str, report: bytes, image: Dataset, seen: list[Any]) -> None:
    """The object, the metadata of its image, and what the screen said."""
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{name}.dcm").write_bytes(report)
    del image.PixelData
    said = {"image": image.to_json_dict(), "seen": seen}
    (place / f"{name}.json").write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")
