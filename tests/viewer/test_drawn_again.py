"""What was drawn and not saved is there again after the browser died, and can be saved then."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium

from reporting.models import DraftMeasurements
from tests.viewer.hospital import SLICE as SIZE
from tests.viewer.hospital import Exam, Hospital
from tests.viewer.screen import Screen, apart, chromium, screen
from tests.viewer.test_alive import give_back, other, read, structured
from tests.viewer.test_ohif import newest_length

__all__ = ["other"]  # a fixture

pytestmark = pytest.mark.e2e

LENGTH = """() => { const [one] = services.measurementService.getMeasurements();
  const drawn = cornerstoneTools.annotation.state.getAnnotation(one.uid);
  return [one.toolName, Object.values(drawn.data.cachedStats)[0]?.length, one.displayText.primary[0]]; }"""
MEASURED = """() => services.measurementService.getMeasurements().length === 1
  && Object.values(cornerstoneTools.annotation.state.getAnnotation(services.measurementService.getMeasurements()[0].uid)
    .data.cachedStats)[0]?.length > 0"""
OTHER_IMAGE = """() => { const [view] = cornerstone.getRenderingEngines()[0].getViewports();
  return view.setImageIdIndex(1 - view.getCurrentImageIdIndex()); }"""
TOLD = "#viewer-status:text-is('1 measurement not saved')"


@pytest.fixture(scope="module")
def window() -> Iterator[Chromium]:
    with chromium() as found:
        yield found


def reading(hospital: Hospital, window: Chromium) -> Screen:
    desk = screen(window, hospital, apart(lambda: hospital.sign_in("radiologist")))
    desk.page.goto("/worklist/reading/")
    read(desk, "Alpha")
    return desk


def test_a_browser_that_died_takes_no_measurement_with_it(hospital: Hospital, other: Exam, window: Chromium) -> None:
    apart(give_back)
    desk = reading(hospital, window)
    frame = desk.viewer()
    frame.evaluate(OTHER_IMAGE)
    with desk.page.expect_response(lambda answer: answer.url.endswith("/drawn/") and answer.request.method == "POST"):
        desk.drag(frame, "Length", (SIZE // 4, SIZE // 2), (SIZE * 3 // 4, SIZE // 2))
    desk.page.wait_for_selector(TOLD)
    frame.wait_for_function(MEASURED)
    drawn = frame.evaluate(LENGTH)
    desk.page.context.close()
    assert apart(DraftMeasurements.objects.count) == 1
    again = reading(hospital, window)
    frame = again.viewer()
    again.page.wait_for_selector(TOLD)
    before = apart(lambda: structured(hospital.a))
    again.page.click("#save-measurements")  # its image was not shown yet: OHIF reckons only what it shows
    again.page.wait_for_selector("#viewer-status:text-is('1 measurement saved')")
    assert frame.evaluate(LENGTH) == drawn
    assert apart(lambda: structured(hospital.a)) == before + 1
    assert newest_length(hospital) == pytest.approx(drawn[1])
    again.page.keyboard.press("Alt+n")
    again.page.wait_for_selector(".patient-banner:has-text('Gamma')")
    assert again.faults == []
    again.page.context.close()
    assert not apart(DraftMeasurements.objects.exists), "what is saved is no draft any more"
