"""Several windows of one reader: images on other monitors follow the report, and two patients are never signed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from reporting.models import Report
from tests.viewer.hospital import SLICE as SIZE
from tests.viewer.hospital import Exam, Hospital, exam
from tests.viewer.screen import Screen, apart, chromium, screen
from tests.viewer.test_alive import WATCH, give_back, read
from worklist.actions import reading
from worklist.models import ReadingTask

pytestmark = pytest.mark.e2e
SEEN = "body:not([data-unlinked]) #viewer-keep[data-state=shown]"
SIGNED_OUT = """() => document.dispatchEvent(
  new CustomEvent('poll:ended', { cancelable: true, detail: { signedOut: true } }))"""


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
    apart(give_back)
    found = screen(window, hospital, apart(lambda: hospital.sign_in("radiologist")))
    found.page.goto("/worklist/reading/")
    yield found
    found.page.context.close()


def beside(desk: Screen, number: int) -> Page:
    """Open an image window from the room's bar."""
    desk.page.click("[popovertarget=screens]")
    with desk.page.expect_popup() as popup:
        desk.page.click(f"[data-screen-open='{number}']")
    desk.page.keyboard.press("Escape")
    desk.page.wait_for_selector("#screens", state="hidden")
    popup.value.set_default_timeout(40_000)
    return popup.value


def test_an_image_window_turns_with_the_report_and_never_mixes_patients(
    hospital: Hospital, desk: Screen, other: Exam
) -> None:
    owner = {"Alpha": hospital.a.study, "Gamma": other.study}
    read(desk, "Alpha")
    images = beside(desk, 1)
    images.wait_for_selector(SEEN)
    assert "Alpha" in images.inner_text(".patient-banner")
    desk.page.wait_for_selector("#viewer", state="hidden")
    images.evaluate(WATCH)
    desk.page.keyboard.press("Alt+n")
    desk.page.wait_for_selector(".patient-banner:has-text('Gamma')")
    images.wait_for_selector(".patient-banner:has-text('Gamma')")
    images.wait_for_selector(SEEN)
    seen: list[dict[str, Any]] = images.evaluate("() => window.seen")
    assert {one["banner"] for one in seen} >= {"Gamma"}
    assert all(study == owner[one["banner"]] for one in seen for study in one["studies"])
    assert images.evaluate("() => JSON.parse(localStorage.getItem('isocenter-screen-1')).width") > 0


def test_a_measurement_of_an_image_window_is_saved_before_the_case_changes(desk: Screen) -> None:
    read(desk, "Alpha")
    images = beside(desk, 1)
    images.wait_for_selector(SEEN)
    there = Screen(images)
    there.drag(there.viewer(), "Length", (SIZE // 4, SIZE // 2), (SIZE * 3 // 4, SIZE // 2))
    images.wait_for_selector("#viewer-status:text-is('1 measurement not saved')")
    assert images.evaluate(SIGNED_OUT) is False, "a window that holds a measurement does not go to the sign-in"
    images.wait_for_selector("#viewer-notice:has-text('session has ended')")
    images.wait_for_selector("#viewer", state="hidden")
    images.evaluate("() => window.dispatchEvent(new Event('focus'))")  # and has another one
    images.wait_for_selector("#viewer", state="visible")
    with images.expect_response(lambda one: one.request.method == "POST" and one.url.endswith("/studies")) as stored:
        desk.page.keyboard.press("Alt+n")
    assert stored.value.status == 200
    desk.page.wait_for_selector(".patient-banner:has-text('Gamma')")


def test_an_image_window_that_lost_its_report_window_shows_nobody(desk: Screen) -> None:
    read(desk, "Alpha")
    images = beside(desk, 1)
    images.wait_for_selector(SEEN)
    desk.page.goto("/")
    images.wait_for_selector("body[data-unlinked]", state="attached")
    assert not images.is_visible("#viewer")
    assert not images.is_visible(".patient-banner")


def test_only_the_window_whose_patient_was_opened_last_signs(desk: Screen, other: Exam) -> None:
    read(desk, "Alpha")
    desk.page.wait_for_selector("#report-pane")
    second = desk.page.context.new_page()
    second.set_default_timeout(40_000)
    gamma = apart(lambda: ReadingTask.objects.get(patient__family_name="Gamma")).pk
    second.goto(f"/reading/{gamma}/")
    desk.page.wait_for_selector("#elsewhere-notice", state="visible")
    desk.page.keyboard.press("Control+Enter")
    assert not desk.page.is_visible("#sign-dialog")
    desk.page.click("#elsewhere-notice button")
    desk.page.wait_for_selector("#elsewhere-notice", state="hidden")
    second.wait_for_selector("#elsewhere-notice", state="visible")
    second.goto(f"/viewer/?StudyInstanceUIDs={other.study}")
    desk.page.wait_for_selector("#elsewhere-notice", state="visible")
    desk.page.click("#elsewhere-notice button")
    desk.page.wait_for_selector("#elsewhere-notice", state="hidden")
    desk.page.click("[data-open-sign]")
    desk.page.wait_for_selector("#sign-dialog", state="visible")


@pytest.mark.parametrize(
    ("last", "words"),
    [("Gamma", "in another window"), ("images of Gamma", "in another window"), ("Alpha", "password")],
)
def test_the_server_signs_nothing_but_for_the_patient_who_was_opened_last(
    hospital: Hospital, other: Exam, last: str, words: str
) -> None:
    said, state = apart(lambda: signs_alpha(hospital, other, last))
    assert words in said
    assert state == "draft"


def signs_alpha(hospital: Hospital, other: Exam, last: str) -> tuple[str, str]:
    """What the server says to Alpha's signature when the case of `last` was opened last, and the report's state."""
    give_back()
    client, rita = Client(), hospital.world.radiologist
    client.force_login(rita, "allauth.account.auth_backends.AuthenticationBackend")
    tasks = {name: ReadingTask.objects.get(patient__family_name=name) for name in ("Alpha", "Gamma")}
    reading.claim(tasks["Alpha"], by=rita)
    panel = f"/reports/cases/{tasks['Alpha'].pk}/panel/"
    client.get(panel)
    report = Report.objects.get(task=tasks["Alpha"])
    places = {name: f"/reading/{task.pk}/" for name, task in tasks.items()}
    places["images of Gamma"] = f"/viewer/?StudyInstanceUIDs={other.study}"
    for name in sorted(places, key=lambda name: name == last):
        assert client.get(places[name]).status_code == 200
    shown = {"revision": report.revision, "numbers": client.get(panel).context["numbers_version"]}
    answer = client.post(f"/reports/{report.pk}/sign/", {**shown, "password": "-"})
    report.refresh_from_db()
    return answer.content.decode(), report.state
