"""The warning before the automatic logoff, in a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.ris.home.test_in_the_browser import CHROMIUM, FLAGS
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(live_server: LiveServer, live_world: World, settings: Settings) -> Iterator[Page]:
    """The clerk's home page, on a machine that is left after six seconds."""
    settings.IDLE_SECONDS = 6
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(base_url=live_server.url)
        page.goto("/accounts/login/?next=/")
        page.fill("#id_login", "clerk")
        page.fill("#id_password", PASSWORD)
        page.press("#id_password", "Enter")
        page.wait_for_url(f"{live_server.url}/")
        yield page
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def test_a_minute_before_it_warns_and_a_key_keeps_the_session(page: Page) -> None:
    dialog = page.get_by_role("dialog", name="Are you still there?")
    expect(dialog).to_be_visible(timeout=8000)
    assert not [fault for fault in Axe().run(page).response["violations"] if fault["impact"] in {"serious", "critical"}]
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    page.goto("/patients/")
    page.wait_for_url("**/patients/")


def test_left_alone_the_sign_in_page_takes_its_place_and_leads_back(page: Page) -> None:
    page.wait_for_url("**/accounts/login/?next=%2F", timeout=20_000)
    page.goto("/patients/")
    page.wait_for_url("**/accounts/login/?next=/patients/")


def test_a_hand_inside_a_frame_counts_as_in_the_viewer(page: Page) -> None:
    """Events inside a frame never reach the page around it."""
    page.evaluate("""() => {
      const frame = document.createElement("iframe");
      frame.src = "/static/img/logo.svg";
      frame.width = frame.height = 300;
      document.querySelector("main").prepend(frame);
      frame.scrollIntoView();
    }""")
    box = page.locator("main > iframe").bounding_box()
    assert box is not None
    page.evaluate("window.addEventListener('pointermove', () => { window.movedOutside = true; }, true)")
    for step in range(20):
        page.mouse.move(box["x"] + 50 + step * 5, box["y"] + 100)
        page.wait_for_timeout(500)
        expect(page.locator("#idle")).to_be_hidden()
    assert page.evaluate("window.movedOutside") is None
    page.goto("/patients/")
    page.wait_for_url("**/patients/")
