"""Board and exam page in a real browser, from the keyboard, in both themes, without a serious finding of axe."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from ris.accounts.models import User
from ris.orders.actions import Answer, answer_safety
from ris.orders.models import RequestedProcedure
from ris.scheduling.actions import Slot, arrive, book
from tests.e2e.browser import CHROMIUM, FLAGS, press
from tests.exam import draft, noted, sign
from tests.worklist.exam.images import knee_of
from tests.world import PASSWORD, World
from worklist.exam.record import ExamRule, SideCheck
from worklist.models import ReadingTask

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def faults() -> list[str]:
    """What the browser complained about: refused by the policy, or a script that failed."""
    return []


@pytest.fixture
def page(live_world: World, browser: Browser, live_server: LiveServer, faults: list[str]) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Security Policy" in message.text else None)
    yield page
    context.close()


def sign_in(page: Page, user: User) -> None:
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="What to do next")).to_be_visible()
    page.wait_for_load_state()


def look_at(page: Page, name: str) -> None:
    """Axe in both themes; EXAM_PICTURES names a folder for what a person should look at."""
    for theme, width in (("light", 1280), ("dark", 1920)):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page).response["violations"]
        if folder := os.environ.get("EXAM_PICTURES"):
            page.screenshot(path=str(Path(folder) / f"{name}-{theme}.png"), full_page=True)
        assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}] == []


def arrived(world: World, requested: RequestedProcedure, room: str = "X-ray") -> None:
    slot = Slot(resource=world.room(room), start=world.soon(), minutes=20)
    arrive(book([requested], slot=slot, by=world.clerk), by=world.clerk)


def contrast_with_reaction(page: Page) -> None:
    """Contrast is recorded, a reaction shows, and becomes an alert of the patient."""
    press(page, "g")
    page.get_by_label("Agent").select_option(label="Iohexol 350 mg I/mL")
    page.get_by_label("Volume in mL").fill("80")
    page.get_by_label("Lot").fill("B-77")
    page.get_by_role("button", name="Record contrast").press("Enter")
    expect(page.get_by_text("80.0 mL, intravenous")).to_be_visible()
    page.get_by_role("link", name="Reaction").press("Enter")
    look_at(page, "reaction")
    page.get_by_label("Reaction").select_option("mild")
    page.get_by_label("What happened").fill("Hives")
    page.get_by_role("button", name="Record the reaction").press("Enter")
    page.get_by_role("button", name="Make it an alert of the patient").press("Enter")
    expect(page.get_by_text("In the patient's alerts")).to_be_visible()


def test_an_exam_from_the_board_to_the_reader(page: Page, live_world: World, faults: list[str]) -> None:
    ExamRule.objects.create(site=live_world.north, time_out=True)
    knee = knee_of(live_world)
    arrived(live_world, knee)
    sign_in(page, live_world.technologist)
    press(page, "t")
    expect(page.get_by_role("heading", name="Technologist board")).to_be_visible()
    look_at(page, "board")
    page.get_by_role("link", name="LEFT Knee radiograph").press("Enter")
    page.get_by_role("button", name="Start").press("Enter")
    expect(page.get_by_text("The time-out is missing")).to_be_visible()
    page.get_by_label("Date of birth, said by the patient").check()
    page.get_by_label("Side, as the patient says it").select_option("R")
    page.get_by_role("button", name="Confirm").press("Enter")
    expect(page.get_by_text("Two identifiers at least.")).to_be_visible()
    expect(page.get_by_text("The order says LEFT.")).to_be_visible()
    look_at(page, "exam-refused")
    page.get_by_label("Full name, said by the patient").check()
    page.get_by_label("Side, as the patient says it").select_option("L")
    page.get_by_role("button", name="Confirm").press("Enter")
    expect(page.get_by_text("Patient and side are confirmed.")).to_be_visible()
    press(page, "s")
    expect(page.get_by_role("button", name="Complete")).to_be_visible()
    contrast_with_reaction(page)
    study = noted(knee)
    SideCheck.objects.create(
        study=study, requested_procedure=knee, ordered="L", verdict="differs", checked_at=timezone.now(),
        evidence=[{"side": "R", "where": "series description", "text": "KNEE RIGHT", "series": 2}],
    )  # fmt: skip
    expect(page.get_by_text("The order says LEFT, the images say RIGHT")).to_be_visible()
    look_at(page, "exam-side")
    page.get_by_label("Note to the radiologist").fill("Could not bend the knee.")
    page.get_by_role("button", name="Send to reading").press("Enter")
    expect(page.get_by_text("Handed to the readers.")).to_be_visible()
    task = ReadingTask.objects.get(requested_procedures=knee)

    sign_in(page, live_world.radiologist)
    page.goto("/worklist/reading/")
    page.request.post(f"/worklist/reading/{task.pk}/claim/", headers=_token(page))
    page.goto(f"/reports/cases/{task.pk}/panel/")
    expect(page.get_by_text("Could not bend the knee.")).to_be_visible()
    assert "Iohexol 350" in page.locator("[name=section-technique]").input_value()
    page.get_by_role("link", name="Answer for the side").press("Enter")
    look_at(page, "side")
    page.get_by_label("The images are of the ordered side; their label is wrong").check()
    page.get_by_label("How do you know?").fill("Scar of the left knee.")
    page.get_by_role("button", name="Answer for the side").press("Enter")
    page.wait_for_url("**/reading/**")
    assert not SideCheck.objects.get().stops
    assert faults == []


def _token(page: Page) -> dict[str, str]:
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    return {"X-CSRFToken": cookies["csrftoken"], "Referer": page.url}


def test_a_hard_stop_stands_where_the_button_would_be(page: Page, live_world: World, faults: list[str]) -> None:
    requested = live_world.requested(live_world.order(code="CTABD"))
    arrived(live_world, requested, "CT 1")
    answer = Answer(kind="egfr", value="20", measured_on=timezone.localdate(), source="Laboratory")
    answer_safety(requested.order, answer=answer, by=live_world.clerk)
    sign_in(page, live_world.technologist)
    page.goto("/worklist/technologist/")
    expect(page.get_by_text("Hard stop")).to_be_visible()
    expect(page.get_by_role("button", name="Start")).to_have_count(0)
    page.get_by_role("link", name="CT abdomen").press("Enter")
    expect(page.get_by_text("The exam cannot begin: eGFR: 20")).to_be_visible()
    look_at(page, "exam-stop")
    assert faults == []


def test_empty_pages_say_what_to_do(page: Page, live_world: World, faults: list[str]) -> None:
    sign_in(page, live_world.technologist)
    page.goto("/worklist/technologist/")
    expect(page.get_by_role("heading", name="No exams around now")).to_be_visible()
    look_at(page, "board-empty")
    sign_in(page, live_world.siteadmin)
    page.get_by_role("button", name="More").press("Enter")
    page.get_by_role("link", name="Incidents").press("Enter")
    expect(page.get_by_role("heading", name="No incidents")).to_be_visible()
    look_at(page, "incidents-empty")
    assert faults == []


def test_a_signed_report_is_a_page_that_anybody_can_read(
    page: Page, live_world: World, signing_key: None, faults: list[str]
) -> None:
    report = draft(live_world)
    sign(report, live_world.radiologist)
    sign_in(page, live_world.radiologist)
    page.goto(f"/reports/{report.pk}/")
    expect(page.get_by_role("heading", name="Final report")).to_be_visible()
    look_at(page, "report")
    assert faults == []
