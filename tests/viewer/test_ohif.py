"""The real OHIF in a real browser, through the real proxy, on a real Orthanc.

Pictures are judged by their pixels. Not covered: Firefox, a GPU, other modalities than CT.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import uuid
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser as Chromium
from reportlab.pdfgen.canvas import Canvas

from reporting.models import DraftMeasurements
from ris.dicom import sandbox
from ris.dicom.archive import get_archive
from ris.dicom.orthanc.process import OrthancProcess
from tests.viewer import objects
from tests.viewer.hospital import SLICE as SIZE
from tests.viewer.hospital import Browser, Exam, Hospital
from tests.viewer.screen import PIXEL, Screen, apart, chromium, screen
from viewer import grants
from viewer.ohif.fetch import VERSION
from viewer.ohif.library import BASE
from viewer.ohif.prepare import is_prepared
from worklist.actions import reading
from worklist.models import ReadingTask, Study, StudyLink

pytestmark = pytest.mark.e2e
DIAMETER = SIZE // 2
DRAWN = """const drawn = cornerstoneTools.annotation.state.getAllAnnotations()
  .filter((one) => one.metadata.toolName === 'Length').at(-1);"""
LENGTH = f"() => {{ {DRAWN} return Object.values(drawn.data.cachedStats)[0].length; }}"
RECKONED = f"() => {{ {DRAWN} return drawn.invalidated === false; }}"
# A quarter longer, as a mouse does it: the value follows when the image is drawn again.
STRETCH = f"""{DRAWN} const [start, end] = drawn.data.handles.points;
  drawn.data.handles.points[1] = end.map((to, axis) => start[axis] + 1.25 * (to - start[axis]));
  drawn.invalidated = true; cornerstone.getRenderingEngines()[0].getViewports()[0].render()"""
SAVE = "parent.document.getElementById('save-measurements').click()"
UPDATED = """const updated = new Promise((heard) => parent.addEventListener('message', function told({ data }) {
  if (data?.type === 'measurement-updated') { parent.removeEventListener('message', told); heard(); } }))"""
# Drawn longer while it is on its way, and the button pressed once more.
STRETCH_WHILE_IT_IS_SENT = f"""const {{ store }} = extensionManager.getDataSources('isocenter')[0], send = store.dicom;
  store.dicom = async (...args) => {{ store.dicom = send; {UPDATED}; {STRETCH}; await updated; {SAVE};
    await send(...args); window.sent = true; }}"""


def document() -> bytes:
    stream = BytesIO()
    canvas = Canvas(stream)
    canvas.drawString(100, 700, "A synthetic report")
    canvas.save()
    return stream.getvalue()


@pytest.fixture(scope="module")
def case(hospital: Hospital) -> ReadingTask:
    """Study A with a report in it, and its case in the radiologist's hands."""
    assert is_prepared(Path(settings.OHIF_DIR), version=VERSION, base=BASE), "run `manage.py fetch_ohif` first"
    seed, place = uuid.uuid4().int >> 64, hospital.a.place
    signed = objects.encapsulated_pdf(place, f"2.25.{seed}5", f"2.25.{seed}51", document())
    assert get_archive().store([signed]).stored
    task = ReadingTask.objects.get(patient__family_name="Alpha")
    return reading.claim(task, by=hospital.world.radiologist)


@pytest.fixture(scope="module")
def window(case: ReadingTask) -> Iterator[Chromium]:
    with chromium() as found:
        yield found


@pytest.fixture
def room(hospital: Hospital, window: Chromium, case: ReadingTask) -> Iterator[Screen]:
    """The reading room of the case, images drawn, and nothing that was left unsaved before."""
    apart(lambda: DraftMeasurements.objects.all().delete())
    found = screen(window, hospital, apart(lambda: hospital.sign_in("radiologist")))
    found.page.goto(f"/reading/{case.pk}/")
    yield found
    found.page.context.close()


def says(room: Screen, words: str) -> None:
    """Wait until the bar over the images says exactly this."""
    room.page.wait_for_selector(f"#viewer-status:text-is('{words}')")


def reports(exam: Exam) -> list[dict[str, Any]]:
    """The structured reports of a study, oldest first, as DICOM JSON."""
    archive = get_archive()
    refs = [
        row.ref
        for series in archive.series(exam.study)
        if series.modality == "SR"
        for row in archive.instances(exam.study, series.series_instance_uid)
    ]
    found = [sandbox.call("ris.dicom.sandbox.content.as_json", archive.retrieve(ref)) for ref in refs]
    return sorted(found, key=lambda one: one["00200011"]["Value"][0])


def walk(dataset: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every content item of a report."""
    for item in dataset.get("0040A730", {}).get("Value", []):
        yield item
        yield from walk(item)


def test_images_are_drawn_and_nothing_is_refused(room: Screen) -> None:
    frame = room.viewer()
    bright, dark = frame.evaluate(PIXEL, [SIZE // 2, SIZE // 2]), frame.evaluate(PIXEL, [SIZE // 8, SIZE // 8])
    room.page.wait_for_load_state("networkidle")
    assert (bright > 180, dark < 60) == (True, True)
    assert room.faults == []


def test_a_length_is_drawn_saved_and_stands_in_the_archive(hospital: Hospital, room: Screen) -> None:
    frame = room.viewer()
    before = len(apart(lambda: reports(hospital.a)))
    room.drag(frame, "Length", (SIZE // 4, SIZE // 2), (SIZE * 3 // 4, SIZE // 2))
    says(room, "1 measurement not saved")
    room.page.keyboard.press("Alt+s")
    says(room, "1 measurement saved")
    room.page.mouse.move(300, 500)
    room.page.mouse.wheel(0, 300)
    room.page.wait_for_timeout(1000)
    says(room, "1 measurement saved")
    found = apart(lambda: reports(hospital.a))
    assert len(found) == before + 1
    judge(found[-1], hospital.world.radiologist.observer_name)
    assert room.faults == []


def judge(report: dict[str, Any], observer: str) -> None:
    """Who, how much, and that it is preliminary and for clinical use."""
    items = list(walk(report))
    numbers = [item["0040A300"]["Value"][0] for item in items if item["0040A040"]["Value"] == ["NUM"]]
    names = [item["0040A123"]["Value"][0]["Alphabetic"] for item in items if "0040A123" in item]
    assert float(numbers[0]["0040A30A"]["Value"][0]) == pytest.approx(DIAMETER, rel=0.02)
    assert numbers[0]["004008EA"]["Value"][0]["00080100"]["Value"] == ["mm"]
    assert names == [observer]
    assert report["00081030"]["Value"] == ["CT chest"]
    assert report["00189004"]["Value"] == ["PRODUCT"]
    assert report["0040A491"]["Value"] == ["PARTIAL"]
    assert report["0040A496"]["Value"] == ["PRELIMINARY"]
    assert "00204000" not in report


def newest_length(hospital: Hospital) -> float:
    """The first number of the report that the archive got last."""
    newest = apart(lambda: reports(hospital.a))[-1]
    numbers = [item["0040A300"]["Value"][0] for item in walk(newest) if item["0040A040"]["Value"] == ["NUM"]]
    return float(numbers[0]["0040A30A"]["Value"][0])


def test_what_is_stored_is_what_was_drawn_last_or_is_told_as_not_saved(hospital: Hospital, room: Screen) -> None:
    frame = room.viewer()
    before = len(apart(lambda: reports(hospital.a)))
    room.drag(frame, "Length", (SIZE // 4, SIZE // 6), (SIZE // 2, SIZE // 6))
    says(room, "1 measurement not saved")
    frame.wait_for_function(RECKONED)
    first = float(frame.evaluate(LENGTH))
    frame.evaluate(f"() => {{ {STRETCH}; {SAVE}; }}")  # the button comes before the new value is reckoned
    says(room, "1 measurement saved")
    assert newest_length(hospital) == pytest.approx(1.25 * first, rel=0.01)
    frame.evaluate(f"() => {{ {STRETCH}; }}")
    says(room, "1 measurement not saved")
    frame.wait_for_function(RECKONED)
    frame.evaluate(f"() => {{ {STRETCH_WHILE_IT_IS_SENT}; {SAVE}; }}")
    says(room, "1 measurement not saved")
    frame.wait_for_function("() => window.sent")
    assert newest_length(hospital) == pytest.approx(1.25**2 * first, rel=0.01)
    room.page.click("#save-measurements:enabled")
    says(room, "1 measurement saved")
    assert newest_length(hospital) == pytest.approx(1.25**3 * first, rel=0.01)
    assert len(apart(lambda: reports(hospital.a))) == before + 3, "the second press stored nothing"


def test_the_report_of_the_study_opens_in_the_viewer(room: Screen) -> None:
    frame = room.viewer()
    row = frame.get_by_text("Report", exact=True).first
    row.wait_for()
    row.dblclick()
    frame.wait_for_selector("object[type='application/pdf'][data^='blob:']")
    assert room.faults == []


def test_a_session_that_ends_hides_everything_and_loses_nothing(hospital: Hospital, room: Screen) -> None:
    frame = room.viewer()
    before = len(apart(lambda: reports(hospital.a)))
    room.drag(frame, "Length", (SIZE // 4, SIZE // 3), (SIZE * 3 // 4, SIZE // 3))
    says(room, "1 measurement not saved")
    cookies = {one["name"]: one["value"] for one in room.page.context.cookies()}
    old = Browser(f"sessionid={cookies['sessionid']}; csrftoken={cookies['csrftoken']}", cookies["csrftoken"])
    apart(lambda: hospital.end_session(old))
    room.page.click("#save-measurements")
    room.page.wait_for_selector("#viewer-notice:has-text('session has ended')")
    assert room.page.is_hidden("#viewer")
    assert room.page.is_hidden("#report")
    assert room.page.is_hidden(".patient-banner")
    renewed = apart(lambda: hospital.sign_in("radiologist"))
    address = f"http://localhost:{hospital.port}"
    pairs = [pair.split("=", 1) for pair in renewed.cookie.split("; ")]
    room.page.context.add_cookies([{"name": name, "value": value, "url": address} for name, value in pairs])
    room.page.wait_for_selector("#viewer", state="visible")
    room.page.click("#save-measurements")
    says(room, "1 measurement saved")
    assert len(apart(lambda: reports(hospital.a))) == before + 1


def test_a_measurement_is_kept_when_the_archive_is_gone_and_the_screen_says_so(
    hospital: Hospital, pacs: OrthancProcess, room: Screen
) -> None:
    frame = room.viewer()
    room.drag(frame, "Length", (SIZE // 4, SIZE // 4), (SIZE * 3 // 4, SIZE // 4))
    says(room, "1 measurement not saved")
    assert pacs.pid is not None
    os.kill(pacs.pid, signal.SIGKILL)
    try:
        room.page.click("#save-measurements")
        says(room, "Kept here, not yet in the archive")
        assert room.page.is_disabled("#save-measurements")
        assert room.page.is_hidden("#viewer-notice")
    finally:
        pacs.start()


def session_of(room: Screen) -> str:
    return next(one["value"] for one in room.page.context.cookies() if one["name"] == "sessionid")


def test_a_refused_measurement_is_never_called_saved(hospital: Hospital, room: Screen) -> None:
    frame = room.viewer()
    room.drag(frame, "Length", (SIZE // 4, SIZE // 5), (SIZE * 3 // 4, SIZE // 5))
    says(room, "1 measurement not saved")
    study = Study.objects.filter(study_instance_uid=hospital.a.study)
    apart(lambda: StudyLink.objects.filter(study__in=study).update(active=False))
    try:
        grants.forget(session_of(room))
        room.page.click("#save-measurements")
        says(room, "Not saved")
        room.page.wait_for_selector("#save-measurements:enabled")
    finally:
        apart(lambda: StudyLink.objects.filter(study__in=study).update(active=True))


def test_the_divider_moves_by_keyboard_and_is_remembered(room: Screen) -> None:
    room.page.focus("#divider")
    for _ in range(5):
        room.page.keyboard.press("ArrowLeft")
    assert room.page.get_attribute("#divider", "aria-valuenow") == "58"
    room.page.reload()
    assert room.page.get_attribute("#divider", "aria-valuenow") == "58"


@pytest.mark.parametrize(
    "address", ["/viewer/?accession={ACC}", "/viewer?study={A}", "/ohif/viewer?StudyInstanceUIDs={A}"]
)
def test_every_launch_address_shows_the_images_under_the_patients_name(
    hospital: Hospital, window: Chromium, address: str
) -> None:
    found = screen(window, hospital, apart(lambda: hospital.sign_in("radiologist")))
    found.page.goto(address.replace("{ACC}", hospital.a.place.accession).replace("{A}", hospital.a.study))
    assert found.viewer().evaluate(PIXEL, [4, 4]) < 60
    assert "Alpha, Sam" in found.page.inner_text(".patient-banner")
    assert found.faults == []
    found.page.context.close()


def test_images_that_are_opened_alone_are_measured_and_saved(hospital: Hospital, window: Chromium) -> None:
    found = screen(window, hospital, apart(lambda: hospital.sign_in("radiologist")))
    before = len(apart(lambda: reports(hospital.a)))
    found.page.goto(f"/viewer/?StudyInstanceUIDs={hospital.a.study}")
    found.drag(found.viewer(), "Length", (SIZE // 4, SIZE // 3), (SIZE * 3 // 4, SIZE // 3))
    says(found, "1 measurement not saved")
    found.page.click("#save-measurements")
    says(found, "1 measurement saved")
    assert len(apart(lambda: reports(hospital.a))) == before + 1
    assert found.faults == []
    found.page.context.close()


@pytest.mark.parametrize("route", ["viewer/dicomjson", "viewer/dicomwebproxy", "dicomjson", "viewer"])
def test_a_foreign_address_in_the_url_is_never_asked(hospital: Hospital, window: Chromium, route: str) -> None:
    """CVE-2026-12473: data sources that fetch ?url= with the person's token."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(6)
        caught: list[bytes] = []

        def listen() -> None:
            try:
                wire, _ = listener.accept()
            except TimeoutError:
                return
            with wire:
                caught.append(wire.recv(1000))

        thread = threading.Thread(target=listen)
        thread.start()
        found = screen(window, hospital, apart(lambda: hospital.sign_in("radiologist")))
        port = listener.getsockname()[1]
        found.page.goto(f"{BASE}{route}?url=http://127.0.0.1:{port}/x&StudyInstanceUIDs={hospital.a.study}")
        thread.join()
        found.page.context.close()
    assert caught == []
