"""The small scripts of the face, in a real browser under the real policy."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from ris.core import panels
from ris.core.panels import Card
from tests.world import PASSWORD, World, build_world

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic",
    "--no-first-run", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def people(transactional_db: None) -> World:
    from ris.accounts.models import Installation

    Installation.objects.get_or_create()
    return build_world()


@pytest.fixture
def faults() -> list[str]:
    """What the browser complained about: refused by the policy, or a script that failed."""
    return []


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, faults: list[str]) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Security Policy" in message.text else None)
    yield page
    context.close()


@pytest.fixture
def home(page: Page, people: World) -> Page:
    """The clerk's home page."""
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(people.clerk.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="What to do next")).to_be_visible()
    return page


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [item["id"] for item in found if item["impact"] in {"serious", "critical"}]


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sign_in_and_home_are_accessible_and_keep_the_policy(
    page: Page, people: World, faults: list[str], scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto("/accounts/login/")
    assert serious(page) == []
    page.get_by_label("Username").fill(people.siteadmin.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=people.siteadmin.display).click()
    expect(page.get_by_role("link", name="Change password")).to_be_visible()
    assert serious(page) == []
    assert faults == []


def test_the_chosen_theme_stays(home: Page) -> None:
    light = background(home)
    home.get_by_role("button", name="Clara Clerk").click()
    home.get_by_role("button", name="Dark").click()
    dark = background(home)
    assert dark != light
    home.reload()
    assert background(home) == dark
    expect(home.locator('[data-theme-choice="dark"]')).to_have_attribute("aria-pressed", "true")


def test_the_administration_has_the_same_theme_whichever_of_them_it_was_chosen_in(page: Page, people: World) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(people.admin.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto("/admin/")
    expect(page.locator("html")).to_have_attribute("data-theme", "auto")
    page.goto("/")
    page.get_by_role("button", name=people.admin.display).click()
    page.get_by_role("button", name="Dark").click()
    page.goto("/admin/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator(".theme-toggle").first.click()
    chosen = page.get_attribute("html", "data-theme")
    assert chosen != "dark"
    page.goto("/")
    assert page.evaluate("localStorage.getItem('isocenter-theme')") == chosen
    expect(page.locator(f'[data-theme-choice="{chosen}"]')).to_have_attribute("aria-pressed", "true")


def test_the_theme_follows_the_system_until_one_is_chosen(home: Page) -> None:
    light = background(home)
    home.emulate_media(color_scheme="dark")
    expect(home.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert background(home) != light


def test_a_key_opens_the_day_board_until_keys_are_switched_off(home: Page) -> None:
    home.keyboard.press("?")
    expect(home.get_by_role("dialog")).to_contain_text("Open the day board")
    home.get_by_label("Single-key shortcuts are on").uncheck()
    home.keyboard.press("Escape")
    expect(home.get_by_role("dialog")).to_be_hidden()
    home.keyboard.press("d")
    expect(home.get_by_role("heading", name="What to do next")).to_be_visible()
    home.evaluate("localStorage.clear()")
    home.keyboard.press("d")
    home.wait_for_url("**/schedule/**", wait_until="commit")


def test_counts_change_without_a_reload(home: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    home.evaluate("window.stillHere = true")
    home.locator("#waiting").evaluate("node => { node.dataset.pollSeconds = '0.2'; }")
    card = Card("Kettles to fill", 3, "/", "In the kitchen.")
    monkeypatch.setattr(panels, "_providers", {"home": {"kitchen": lambda _user: [card]}})
    home.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(home.get_by_text("Kettles to fill")).to_be_visible()
    assert home.evaluate("window.stillHere") is True


def test_focus_stays_where_it_was_when_a_live_part_changes(home: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    card = home.get_by_role("link", name="Expected today")
    card.focus()
    href = card.get_attribute("href")
    # Two cards lead to the day board; it is the second that was focused.
    cards = [
        Card("Kettles", 3, "/kettles/", ""),
        Card("Unbooked", 2, str(href), ""),
        Card("Expected tomorrow", 1, str(href), ""),
    ]
    monkeypatch.setattr(panels, "_providers", {"home": {"kitchen": lambda _user: cards}})
    home.locator("#waiting").evaluate("node => { node.dataset.pollSeconds = '0.2'; }")
    home.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(home.get_by_role("link", name="Expected tomorrow")).to_be_focused()


def test_j_and_k_walk_the_rows_of_a_list(home: Page, people: World) -> None:
    people.order()
    people.order()
    home.goto("/orders/")
    rows = home.locator("[data-rows] .row-link")
    home.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    home.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    home.keyboard.press("k")
    home.keyboard.press("Enter")
    home.wait_for_url("**/orders/*/")


def test_a_server_that_is_gone_is_told(home: Page) -> None:
    home.route("**/home/cards/**", lambda route: route.abort())
    home.locator("#waiting").evaluate("node => { node.dataset.pollSeconds = '0.1'; }")
    home.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(home.locator(".live-mark")).to_contain_text("Not live")


def test_a_refused_request_is_told_in_words_and_swaps_nothing(home: Page) -> None:
    before = home.locator("main").inner_html()
    home.evaluate("htmx.ajax('GET', '/no/such/page/', '#main')")
    expect(home.get_by_role("status").filter(has_text="There is no such page")).to_be_visible()
    assert home.locator("main").inner_html() == before


def test_a_refusal_during_a_dialog_is_told_inside_it(home: Page) -> None:
    home.keyboard.press("?")
    home.evaluate("htmx.ajax('GET', '/no/such/page/', '#main')")
    note = home.get_by_role("dialog").get_by_role("alert")
    expect(note).to_contain_text("There is no such page")
    note.get_by_role("button", name="Dismiss").click()
    expect(note).to_have_count(0)


def test_a_lost_session_leads_to_sign_in_and_back(home: Page) -> None:
    home.context.clear_cookies()
    home.evaluate("htmx.ajax('GET', '/home/cards/', '#waiting')")
    home.wait_for_url("**/accounts/login/?next=%2F")
    expect(home.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_small_screen_has_the_menu_behind_a_button(home: Page) -> None:
    home.set_viewport_size({"width": 700, "height": 800})
    link = home.get_by_role("navigation", name="Main").get_by_role("link", name="Patients")
    expect(link).to_be_hidden()
    home.get_by_role("button", name="Menu").press("Enter")
    expect(link).to_be_visible()
    assert serious(home) == []


def test_the_keyboard_reaches_the_content_first(home: Page) -> None:
    home.reload()
    home.keyboard.press("Tab")
    skip = home.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    home.keyboard.press("Enter")
    expect(home.locator("main")).to_be_focused()
