"""Two exams side by side, each with a measurement: what becomes of the one is no matter of the other."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Route

from reporting.models import DraftMeasurements
from ris.accounts.models import Membership
from ris.dicom.archive import get_archive
from ris.dicom.orthanc.process import OrthancProcess
from ris.events.models import Delivery
from tests.viewer.films import film
from tests.viewer.hospital import SLICE as SIZE
from tests.viewer.hospital import Hospital
from tests.viewer.objects import Place, image
from tests.viewer.screen import Screen, apart, chromium, screen
from viewer.actions import STORE_KEPT
from worklist.actions import reading
from worklist.models import ReadingTask, Study

pytestmark = pytest.mark.e2e
MIXED = "1 measurement saved, 1 kept here, not yet in the archive"
BOTH_SHOWN = """(studies) => studies.every((uid) => cornerstone.getRenderingEngines()[0]?.getViewports().some((one) =>
  one.viewportStatus === 'rendered' && one.getCurrentImageId?.()?.includes(`/studies/${uid}/`)))"""
# A length through the middle of the image of this study, drawn as a draft is drawn again: without a mouse, in any pane.
DRAW = """async ([study, half]) => { const { bridge } = await import('/static/js/viewer/alive.js');
  const { redraw } = await import('/static/js/viewer/drawn.js');
  const view = bridge().window.cornerstone.getRenderingEngines()[0].getViewports()
    .find((one) => one.getCurrentImageId?.()?.includes(`/studies/${study}/`));
  const { imageData } = view.getImageData(), camera = view.getCamera();
  const points = [[half / 2, half, 0], [half * 3 / 2, half, 0]].map((at) => [...imageData.indexToWorld(at)]);
  const metadata = { toolName: 'Length', referencedImageId: view.getCurrentImageId(),
    FrameOfReferenceUID: view.getFrameOfReferenceUID(), viewPlaneNormal: [...camera.viewPlaneNormal],
    viewUp: [...camera.viewUp] };
  const data = { label: '', handles: { points, activeHandleIndex: null, textBox: { hasMoved: false } } };
  return redraw([{ annotationUID: crypto.randomUUID(), metadata, data }]).length; }"""


def slices(place: Place, root: str) -> list[bytes]:
    """CT: one image as large as a mouse can draw on."""
    return [image(place, f"{root}1", f"{root}1.1", 1, SIZE)]


def case_of(study: str) -> ReadingTask:
    return ReadingTask.objects.get(requested_procedures__study_instance_uid=study)


@pytest.fixture(scope="module")
def pair(hospital: Hospital) -> tuple[Place, Place]:
    """The current and the earlier exam of one patient; the current one is in the radiologist's hands."""
    earlier = film(hospital.world, "Twin", "CT", slices)
    now = film(hospital.world, case_of(earlier.study).patient, "CT", slices)
    reading.claim(case_of(now.study), by=hospital.world.radiologist)
    return now, earlier


@pytest.fixture(scope="module")
def window(pair: tuple[Place, Place]) -> Iterator[Chromium]:
    with chromium() as found:
        yield found


@pytest.fixture
def room(hospital: Hospital, pair: tuple[Place, Place], window: Chromium) -> Iterator[Screen]:
    """The reading room with the current exam left and the earlier one right."""
    apart(lambda: DraftMeasurements.objects.all().delete())
    now, earlier = pair
    found = screen(window, hospital, apart(lambda: hospital.sign_in("radiologist")))
    found.page.goto(f"/reading/{apart(lambda: case_of(now.study)).pk}/?compare={earlier.study}")
    yield found
    found.page.context.close()


@pytest.fixture
def looked_at(hospital: Hospital, pair: tuple[Place, Place]) -> Iterator[None]:
    """The earlier exam is another site's, where the radiologist looks at images and writes no reports."""
    study = Study.objects.filter(study_instance_uid=pair[1].study)
    there, who = hospital.world.south, hospital.world.radiologist
    member = apart(lambda: Membership.objects.create(user=who, site=there, role="technologist"))
    apart(lambda: study.update(site=there))
    yield
    apart(lambda: study.update(site=hospital.world.north))
    apart(member.delete)


def measured(room: Screen, *studies: Place) -> None:
    """A length on each of these, in this order."""
    frame = room.viewer()
    frame.wait_for_function(BOTH_SHOWN, arg=[one.study for one in studies])
    for one in studies:
        assert room.page.evaluate(DRAW, [one.study, SIZE // 2]) == 1
    room.page.wait_for_selector(f"#viewer-status:text-is('{len(studies)} measurements not saved')")


def structured(place: Place) -> int:
    return sum(series.modality == "SR" for series in get_archive().series(place.study))


def kept() -> int:
    return Delivery.objects.filter(subscriber=STORE_KEPT).count()


@pytest.mark.usefixtures("looked_at")
def test_an_exam_that_takes_nothing_holds_up_no_measurement_of_the_other_and_is_named(
    pair: tuple[Place, Place], room: Screen
) -> None:
    now, earlier = pair
    before = apart(lambda: (structured(now), structured(earlier)))
    measured(room, earlier, now)
    room.page.click("#save-measurements")
    room.page.wait_for_selector("#viewer-status:text-is('1 measurement not saved')")
    notice = room.page.inner_text("#viewer-notice p")
    assert (earlier.accession in notice, now.accession in notice) == (True, False)
    assert apart(lambda: (structured(now), structured(earlier))) == (before[0] + 1, before[1])
    room.page.click("[data-room-list]")
    room.page.click("#unsaved-dialog button[value=save]")
    room.page.wait_for_selector("html:not([data-going])")
    assert room.page.locator("#cases").count() == 0, "whoever saves and cannot stays"
    room.page.click("[data-room-list]")
    room.page.click("#unsaved-dialog button[value=drop]")
    room.page.wait_for_selector("#cases")


def test_both_are_kept_while_the_archive_is_away_and_the_reader_goes_on(
    pair: tuple[Place, Place], room: Screen, pacs: OrthancProcess
) -> None:
    before = apart(kept)
    measured(room, *pair)
    assert pacs.pid is not None
    os.kill(pacs.pid, signal.SIGKILL)
    try:
        room.page.click("[data-room-list]")
        room.page.click("#unsaved-dialog button[value=save]")
        room.page.wait_for_selector("#cases")
        room.page.wait_for_selector("#toasts :text('kept here')")
    finally:
        pacs.start()
    assert apart(kept) == before + 2


def test_an_archive_that_stops_between_the_two_is_told_in_words_for_both(
    pair: tuple[Place, Place], room: Screen, pacs: OrthancProcess
) -> None:
    before, stored = apart(kept), apart(lambda: structured(pair[0]))
    measured(room, *pair)
    sent: list[Route] = []

    def stop_at_the_second(route: Route) -> None:
        sent.append(route)
        if len(sent) == 2 and pacs.pid is not None:
            os.kill(pacs.pid, signal.SIGKILL)
        route.continue_()

    room.page.route("**/dicom-web/studies", stop_at_the_second)
    try:
        room.page.click("#save-measurements")
        room.page.wait_for_selector(
            "#viewer-status:text-is('1 measurement saved, 1 kept here, not yet in the archive')"
        )
        assert room.page.is_disabled("#save-measurements")
    finally:
        pacs.start()
    assert apart(lambda: (kept(), structured(pair[0]))) == (before + 1, stored + 1)
