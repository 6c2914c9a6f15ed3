"""Several windows of one reader: images on other monitors follow the report, and two patients are never signed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from reporting.models import DraftMeasurements, Report
from tests.viewer.films import film, one_slice
from tests.viewer.hospital import SLICE as SIZE
from tests.viewer.hospital import Exam, Hospital, exam
from tests.viewer.screen import Screen, apart, chromium, screen
from tests.viewer.test_alive import WATCH, give_back, read, structured
from worklist.actions import reading
from worklist.actions.wrong_patient import close_study, lock_studies
from worklist.models import ReadingTask

pytestmark = pytest.mark.e2e
SEEN = "body:not([data-unlinked]) #viewer-keep[data-state=shown]"
SHOWN_IMAGE = "() => cornerstone.getRenderingEngines()[0].getViewports()[0].getCurrentImageId()"
# The answer with the case of a task is there, but reaches the page only when it is let go, whoever ended its question.
HOLD = """(task) => { const ask = window.fetch; window.held = 0;
  const letGo = new Promise((done) => { window.letGo = done; });
  window.fetch = async (url, how) => {
    const answer = await ask(url, { ...how, signal: undefined });
    if (!String(url).includes(`task=${task}&`)) return answer;
    window.held += 1;
    await letGo;
    return answer; }; }"""
LET_GO = "async () => { window.letGo(); await new Promise((done) => setTimeout(done, 500)); }"
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


def test_the_page_of_a_case_that_was_left_meanwhile_is_never_shown_however_late_it_comes(
    hospital: Hospital, desk: Screen, other: Exam
) -> None:
    read(desk, "Alpha")
    images = beside(desk, 1)
    images.wait_for_selector(SEEN)
    images.evaluate(HOLD, apart(lambda: case_of(other.study).pk))
    desk.page.keyboard.press("Alt+n")
    desk.page.wait_for_selector(".patient-banner:has-text('Gamma')")
    images.wait_for_function("() => window.held === 1")
    desk.page.go_back()
    desk.page.wait_for_selector(".patient-banner:has-text('Alpha')")
    images.wait_for_selector(SEEN)
    images.evaluate(LET_GO)
    assert "Alpha" in images.inner_text(".patient-banner")
    assert images.get_attribute("#viewer-slot", "data-studies") == hospital.a.study
    desk.page.wait_for_selector("[data-screen-open='1']:text-is('Image window 1: shown')", state="attached")


def test_the_page_of_a_case_shows_nobody_when_it_comes_after_the_report_window_was_left(
    desk: Screen, other: Exam
) -> None:
    read(desk, "Alpha")
    images = beside(desk, 1)
    images.wait_for_selector(SEEN)
    images.evaluate(HOLD, apart(lambda: case_of(other.study).pk))
    desk.page.keyboard.press("Alt+n")
    images.wait_for_function("() => window.held === 1")
    desk.page.goto("/")
    images.wait_for_selector("body[data-unlinked]", state="attached")
    images.evaluate("""() => { window.seen = false;
      const look = () => { window.seen ||= !document.body.hasAttribute('data-unlinked'); };
      new MutationObserver(look).observe(document.body, { attributes: true }); }""")
    images.evaluate(LET_GO)
    assert not images.is_visible(".patient-banner")
    assert images.evaluate("() => window.seen") is False


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


def test_a_session_that_ends_on_the_server_hides_every_window_until_the_same_person_is_back(
    hospital: Hospital, desk: Screen
) -> None:
    read(desk, "Alpha")
    desk.page.wait_for_selector("#section-findings")
    images = beside(desk, 1)
    images.wait_for_selector(SEEN)
    apart(lambda: Session.objects.all().delete())
    images.wait_for_selector("#viewer", state="hidden")
    images.wait_for_selector(".patient-banner", state="hidden")
    desk.page.wait_for_selector("#report", state="hidden")
    desk.page.wait_for_selector(".patient-banner", state="hidden")
    renewed = apart(lambda: hospital.sign_in("radiologist"))
    address = f"http://localhost:{hospital.port}"
    pairs = [pair.split("=", 1) for pair in renewed.cookie.split("; ")]
    desk.page.context.add_cookies([{"name": name, "value": value, "url": address} for name, value in pairs])
    desk.page.wait_for_selector("#report", state="visible")
    images.wait_for_selector(SEEN)
    assert "Alpha" in images.inner_text(".patient-banner")


def test_an_image_window_saves_what_it_holds_before_it_follows_another_report_window(
    hospital: Hospital, desk: Screen, other: Exam
) -> None:
    read(desk, "Alpha")
    images = beside(desk, 1)
    images.wait_for_selector(SEEN)
    before = apart(lambda: structured(hospital.a))
    there = Screen(images)
    there.drag(there.viewer(), "Length", (SIZE // 4, SIZE // 3), (SIZE * 3 // 4, SIZE // 3))
    images.wait_for_selector("#viewer-status:text-is('1 measurement not saved')")
    desk.page.goto("/")  # by a link that is not the room's: nobody asks the image window
    images.wait_for_selector("body[data-unlinked]", state="attached")
    gamma = apart(lambda: ReadingTask.objects.get(patient__family_name="Gamma")).pk
    desk.page.goto(f"/reading/{gamma}/")
    images.wait_for_selector(".patient-banner:has-text('Gamma')")
    images.wait_for_selector(SEEN)
    assert apart(lambda: structured(hospital.a)) == before + 1


def test_of_two_image_windows_one_shows_the_earlier_exam_and_alone_the_case(hospital: Hospital, desk: Screen) -> None:
    earlier, now = apart(lambda: two_exams(hospital))
    desk.page.goto(f"/reading/{apart(lambda: case_of(now).pk)}/")
    place = {"left": 40, "top": 20, "width": 640, "height": 400}
    desk.page.evaluate("(place) => localStorage.setItem('isocenter-screen-1', JSON.stringify(place))", place)
    first = beside(desk, 1)
    first.wait_for_selector(SEEN)
    where = "() => Object.values(JSON.parse(localStorage.getItem('isocenter-screen-1')))"
    assert first.evaluate(where) == [40, 20, 640, 400], "it comes back where it stood, as large as it was"
    second = beside(desk, 2)
    second.wait_for_selector(f"#viewer-slot[data-studies='{earlier}']", state="attached")
    second.wait_for_selector(SEEN)
    assert first.get_attribute("#viewer-slot", "data-studies") == now
    first.close(run_before_unload=True)
    second.wait_for_selector(f"#viewer-slot[data-studies='{now}']", state="attached")
    second.wait_for_selector(SEEN)
    assert now in Screen(second).viewer().evaluate(SHOWN_IMAGE)


def test_the_next_case_turns_two_image_windows_and_neither_keeps_the_earlier_exam_of_the_patient_before(
    hospital: Hospital, desk: Screen
) -> None:
    earlier, now = apart(lambda: two_exams(hospital, "Zeta"))
    tasks = apart(lambda: ReadingTask.objects.select_related("patient").prefetch_related("requested_procedures"))
    owner = apart(lambda: {uid: one.patient.family_name for one in tasks for uid in studies_of(one)})
    desk.page.goto(f"/reading/{apart(lambda: case_of(now).pk)}/")
    first, second = beside(desk, 1), beside(desk, 2)
    second.wait_for_selector(f"#viewer-slot[data-studies='{earlier}']", state="attached")
    for images in (first, second):
        images.wait_for_selector(SEEN)
        images.evaluate(WATCH.replace("Alpha|Gamma", "|".join(set(owner.values()))))
    desk.page.keyboard.press("Alt+n")
    desk.page.wait_for_selector(".patient-banner:not(:has-text('Zeta'))")
    name = next(name for name in set(owner.values()) if name in desk.page.inner_text(".patient-banner"))
    for images in (first, second):
        images.wait_for_selector(f".patient-banner:has-text('{name}')")
        images.wait_for_selector(SEEN)
        assert owner[images.get_attribute("#viewer-slot", "data-studies") or ""] == name
        seen: list[dict[str, Any]] = images.evaluate("() => window.seen")
        assert {one["banner"] for one in seen} >= {"Zeta", name}
        assert all(owner[study] == one["banner"] for one in seen for study in one["studies"])
        assert seen[-1]["studies"]


def studies_of(task: ReadingTask) -> list[str]:
    return [one.study_instance_uid for one in task.requested_procedures.all()]


def two_exams(hospital: Hospital, name: str = "Epsilon") -> tuple[str, str]:
    """An earlier and a current study of one patient of the north."""
    earlier = film(hospital.world, name, "CT", one_slice).study
    patient = case_of(earlier).patient
    return earlier, film(hospital.world, patient, "CT", one_slice).study


def case_of(study: str) -> ReadingTask:
    return ReadingTask.objects.get(requested_procedures__study_instance_uid=study)


def test_images_that_are_closed_as_another_patients_leave_every_window(hospital: Hospital, desk: Screen) -> None:
    """The report's pane says it in the report window; an image window has no pane."""
    delta = apart(lambda: exam(hospital.world, hospital.world.north, hospital.world.clerk, "Delta"))
    desk.page.reload()
    read(desk, "Delta")
    desk.page.wait_for_selector("#numbers", state="attached")
    images = beside(desk, 1)
    images.wait_for_selector(SEEN)
    apart(lambda: close(hospital, delta))
    images.wait_for_selector("#viewer", state="hidden")
    assert images.get_attribute("#viewer", "src") == "about:blank"
    images.wait_for_selector(".patient-banner", state="hidden")
    desk.page.wait_for_selector("#viewer-notice:has-text('another patient')")
    desk.page.click("[data-room-list]")
    desk.page.locator("tr", has_text="Alpha").locator(".row-link").click()
    images.wait_for_selector(".patient-banner:has-text('Alpha')")
    images.wait_for_selector(SEEN)


def test_the_images_that_are_left_after_others_were_closed_are_shown_to_who_opens_the_case_then(desk: Screen) -> None:
    read(desk, "Alpha")
    desk.page.wait_for_selector("#numbers", state="attached")
    alpha = ReadingTask.objects.filter(patient__family_name="Alpha")
    apart(lambda: alpha.update(images_closed_at=timezone.now()))
    desk.page.wait_for_selector("#viewer", state="hidden")
    desk.page.reload()
    desk.page.wait_for_selector("#numbers [data-images-closed]")
    desk.viewer()
    assert desk.page.is_visible("#viewer")
    apart(lambda: alpha.update(images_closed_at=None))


def close(hospital: Hospital, one: Exam) -> None:
    with transaction.atomic():
        study = lock_studies([one.study])[one.study]
        close_study(one.study, study, step=None, reason="Somebody else lay there.", by=hospital.world.technologist)


def test_what_was_measured_beside_the_report_is_still_there_after_an_image_window_came_and_went(desk: Screen) -> None:
    read(desk, "Alpha")
    desk.page.wait_for_selector("#numbers", state="attached")
    frame = desk.viewer()
    with desk.page.expect_response(lambda answer: answer.url.endswith("/drawn/") and answer.request.method == "POST"):
        desk.drag(frame, "Length", (SIZE // 4, SIZE // 2), (SIZE * 3 // 4, SIZE // 2))
    images = beside(desk, 1)
    images.wait_for_selector(SEEN)
    images.close()
    desk.page.wait_for_selector("#viewer", state="visible")
    desk.page.wait_for_timeout(2000)  # longer than a draft waits before it is kept
    assert frame.evaluate("() => services.measurementService.getMeasurements().length") == 1
    assert desk.page.inner_text("#viewer-status") == "1 measurement not saved"
    assert len(apart(DraftMeasurements.objects.get).annotations) == 1


def test_an_image_window_that_is_refused_says_why_and_does_not_ask_all_the_time(desk: Screen) -> None:
    read(desk, "Alpha")
    images = beside(desk, 1)
    images.wait_for_selector(SEEN)
    asked: list[int] = []
    images.on("response", lambda answer: asked.append(answer.status) if "/viewer/screen/1/?" in answer.url else None)
    desk.page.evaluate("() => history.replaceState(null, '', '?compare=1.2.3')")  # an exam that is gone by now
    images.wait_for_selector(".screen-waiting:has-text('cannot show the case. There is no such study')")
    images.wait_for_timeout(4000)  # some beats of the report window
    assert asked == [404]
    assert not images.is_visible("#viewer")
    desk.page.evaluate("() => history.replaceState(null, '', location.pathname)")
    images.wait_for_selector(SEEN)
