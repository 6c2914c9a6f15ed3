"""From a patient to the device's worklist with five keys, and from nobody known to an emergency in ten seconds."""

from __future__ import annotations

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import Person
from tests.e2e.system import System
from tests.e2e.test_journey import findscu

pytestmark = [pytest.mark.e2e]
MOST_KEYS = 5
MOST_SECONDS = 10.0


class Keys:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1


def is_accessible(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [fault["id"] for fault in found if fault["impact"] in {"serious", "critical"}] == []


def test_five_keys_put_a_chosen_patient_on_the_worklist(system: System, browser: Browser) -> None:
    clerk = Person(browser, system.address, "clerk")
    page, keys = clerk.page, Keys(clerk.page)
    page.goto("/patients/?q=Connor")
    page.locator("[data-found] .row-link").first.focus()  # the patient is chosen
    keys.press("w")
    page.wait_for_url("**/walk-in/**")
    is_accessible(page)
    page.keyboard.press("Enter")  # too early: it chooses no exam
    expect(page.locator("#id_exam")).to_be_focused()
    expect(page.locator("#id_exam")).to_have_value("")
    keys.press("c", "c")
    expect(page.locator("#exam-list [aria-selected=true]")).to_contain_text("CT chest (CTCHEST)")
    keys.press("Enter")
    expect(page.locator("#now")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("main")).to_contain_text("CT chest stands on the worklist of CT 1 now")
    assert keys.pressed <= MOST_KEYS
    assert "Connor" in findscu(system, "CT1")
    is_accessible(page)
    assert clerk.faults == []


def test_five_keys_are_enough_for_an_exam_that_has_a_side(system: System, browser: Browser) -> None:
    clerk = Person(browser, system.address, "clerk")
    page, keys = clerk.page, Keys(clerk.page)
    page.goto("/patients/?q=Schmidt")
    page.locator("[data-found] .row-link").first.focus()
    page.keyboard.press("Enter")  # the file is another way to choose
    page.wait_for_url("**/patients/*/")
    keys.press("w")
    page.wait_for_url("**/walk-in/**")
    keys.press("k", "Enter")
    expect(page.locator("#id_side")).to_be_focused()
    keys.press("r", "Enter")
    expect(page.locator("main")).to_contain_text("RIGHT")
    expect(page.locator("main")).to_contain_text("stands on the worklist of")
    assert keys.pressed <= MOST_KEYS


def test_somebody_unknown_is_on_the_worklist_as_an_emergency_within_ten_seconds(
    system: System, browser: Browser
) -> None:
    clerk = Person(browser, system.address, "clerk")
    page, keys = clerk.page, Keys(clerk.page)
    spent = MOST_SECONDS + 1
    for _ in range(3):  # the quickest counts: the machine does other things beside
        if spent <= MOST_SECONDS:
            break
        keys.pressed = 0
        page.goto("/patients/")
        begun = time.monotonic()
        keys.press("u")
        page.wait_for_url("**/walk-in/**")
        assert page.input_value("#id_priority") == "STAT"
        keys.press("c", "c", "Enter", "Enter")
        expect(page.locator("main")).to_contain_text("stands on the worklist of CT 1 now")
        answered = findscu(system, "CT1")
        spent = min(spent, time.monotonic() - begun)
        assert "Unknown-" in answered
        assert keys.pressed <= MOST_KEYS
    assert spent <= MOST_SECONDS
    expect(page.locator("#board")).to_contain_text("Unknown-")


def test_the_keys_are_listed_and_one_of_a_row_means_that_row_only(system: System, browser: Browser) -> None:
    clerk = Person(browser, system.address, "clerk")
    page = clerk.page
    page.goto("/patients/")
    page.keyboard.press("w")
    page.wait_for_timeout(200)
    assert "/walk-in/" not in page.url, "no row has the focus"
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_contain_text("a walk-in of this patient")
