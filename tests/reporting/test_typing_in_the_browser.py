"""What a radiologist typed, when the session ends under their hands."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from reporting.models import Report
from tests.exam import case
from tests.world import PASSWORD, World
from worklist.actions.reading import claim
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


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill("radiologist")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector("h1")


def findings() -> str:
    return str(Report.objects.get().content["sections"]["findings"])


def test_text_typed_after_the_session_ended_stays_and_is_saved_after_the_next_sign_in(
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
    sign_in(context.new_page())
    expect(room.locator("#save-state")).to_contain_text("Saved", timeout=15_000)
    assert findings() == "First words. Then the session ended."


def test_giving_a_case_back_saves_what_was_just_typed(room: Page) -> None:
    room.fill(FINDINGS, "Typed in the last second.")
    room.get_by_role("button", name="Give back").click()
    room.wait_for_url("**/worklist/reading/")
    assert findings() == "Typed in the last second."
    assert ReadingTask.objects.get().claimed_by is None
