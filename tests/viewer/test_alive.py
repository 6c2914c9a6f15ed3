"""The viewer stays when the case changes: started unseen, turned from inside, never another patient's for a frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Frame

from reporting.models import DraftMeasurements
from ris.dicom.archive import get_archive
from tests.viewer.hospital import SLICE as SIZE
from tests.viewer.hospital import Exam, Hospital, exam
from tests.viewer.screen import PIXEL, Screen, apart, chromium, screen
from viewer.warm_up import STUDY
from worklist.actions import reading
from worklist.models import ReadingTask

pytestmark = pytest.mark.e2e
TURNABLE = "() => Boolean(window.commandsManager?.getCommand?.('navigateHistory'))"
SHOWN = "#viewer-keep[data-state=shown]"
# What a person could see in each drawn frame: whose banner, whose report, the studies of the images if they show.
WATCH = """() => { window.seen = []; const look = () => {
  const keep = document.getElementById('viewer-keep');
  const shown = getComputedStyle(keep).visibility === 'visible';
  const engines = document.getElementById('viewer').contentWindow.cornerstone?.getRenderingEngines() ?? [];
  const images = engines.flatMap((e) => e.getViewports()).map((v) => v.getCurrentImageId?.()).filter(Boolean);
  window.seen.push({
    banner: document.querySelector('.patient-banner')?.textContent.match(/Alpha|Gamma/)?.[0] ?? '',
    report: document.querySelector('#sign-dialog')?.textContent.match(/Alpha|Gamma/)?.[0] ?? '',
    studies: shown ? images.map((id) => id.match(/studies\\/([0-9.]+)/)[1]) : [] });
  requestAnimationFrame(look); }; look(); }"""

# The old document was not done when the new one was asked for: its own `load` comes in between.
LATE_LOAD = """() => { const frame = document.getElementById('viewer');
  const late = () => frame.dispatchEvent(new Event('load'));
  new MutationObserver(late).observe(frame, { attributeFilter: ['src'] }); }"""
CURRENT = """async () => { const { bridge } = await import('/static/js/viewer/alive.js');
  const { current } = await import('/static/js/viewer/showing.js'); return current(bridge()); }"""
# A promise counts as true where Playwright waits for a function: this one waits itself, for half a minute.
SHOWN_AGAIN = f"""async (marked) => {{
  const seen = ({{ image, presentation: {{ properties, view }} }}) =>
    JSON.stringify([image, properties.voiRange, view.rotation]);
  for (let left = 600; left && seen(await ({CURRENT})()) !== seen(marked); left -= 1) {{
    await new Promise((done) => setTimeout(done, 50));
  }}
  return ({CURRENT})(); }}"""
LENGTHS = """() => cornerstoneTools.annotation.state.getAllAnnotations()
  .filter((one) => one.metadata.toolName === 'Length').length"""
VIEW = "const v = cornerstone.getRenderingEngines()[0].getViewports()[0];"
ALTER = f"""async () => {{ {VIEW} await v.setImageIdIndex(1);
  v.setProperties({{ voiRange: {{ lower: -90, upper: 130 }} }});
  v.setViewPresentation({{ zoom: 2, rotation: 90, flipHorizontal: true }}); v.render(); }}"""
AT_SECOND = f"() => {{ {VIEW} return v.getCurrentImageIdIndex() === 1; }}"
DISTURB = f"""async () => {{ {VIEW} await v.setImageIdIndex(0); v.resetCamera(); v.resetProperties();
  v.setViewPresentation({{ zoom: 1, rotation: 0, flipHorizontal: false }}); v.render(); }}"""

# The contexts that draw, whether they are those of before, how many renderers they hold, and the panes that there are.
DRAWING = """() => { const engine = cornerstone.getRenderingEngines()[0];
  window.contexts ??= engine.contextPool.getAllContexts();
  const now = engine.contextPool.getAllContexts();
  return { engines: cornerstone.getRenderingEngines().length, contexts: now.length,
    kept: now.every((one, at) => one === window.contexts[at]),
    renderers: now.flatMap((one) => one.getRenderers()).length, panes: engine.getViewports().length }; }"""

# Whatever the page asks of the server waits until `letGo` is called.
HOLD = """() => { const ask = window.fetch; const held = new Promise((done) => { window.letGo = done; });
  window.fetch = async (...all) => { await held; window.fetch = ask; return ask(...all); }; }"""


@pytest.fixture(scope="module")
def other(hospital: Hospital) -> Exam:
    """A second case of the north, another patient's."""
    return exam(hospital.world, hospital.world.north, hospital.world.clerk, "Gamma")


@pytest.fixture(scope="module")
def window(other: Exam) -> Iterator[Chromium]:
    with chromium() as found:
        yield found


@pytest.fixture
def desk(hospital: Hospital, window: Chromium) -> Iterator[Screen]:
    """The reading list with nothing claimed, the viewer started and unseen."""
    apart(give_back)
    found = screen(window, hospital, apart(lambda: hospital.sign_in("radiologist")))
    found.page.goto("/worklist/reading/")
    started(found)
    yield found
    found.page.context.close()


def give_back() -> None:
    DraftMeasurements.objects.all().delete()
    for task in ReadingTask.objects.filter(claimed_by__isnull=False):
        assert task.claimed_by is not None
        reading.release(task, by=task.claimed_by)


def started(desk: Screen) -> Frame:
    """The unseen viewer, once it can be turned; marked, so that a new document would be noticed."""
    element = desk.page.wait_for_selector("iframe#viewer", state="attached")
    frame = element.content_frame() if element else None
    assert frame is not None
    frame.wait_for_function(TURNABLE)
    frame.evaluate("() => { window.marked = true; }")
    return frame


def read(desk: Screen, name: str) -> None:
    desk.page.locator("tr", has_text=name).locator(".row-link").click()
    desk.page.wait_for_selector(f".patient-banner:has-text('{name}')")
    desk.page.wait_for_selector(SHOWN)


def how(desk: Screen) -> str:
    return desk.page.get_attribute("#viewer-keep", "data-how") or ""


def gave_up(desk: Screen) -> bool:
    """Whether the viewer did not turn in the time that a reader waits; on a machine that is too busy it may not."""
    return desk.page.get_attribute("#viewer-keep", "data-why") == "The viewer did not turn."


def read_inside(desk: Screen, name: str) -> Frame:
    """Read this case from the list; a turn that was given up is tried again, twice at most."""
    for _ in range(3):
        frame = started(desk)
        read(desk, name)
        if not gave_up(desk):
            break
        apart(give_back)
        desk.page.goto("/worklist/reading/")
    return frame


def test_the_viewer_starts_unseen_and_the_chosen_case_comes_without_loading_it_again(desk: Screen) -> None:
    assert STUDY in started(desk).url
    assert not desk.page.is_visible("#viewer")
    frame = read_inside(desk, "Alpha")
    assert (how(desk), frame.evaluate("() => window.marked")) == ("inside", True)
    assert frame.evaluate(PIXEL, [SIZE // 2, SIZE // 2]) > 180
    desk.page.wait_for_selector("#report-pane")
    assert desk.faults == []


def held(desk: Screen, name: str, one: Exam) -> tuple[Frame, list[str]]:
    """The case was chosen and the viewer turns, while no answer comes; the addresses that are asked from then on."""
    frame = started(desk)
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    frame.wait_for_function("() => window.canWait")
    desk.page.evaluate(HOLD)
    desk.page.locator("tr", has_text=name).locator(".row-link").click()
    frame.wait_for_function("(uid) => location.search.includes(uid)", arg=one.study)
    return frame, asked


def test_the_viewer_turns_while_the_server_opens_the_case_and_asks_nothing_before(
    hospital: Hospital, desk: Screen
) -> None:
    frame, asked = held(desk, "Alpha", hospital.a)
    desk.page.wait_for_timeout(1500)  # as long as a turn takes, and longer
    assert [url for url in asked if hospital.a.study in url] == []
    assert not desk.page.is_visible("#viewer")
    desk.page.evaluate("() => window.letGo()")
    desk.page.wait_for_selector(SHOWN)
    assert gave_up(desk) or (how(desk), frame.evaluate("() => window.marked")) == ("inside", True)
    frame = desk.viewer()
    assert frame.evaluate(PIXEL, [SIZE // 2, SIZE // 2]) > 180
    assert any(f"/studies/{hospital.a.study}/" in url for url in asked)
    assert desk.faults == []


def test_of_a_case_that_somebody_else_took_meanwhile_nothing_is_asked_and_the_next_one_comes(
    hospital: Hospital, desk: Screen, other: Exam
) -> None:
    frame, asked = held(desk, "Alpha", hospital.a)
    apart(lambda: reading.claim(case_of(hospital.a), by=hospital.world.resident))
    desk.page.evaluate("() => window.letGo()")
    desk.page.wait_for_selector("#toasts :text('reading')")
    assert not desk.page.is_visible("#viewer")
    read(desk, "Gamma")
    assert gave_up(desk) or (how(desk), frame.evaluate("() => window.marked")) == ("inside", True)
    assert [url for url in asked if f"/studies/{hospital.a.study}/" in url] == []


def case_of(one: Exam) -> ReadingTask:
    return ReadingTask.objects.get(requested_procedures__study_links__study__study_instance_uid=one.study)


def test_the_next_case_brings_images_banner_and_report_together(hospital: Hospital, desk: Screen, other: Exam) -> None:
    frame = started(desk)
    owner = {"Alpha": hospital.a.study, "Gamma": other.study}
    read(desk, "Alpha")
    desk.page.wait_for_selector("#sign-dialog", state="attached")
    desk.page.evaluate(WATCH)
    desk.page.keyboard.press("Alt+n")
    desk.page.wait_for_selector(".patient-banner:has-text('Gamma')")
    desk.page.wait_for_selector(SHOWN)
    desk.page.wait_for_selector("#sign-dialog:has-text('Gamma')", state="attached")
    desk.page.go_back()
    desk.page.wait_for_selector(".patient-banner:has-text('Alpha')")
    desk.page.wait_for_selector(SHOWN)
    seen: list[dict[str, Any]] = desk.page.evaluate("() => window.seen")
    assert {one["banner"] for one in seen} == {"Alpha", "Gamma"}
    assert all(one["report"] in {"", one["banner"]} for one in seen)
    assert all(study == owner[one["banner"]] for one in seen for study in one["studies"])
    assert gave_up(desk) or (how(desk), frame.evaluate("() => window.marked")) == ("inside", True)


def test_one_case_after_the_other_is_drawn_in_the_same_contexts_and_leaves_nothing_in_them(desk: Screen) -> None:
    frame = read_inside(desk, "Alpha")
    drawing = frame.evaluate(DRAWING)
    assert drawing == {"engines": 1, "contexts": 2, "kept": True, "renderers": 1, "panes": 1}
    for name in ("Gamma", "Alpha", "Gamma"):
        desk.page.click("[data-room-list]")
        desk.page.wait_for_selector("#cases")
        assert read_inside(desk, name).evaluate(DRAWING) == drawing


def test_a_viewer_that_cannot_be_turned_is_loaded_anew_and_shows_nobody_else_meanwhile(
    hospital: Hospital, desk: Screen, other: Exam
) -> None:
    frame = started(desk)
    owner = {"Alpha": hospital.a.study, "Gamma": other.study}
    read(desk, "Alpha")
    frame.evaluate("() => { commandsManager.runCommand = () => { throw new Error('broken'); }; }")
    desk.page.evaluate(WATCH)
    desk.page.evaluate(LATE_LOAD)
    desk.page.keyboard.press("Alt+n")
    desk.page.wait_for_selector(".patient-banner:has-text('Gamma')")
    desk.page.wait_for_selector(SHOWN)
    assert how(desk) == "fresh"
    drawn = desk.viewer()
    assert drawn.evaluate("() => window.marked") is None
    assert drawn.evaluate(PIXEL, [SIZE // 2, SIZE // 2]) > 180
    seen: list[dict[str, Any]] = desk.page.evaluate("() => window.seen")
    assert all(study == owner[one["banner"]] for one in seen for study in one["studies"])


def test_a_measurement_is_saved_or_left_out_on_purpose_before_the_case_changes(
    hospital: Hospital, desk: Screen
) -> None:
    read(desk, "Alpha")
    frame = desk.viewer()
    before = apart(lambda: structured(hospital.a))
    desk.drag(frame, "Length", (SIZE // 4, SIZE // 2), (SIZE * 3 // 4, SIZE // 2))
    desk.page.wait_for_selector("#viewer-status:text-is('1 measurement not saved')")
    desk.page.click("[data-room-next] button")
    desk.page.click("#unsaved-dialog button[value=stay]")
    assert "Alpha" in desk.page.inner_text(".patient-banner")
    desk.page.click("[data-room-next] button")
    desk.page.click("#unsaved-dialog button[value=save]")
    desk.page.wait_for_selector(".patient-banner:has-text('Gamma')")
    desk.page.wait_for_selector(SHOWN)
    assert apart(lambda: structured(hospital.a)) == before + 1
    assert frame.evaluate("() => services.measurementService.getMeasurements().length") == 0


def test_what_is_left_out_is_lost_only_when_the_page_really_goes(desk: Screen) -> None:
    read(desk, "Alpha")
    desk.page.wait_for_selector("#numbers", state="attached")
    with desk.page.expect_response(lambda one: one.url.endswith("/drawn/") and one.request.method == "POST"):
        desk.drag(desk.viewer(), "Length", (SIZE // 4, SIZE // 2), (SIZE * 3 // 4, SIZE // 2))
    desk.viewer().evaluate("""() => parent.postMessage({ source: 'ohif', type: 'segmentation-painted', uid: 'one' })""")
    desk.page.click("[data-room-list]")
    desk.page.click("#painted-dialog button[value=drop]")
    desk.page.click("#unsaved-dialog button[value=stay]")
    desk.page.wait_for_selector("html:not([data-going])")
    assert desk.page.inner_text("#viewer-status") == "1 measurement not saved"
    assert apart(DraftMeasurements.objects.count) == 1
    desk.page.click("[data-room-list]")
    desk.page.click("#painted-dialog button[value=drop]")  # asked again, since the page did not go
    desk.page.click("#unsaved-dialog button[value=drop]")
    desk.page.wait_for_selector("#cases")
    wait_until(lambda: not DraftMeasurements.objects.exists())


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not apart(holds):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def structured(one: Exam) -> int:
    return sum(series.modality == "SR" for series in get_archive().series(one.study))


def test_typed_text_is_kept_when_the_case_changes_and_stands_in_its_own_report(desk: Screen) -> None:
    read(desk, "Alpha")
    desk.page.wait_for_selector("#section-findings")
    desk.page.fill("#section-findings", "Only of Alpha.")
    desk.page.keyboard.press("Alt+n")
    desk.page.wait_for_selector(".patient-banner:has-text('Gamma')")
    desk.page.wait_for_selector("#sign-dialog:has-text('Gamma')", state="attached")
    assert desk.page.input_value("#section-findings") != "Only of Alpha."
    desk.page.go_back()
    desk.page.wait_for_selector("#sign-dialog:has-text('Alpha')", state="attached")
    assert desk.page.input_value("#section-findings") == "Only of Alpha."


def test_narrowing_the_list_does_not_start_the_viewer_again(desk: Screen) -> None:
    frame = started(desk)
    desk.page.select_option("#f-modality", "CT")
    desk.page.wait_for_url("**/worklist/reading/?*modality=CT*")
    assert frame.evaluate("() => window.marked") is True
    read_inside(desk, "Gamma")
    assert how(desk) == "inside"


def test_a_key_image_comes_back_with_its_window_zoom_rotation_and_drawings(desk: Screen) -> None:
    read(desk, "Alpha")
    frame = desk.viewer()
    as_marked = desk.page.evaluate(CURRENT)
    frame.evaluate(ALTER)
    frame.wait_for_function(AT_SECOND)
    desk.drag(frame, "Length", (SIZE * 3 // 8, SIZE // 2), (SIZE * 5 // 8, SIZE // 2))
    marked = desk.page.evaluate(CURRENT)
    assert marked["presentation"] != as_marked["presentation"]
    frame.evaluate(DISTURB)
    assert desk.page.evaluate(CURRENT)["image"] != marked["image"]
    desk.page.evaluate("(where) => document.dispatchEvent(new CustomEvent('viewer:show', { detail: where }))", marked)
    back = desk.page.evaluate(SHOWN_AGAIN, marked)
    assert back["image"] == marked["image"]
    assert back["presentation"]["properties"]["voiRange"] == marked["presentation"]["properties"]["voiRange"]
    for name in ("zoom", "rotation", "flipHorizontal"):
        assert back["presentation"]["view"][name] == pytest.approx(marked["presentation"]["view"][name])
    assert frame.evaluate(LENGTHS) == 1, "what is still drawn is not drawn twice"
    frame.evaluate("() => services.measurementService.clearMeasurements()")
    frame.wait_for_function(f"() => ({LENGTHS})() === 0")
    desk.page.evaluate("(where) => document.dispatchEvent(new CustomEvent('viewer:show', { detail: where }))", marked)
    frame.wait_for_function(f"() => ({LENGTHS})() === 1")
    desk.page.wait_for_selector("#save-measurements:disabled", state="attached")


def test_whoever_stays_after_going_back_has_the_address_of_the_case_that_is_shown(desk: Screen) -> None:
    read(desk, "Alpha")
    desk.page.keyboard.press("Alt+n")
    desk.page.wait_for_selector(".patient-banner:has-text('Gamma')")
    desk.page.wait_for_selector(SHOWN)
    address = desk.page.url
    desk.drag(desk.viewer(), "Length", (SIZE // 4, SIZE // 2), (SIZE * 3 // 4, SIZE // 2))
    desk.page.wait_for_selector("#viewer-status:text-is('1 measurement not saved')")
    desk.page.go_back()
    desk.page.click("#unsaved-dialog button[value=stay]")
    desk.page.wait_for_selector("html:not([data-going])")
    assert "Gamma" in desk.page.inner_text(".patient-banner")
    desk.page.wait_for_function("(address) => location.href === address", arg=address)


def test_a_frame_that_holds_a_page_of_the_browser_gets_the_next_case_all_the_same(desk: Screen) -> None:
    read(desk, "Alpha")
    desk.page.evaluate("() => { document.getElementById('viewer').src = 'http://127.0.0.1:9/'; }")
    desk.page.wait_for_function("() => document.getElementById('viewer').contentDocument === null")
    desk.page.keyboard.press("Alt+n")
    desk.page.wait_for_selector(".patient-banner:has-text('Gamma')")
    desk.page.wait_for_selector(SHOWN)
    assert desk.viewer().evaluate(PIXEL, [SIZE // 2, SIZE // 2]) > 180
