"""A draft that was saved elsewhere, and a browser that dies under the writer's hands."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from reporting.actions import save_draft
from reporting.models import Report
from tests.reporting.test_typing_in_the_browser import FINDINGS, context, findings, room, sign_in  # noqa: F401
from tests.worklist.exam.test_in_the_browser import look_at
from tests.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
STATE = "#save-state"
KEPT = "() => Object.entries(localStorage).filter(([key]) => key.startsWith('isocenter:report:'))"


def test_a_save_that_comes_too_late_shows_both_texts_and_keeps_both(live_world: World, room: Page) -> None:  # noqa: F811
    room.fill(FINDINGS, "No nodule.")
    expect(room.locator(STATE)).to_contain_text("Saved")
    report = Report.objects.get()
    elsewhere = {"findings": "No nodule. No effusion."}
    save_draft(report, revision=report.revision, sections=elsewhere, by=live_world.radiologist)
    room.fill(FINDINGS, "No nodule. Heart is normal.")
    dialog = room.get_by_role("dialog", name="Saved elsewhere while you wrote")
    expect(dialog).to_be_visible()
    expect(dialog.locator("del")).to_contain_text(["effusion."])
    expect(dialog.locator("ins")).to_contain_text(["Heart"])
    look_at(room, "joining")
    assert findings() == "No nodule. No effusion."
    dialog.get_by_role("textbox", name="Goes into the report").fill("No nodule. No effusion. Heart is normal.")
    dialog.get_by_role("button", name="Save this").click()
    expect(room.locator(STATE)).to_contain_text("Saved")
    expect(room.locator(FINDINGS)).to_have_value("No nodule. No effusion. Heart is normal.")
    assert findings() == "No nodule. No effusion. Heart is normal."


def test_what_a_dead_browser_had_not_saved_is_offered_to_its_writer_and_sealed_to_others(
    context: BrowserContext,  # noqa: F811
    room: Page,  # noqa: F811
) -> None:
    address = room.url
    room.route("**/save/", lambda route: route.abort())
    room.fill(FINDINGS, "A fracture of the hip.")
    expect(room.locator(STATE)).to_contain_text("no connection")
    room.wait_for_function(f"() => ({KEPT})().length === 1")
    assert "fracture" not in json.dumps(room.evaluate(KEPT))
    room.close(run_before_unload=False)
    again = context.new_page()
    again.route("**/viewer/ohif/**", lambda route: route.fulfill(status=204))
    again.goto(address)
    expect(again.locator(".report__kept-text")).to_contain_text("A fracture of the hip.")
    look_at(again, "kept")
    again.get_by_role("button", name="Put it back").click()
    expect(again.locator(FINDINGS)).to_have_value("A fracture of the hip.")
    expect(again.locator(STATE)).to_contain_text("Saved")
    assert findings() == "A fracture of the hip."
    again.wait_for_function(f"() => ({KEPT})().length === 0")


def test_two_pages_of_one_report_offer_what_each_of_them_had_and_nothing_of_a_living_one(
    context: BrowserContext,  # noqa: F811
    room: Page,  # noqa: F811
) -> None:
    context.route("**/save/", lambda route: route.abort())
    other = context.new_page()
    other.goto(room.url)
    room.fill(FINDINGS, "A fracture of the hip.")
    room.wait_for_function(f"() => ({KEPT})().length === 1")
    other.reload()
    other.wait_for_selector(FINDINGS)
    other.wait_for_timeout(300)
    expect(other.locator(".report__kept-text")).to_have_count(0)  # it is being typed over there
    other.fill(FINDINGS, "No fracture.")
    other.wait_for_function(f"() => ({KEPT})().length === 2")
    address = room.url
    for page in (room, other):
        page.close(run_before_unload=False)
    again = context.new_page()
    again.goto(address)
    expect(again.locator(".report__kept-text")).to_have_count(2)
    assert set(again.locator(".report__kept-text").all_inner_texts()) == {"A fracture of the hip.", "No fracture."}
