"""What was drawn and not saved is there again after the browser died, and can be saved then."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Response, Route

from reporting.models import DraftMeasurements
from tests.viewer.hospital import SLICE as SIZE
from tests.viewer.hospital import Exam, Hospital
from tests.viewer.screen import Screen, apart, chromium, screen
from tests.viewer.test_alive import give_back, other, read, structured
from tests.viewer.test_ohif import newest_length
from tests.viewer.test_screens import SEEN, beside
from worklist.models import ReadingTask

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


def test_what_an_image_window_held_is_there_again_in_an_image_window_after_the_browser_died(
    hospital: Hospital, other: Exam, window: Chromium
) -> None:
    apart(give_back)
    desk = reading(hospital, window)
    desk.page.wait_for_selector("#numbers", state="attached")
    images = beside(desk, 1)
    images.wait_for_selector(SEEN)
    before = apart(lambda: structured(hospital.a))
    with desk.page.expect_response(is_kept):
        there = Screen(images)
        there.drag(there.viewer(), "Length", (SIZE // 4, SIZE // 3), (SIZE * 3 // 4, SIZE // 3))
    desk.page.context.close()
    assert len(apart(DraftMeasurements.objects.get).annotations) == 1
    again = screen(window, hospital, apart(lambda: hospital.sign_in("radiologist")))
    again.page.goto("/worklist/reading/")
    read(again, "Gamma")
    images = beside(again, 1)
    images.wait_for_selector(SEEN)
    again.page.click("[data-room-list]")
    again.page.locator("tr", has_text="Alpha").locator(".row-link").click()
    images.wait_for_selector(".patient-banner:has-text('Alpha')")
    images.wait_for_selector(TOLD)
    with again.page.expect_response(is_kept):
        images.click("#save-measurements")
    images.wait_for_selector("#viewer-status:text-is('1 measurement saved')")
    assert apart(lambda: structured(hospital.a)) == before + 1
    assert not apart(DraftMeasurements.objects.exists), "what is saved is no draft any more"
    again.page.context.close()


def test_images_without_a_report_keep_what_is_drawn_for_the_next_time(hospital: Hospital, window: Chromium) -> None:
    apart(give_back)
    desk = alone(hospital, window)
    frame = desk.viewer()
    with desk.page.expect_response(is_kept):
        desk.drag(frame, "Length", (SIZE // 4, SIZE // 2), (SIZE * 3 // 4, SIZE // 2))
    frame.wait_for_function(MEASURED)
    drawn = frame.evaluate(LENGTH)
    desk.page.context.close()
    again = alone(hospital, window)
    again.page.wait_for_selector(TOLD)
    with again.page.expect_response(is_kept):
        again.page.click("#save-measurements")
    again.page.wait_for_selector("#viewer-status:text-is('1 measurement saved')")
    assert again.viewer().evaluate(LENGTH) == drawn
    assert newest_length(hospital) == pytest.approx(drawn[1])
    assert again.faults == []
    again.page.context.close()
    assert not apart(DraftMeasurements.objects.exists), "what is saved is no draft any more"


def alone(hospital: Hospital, window: Chromium) -> Screen:
    """A browser that has nothing yet, on images that another program opened."""
    desk = screen(window, hospital, apart(lambda: hospital.sign_in("radiologist")))
    desk.page.goto(f"/viewer/?StudyInstanceUIDs={hospital.a.study}")
    desk.page.wait_for_selector("#viewer-keep[data-state=shown]")
    return desk


def is_kept(answer: Response) -> bool:
    return answer.url.endswith("/drawn/") and answer.request.method == "POST"


def test_a_drawing_that_could_not_be_drawn_again_is_never_lost_for_another_one(
    hospital: Hospital, other: Exam, window: Chromium
) -> None:
    """Here of an image that the viewer does not hold, while the answer of the case before comes late."""
    apart(give_back)
    alpha, gamma = apart(lambda: [of_no_image(hospital, name) for name in ("Alpha", "Gamma")])
    desk = screen(window, hospital, apart(lambda: hospital.sign_in("radiologist")))
    desk.page.goto("/worklist/reading/")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    desk.page.route(f"**/cases/{alpha}/drawn/", hold)
    read(desk, "Alpha")
    desk.page.wait_for_selector("#numbers", state="attached")
    desk.page.keyboard.press("Alt+n")
    desk.page.wait_for_selector(".patient-banner:has-text('Gamma')")
    desk.page.wait_for_selector("#numbers", state="attached")
    for route in held:
        route.continue_()
    with desk.page.expect_response(is_kept):
        desk.drag(desk.viewer(), "Length", (SIZE // 4, SIZE // 2), (SIZE * 3 // 4, SIZE // 2))
    assert apart(lambda: [len(DraftMeasurements.objects.get(task=task).annotations) for task in (alpha, gamma)]) == [
        1,
        2,
    ]
    desk.page.context.close()


def test_what_the_server_did_not_take_is_sent_again_though_nothing_else_is_drawn(
    hospital: Hospital, other: Exam, window: Chromium
) -> None:
    apart(give_back)
    desk = reading(hospital, window)
    desk.page.wait_for_selector("#numbers", state="attached")
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method != "POST" or lost:
            return route.continue_()
        lost.append(route.request.url)
        return route.abort()

    desk.page.route("**/drawn/", lose_the_first)
    frame = desk.viewer()
    with desk.page.expect_response(is_kept):
        desk.drag(frame, "Length", (SIZE // 4, SIZE // 2), (SIZE * 3 // 4, SIZE // 2))
    assert len(lost) == 1
    assert len(apart(DraftMeasurements.objects.get).annotations) == 1
    desk.page.context.close()


def test_two_windows_on_one_case_keep_what_each_of_them_drew_and_draw_nothing_twice(
    hospital: Hospital, other: Exam, window: Chromium
) -> None:
    apart(give_back)
    desk = reading(hospital, window)
    desk.page.wait_for_selector("#numbers", state="attached")
    with desk.page.expect_response(is_kept):
        desk.drag(desk.viewer(), "Length", (SIZE // 4, SIZE // 2), (SIZE * 3 // 4, SIZE // 2))
    second = Screen(desk.page.context.new_page())
    second.page.goto(desk.page.url)
    frame = second.viewer()
    second.page.wait_for_selector("#numbers", state="attached")
    second.page.wait_for_timeout(4000)  # longer than drawings take to be drawn again
    assert frame.evaluate("() => services.measurementService.getMeasurements().length") == 0
    with second.page.expect_response(is_kept):
        second.drag(frame, "Length", (SIZE // 4, SIZE // 3), (SIZE * 3 // 4, SIZE // 3))
    found = apart(DraftMeasurements.objects.get).annotations
    assert len({one["annotationUID"] for one in found}) == len({one["window"] for one in found}) == 2
    desk.page.context.close()


def of_no_image(hospital: Hospital, name: str) -> int:
    """The case of this patient, with a drawing that belongs to no image of it."""
    task = ReadingTask.objects.get(patient__family_name=name)
    image = "wadors:/viewer/dicom-web/studies/1.2.3/series/1.2.3.4/instances/1.2.3.4.5/frames/1"
    drawn = {"annotationUID": name, "metadata": {"toolName": "Length", "referencedImageId": image}, "data": {}}
    owner = str(hospital.world.radiologist.pk)
    DraftMeasurements.objects.create(task=task, owner_id=owner, annotations=[drawn], saved_at=timezone.now())
    return task.pk
