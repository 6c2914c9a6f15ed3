"""The calendar in a real browser: drags that book, move and are refused, undo, and what others see meanwhile."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import Person
from tests.e2e.system import System

pytestmark = [pytest.mark.e2e]
# DESIGN.md §8: inside the widget, which has an equal list view
KNOWN_OF_THE_WIDGET = {"aria-required-children"}
TOMORROW = "2027-03-02"


def has_only_the_known_fault(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    serious = {fault["id"] for fault in found if fault["impact"] in {"serious", "critical"}}
    assert serious <= KNOWN_OF_THE_WIDGET, serious


def open_calendar(person: Person) -> Page:
    page = person.page
    page.goto(f"/schedule/calendar/?day={TOMORROW}")
    expect(page.locator(".ec-header .ec-col-head")).to_have_text(
        ["CT 1", "Gamma camera", "MR 1", "Ultrasound", "X-ray"]
    )
    return page


def let_go(page: Page, room: int, down: int) -> None:
    """Drag the first order that waits into a room's column."""
    frame, column = page.locator(".ec-main").bounding_box(), page.locator(".ec-body .ec-day").nth(room).bounding_box()
    assert frame is not None
    assert column is not None
    target = {"x": column["x"] - frame["x"] + 60, "y": down}
    page.locator("[data-book]").first.drag_to(page.locator("#calendar"), target_position=target)  # type: ignore[arg-type]


def test_an_order_is_dragged_into_a_room_seen_by_others_and_taken_back(system: System, browser: Browser) -> None:
    clerk, other = Person(browser, system.address, "clerk"), Person(browser, system.address, "technologist")
    page, elsewhere = open_calendar(clerk), open_calendar(other)
    violations: list[str] = []
    page.on("console", lambda said: violations.append(said.text) if "Content Security Policy" in said.text else None)
    has_only_the_known_fault(page)

    let_go(page, 2, 200)
    expect(page.locator(".toast-note--error")).to_contain_text(
        "MR 1 cannot do this exam. CT chest needs Computed tomography."
    )
    expect(page.locator(".ec-event.visit")).to_have_count(0)

    let_go(page, 0, 200)
    expect(page.locator(".toast-note--success")).to_contain_text("Booked: CT 1, Tue 02 Mar")
    visit = page.locator(".ec-event.visit")
    expect(visit).to_contain_text("Schmidt, Jürgen")
    expect(elsewhere.locator(".ec-event.visit")).to_contain_text("Schmidt, Jürgen")  # no reload
    has_only_the_known_fault(page)

    before = visit.inner_text()
    box = visit.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 6)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 60, steps=5)
    page.mouse.move(box["x"] + 40, box["y"] + 118, steps=5)
    page.mouse.up()
    expect(page.locator(".toast-note--success").last).to_contain_text("Moved: CT 1")
    expect(visit).not_to_have_text(before, use_inner_text=True)
    page.locator(".toast-note--success").last.get_by_role("button", name="Undo").click()
    expect(visit).to_have_text(before, use_inner_text=True)

    page.keyboard.press("Tab")
    visit.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("CT 1, Tue 2 Mar 2027")
    assert violations == []
    refused = [fault for fault in clerk.faults if "/calendar/book/" in fault]
    assert clerk.faults == refused
    assert len(refused) == 1
