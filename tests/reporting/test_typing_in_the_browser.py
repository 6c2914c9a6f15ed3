"""What a radiologist typed, when the session ends under their hands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from reporting.actions.objects import refill_case
from reporting.models import Report
from reporting.reread.record import RuleLevel
from reporting.subscribers import follow_exam
from ris.core.actors import SystemActor
from ris.events.models import Event
from ris.scheduling.models import ScheduledProcedureStep
from tests.exam import case, stored
from tests.world import PASSWORD, World
from worklist.actions.reading import claim
from worklist.actions.record import Dose, note_dose
from worklist.models import ReadingTask

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run"]
FINDINGS = "#section-findings"


@pytest.fixture
def context(live_server: LiveServer, live_world: World) -> Iterator[BrowserContext]:
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_context(base_url=live_server.url)
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def room(context: BrowserContext, live_world: World) -> Page:
    """The radiologist's reading room, the images left out."""
    task = claim(case(live_world), by=live_world.radiologist)
    page = context.new_page()
    page.route("**/viewer/ohif/**", lambda route: route.fulfill(status=204))
    sign_in(page)
    page.goto(f"/reading/{task.pk}/")
    page.wait_for_selector(FINDINGS)
    return page


def sign_in(page: Page, name: str = "radiologist") -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def findings() -> str:
    return str(Report.objects.get().content["sections"]["findings"])


def test_text_typed_after_the_session_ended_stays_and_is_saved_for_its_writer_and_for_nobody_else(
    context: BrowserContext, room: Page
) -> None:
    room.fill(FINDINGS, "First words.")
    expect(room.locator("#save-state")).to_contain_text("Saved")
    Session.objects.all().delete()
    room.fill(FINDINGS, "First words. Then the session ended.")
    expect(room.locator("#save-state")).to_contain_text("your session has ended")
    room.wait_for_timeout(4000)  # polls have seen the sign-in page by now
    assert room.input_value(FINDINGS) == "First words. Then the session ended."
    assert findings() == "First words."
    sign_in(context.new_page(), "resident")
    expect(room.locator("#save-state")).to_contain_text("somebody else opened this page")
    assert (room.input_value(FINDINGS), findings()) == ("First words. Then the session ended.", "First words.")
    Session.objects.all().delete()
    sign_in(context.new_page())
    expect(room.locator("#save-state")).to_contain_text("Saved")
    assert findings() == "First words. Then the session ended."


def test_giving_a_case_back_saves_what_was_just_typed(room: Page) -> None:
    room.fill(FINDINGS, "Typed in the last second.")
    room.get_by_role("button", name="Give back").click()
    room.wait_for_url("**/worklist/reading/")
    assert findings() == "Typed in the last second."
    assert ReadingTask.objects.get().claimed_by is None


def test_the_technique_follows_the_record_on_the_open_page(room: Page, live_world: World) -> None:
    technique = room.locator("#section-technique")
    expect(technique).to_have_value("Helical CT of the chest.")
    recorded(live_world, "dlp", 312)
    expect(technique).to_have_value("Helical CT of the chest.\nDose: DLP 312 mGy·cm.")
    technique.fill("Low-dose CT.")
    expect(room.locator("#save-state")).to_contain_text("Saved")
    recorded(live_world, "ctdi-vol", 8)
    room.wait_for_timeout(3000)  # polls have looked again by now
    expect(technique).to_have_value("Low-dose CT.")
    assert Report.objects.get().content["sections"]["technique"] == "Low-dose CT."


def recorded(world: World, quantity: str, value: int) -> None:
    """A dose is written down, and the draft hears of it."""
    step = ScheduledProcedureStep.objects.get()
    note_dose(step, Dose(quantity=quantity, value=Decimal(value)), by=world.technologist)
    follow_exam(Event.objects.filter(kind="exam.recorded").latest("pk"))


@pytest.mark.parametrize(("level", "said"), [("warn", "I looked"), ("stop", "has to be changed")])
def test_an_empty_impression_is_told_before_signing_as_strictly_as_the_site_takes_it(
    room: Page, live_world: World, level: str, said: str
) -> None:
    RuleLevel.objects.create(site=live_world.north, rule="empty", level=level)
    room.keyboard.press("Control+Enter")
    doubts = room.locator("#sign-doubts")
    expect(doubts).to_contain_text("Impression is empty.")
    expect(doubts).to_contain_text(said)
    expect(room.locator("#sign-dialog")).not_to_contain_text("You can still sign")


def test_a_measurement_that_was_left_out_is_taken_in_again(room: Page) -> None:
    stored(ReadingTask.objects.get(), 31.0)
    refill_case(ReadingTask.objects.get(), by=SystemActor("delivery"))
    room.get_by_role("button", name="Leave out").click()
    room.get_by_role("button", name="Take in again").click()
    expect(room.locator("[data-value]")).to_have_text("31.0 mm")
    assert Report.objects.get().content["fields"]["lesion-length"]["value"] == 31.0
