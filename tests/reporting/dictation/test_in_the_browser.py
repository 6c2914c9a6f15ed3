"""A section is dictated into a real browser, typed by a typist who hears it, and checked by its author."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from reporting.dictation import keeping
from reporting.dictation.record import Clip, DictationRule
from reporting.models import Report
from tests.e2e.browser import CHROMIUM, FLAGS
from tests.exam import case
from tests.worklist.exam.test_in_the_browser import look_at, sign_in
from tests.world import World
from worklist.actions.reading import claim

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *MICROPHONE])
        yield found
        found.close()


def test_dictated_typed_and_checked(live_world: World, browser: Browser, live_server: LiveServer) -> None:
    DictationRule.objects.create(site=live_world.north, recording=True)
    task = claim(case(live_world), by=live_world.radiologist)
    author, typist = (browser.new_context(base_url=live_server.url).new_page() for _ in range(2))
    author.route("**/viewer/ohif/**", lambda route: route.fulfill(status=204))
    sign_in(author, live_world.radiologist)
    author.goto(f"/reading/{task.pk}/")
    dictate(author)
    clip = Clip.objects.get()
    assert (clip.section, clip.content_type) == ("impression", "audio/webm")
    assert len(keeping.read(clip.file, clip.sha256)) == clip.size > 1000
    sign_in(typist, live_world.typist)
    type_it(typist)
    check(author)
    assert Clip.objects.get().state == "confirmed"


@pytest.fixture
def profile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, live_server: LiveServer) -> Iterator[BrowserContext]:
    """A browser with a disk, as people have."""
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=CHROMIUM, args=[*FLAGS, *MICROPHONE], base_url=live_server.url
        )
        found.route("**/viewer/ohif/**", lambda route: route.fulfill(status=204))
        yield found
        found.close()


def test_what_a_dead_page_had_recorded_is_offered_to_its_speaker_and_goes_when_they_sign_out(
    live_world: World, profile: BrowserContext
) -> None:
    DictationRule.objects.create(site=live_world.north, recording=True)
    address = f"/reading/{claim(case(live_world), by=live_world.radiologist).pk}/"
    page = profile.new_page()
    sign_in(page, live_world.radiologist)
    die_while_dictating(profile, address)
    page.goto(address)
    expect(page.locator("[data-recording]")).to_contain_text("for Impression, made here")
    look_at(page, "recovered")
    page.get_by_role("button", name="Keep it with the draft").click()
    expect(page.locator("#dictations")).to_contain_text("Recorded")
    plays(page)
    parts(page, 0)
    clip = Clip.objects.get()
    assert (clip.section, clip.content_type, clip.author) == ("impression", "audio/webm", live_world.radiologist)
    die_while_dictating(profile, address)
    page.locator("form[data-sign-out]").first.evaluate("form => form.requestSubmit()")
    page.wait_for_url(lambda url: "/reading/" not in url)
    parts(page, 0)
    assert Clip.objects.count() == 1


PARTS = """enough => new Promise((resolve, reject) => {
  const began = Date.now();
  const look = () => {
    const opening = indexedDB.open("isocenter-recordings", 1);
    opening.onupgradeneeded = () => opening.transaction.abort();
    opening.onerror = () => seen([]);
    opening.onsuccess = () => {
      const all = opening.result.transaction("parts").objectStore("parts").getAll();
      all.onsuccess = () => { opening.result.close(); seen(all.result); };
    };
  };
  const seen = (rows) => {
    if (enough ? rows.length >= enough : !rows.length) {
      resolve(rows.map(({ data }) => String.fromCharCode(...new Uint8Array(data))));
    } else if (Date.now() - began > 30000) reject(new Error(`${rows.length} parts`));
    else setTimeout(look, 100);
  };
  look();
})"""


def parts(page: Page, enough: int) -> list[str]:
    """The bytes of what this browser keeps, once there are so many parts; 0: once there are none."""
    return list(page.evaluate(PARTS, enough))


def die_while_dictating(context: BrowserContext, address: str) -> None:
    """The page goes when two seconds are on this computer, where nobody can play them."""
    page = context.new_page()
    page.goto(address)
    page.locator("#section-impression").focus()
    page.keyboard.press("Alt+r")
    assert not any("webm" in sound for sound in parts(page, 2))
    page.close(run_before_unload=False)


def dictate(page: Page) -> None:
    """By the keyboard alone: into the section, Alt+R, and Alt+R again."""
    page.locator("#section-impression").focus()
    page.keyboard.press("Alt+r")
    button = page.locator("[data-dictate=impression]")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_contain_text("Stop 0:02")
    page.keyboard.press("Alt+r")
    expect(page.locator("#dictations")).to_contain_text("Recorded")
    plays(page)
    look_at(page, "dictated")
    page.locator("[data-shortcuts-open]").first.evaluate("button => button.click()")
    expect(page.locator("#shortcuts")).to_contain_text("Dictate the section, and stop")
    page.keyboard.press("Escape")


def plays(page: Page) -> None:
    """Its sound comes, and the page's policy lets it."""
    page.evaluate("() => { const it = document.querySelector('audio'); it.muted = true; return it.play(); }")
    page.wait_for_function("() => document.querySelector('audio').currentTime > 0.2")


def type_it(page: Page) -> None:
    page.goto("/reports/dictations/")
    look_at(page, "dictation-queue")
    page.get_by_role("link", name="Impression").click()
    page.get_by_role("button", name="Take it").click()
    page.get_by_label("What was dictated").fill("No metastases.")
    page.keyboard.press("Alt+k")
    page.wait_for_function("() => document.querySelector('audio').currentTime > 0.2")
    look_at(page, "dictation")
    page.get_by_role("button", name="Send it to the author").click()
    expect(page.get_by_text("It went back to its author")).to_be_visible()
    page.goto("/reports/dictations/")
    expect(page.get_by_text("Nothing to type")).to_be_visible()


def check(page: Page) -> None:
    """The text comes into the open page by itself."""
    expect(page.locator("#section-impression")).to_have_value("No metastases.", timeout=30_000)
    expect(page.locator("#dictations")).to_contain_text("Typed by Tina Typist from dictation")
    look_at(page, "dictation-typed")
    page.get_by_role("button", name="Checked").click()
    expect(page.locator("#dictations")).to_contain_text("Confirmed")
    assert Report.objects.get().content["sections"]["impression"] == "No metastases."
