"""/api/v1/docs/ in a real browser, under the policy of all our pages: no inline script, no inline style."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from ris.patients.models import Patient
from tests.api.description import described
from tests.e2e.browser import chromium
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
DOCS = "/api/v1/docs/"


@pytest.fixture
def faults() -> list[str]:
    """What the browser refused or a script got wrong."""
    return []


@pytest.fixture
def page(live_world: World, live_server: LiveServer, faults: list[str]) -> Iterator[Page]:
    """The clerk's browser with the page open."""
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with chromium() as browser:
        page = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900}).new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on(
            "request", lambda sent: None if sent.url.startswith((live_server.url, "data:")) else faults.append(sent.url)
        )
        page.goto(f"/accounts/login/?next={DOCS}")
        page.get_by_label("Username").fill(live_world.clerk.username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"**{DOCS}")
        yield page
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def test_it_shows_every_station_and_writes_with_the_pages_csrf_value(page: Page, faults: list[str]) -> None:
    expect(page.locator("#operations-tag-patients")).to_be_visible(timeout=20_000)
    shown = page.locator(".opblock-tag").evaluate_all("found => found.map(one => one.dataset.tag)")
    assert set(shown) == {path.split("/")[3] for path in described()["paths"]}
    for station in ("orders", "devices", "patients"):
        page.locator(f"#operations-tag-{station}").click()
        expect(page.locator(f"#operations-{station}-{station}_list")).to_be_visible()
    page.locator("#operations-patients-patients_create").get_by_role("button").first.click()
    page.get_by_role("button", name="Try it out").click()
    page.locator(".body-param textarea").fill('{"family_name": "Fromthedocs", "site": "north", "sparse": true}')
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table tbody .response-col_status")).to_contain_text("201")
    assert Patient.objects.get().family_name == "Fromthedocs"
    assert faults == []


def test_nobody_in_particular_is_led_to_sign_in(db: None) -> None:
    answer = Client().get(DOCS)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={DOCS}")
