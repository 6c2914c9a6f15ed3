"""Emergency access in a real browser: keyboard, both themes, axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.exam import case
from tests.worklist.exam.test_in_the_browser import browser, faults, look_at, page, sign_in  # noqa: F401  fixtures
from tests.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

WHY = "Polytrauma, unconscious, no time to call"


def test_a_study_is_opened_with_a_reason_and_reviewed(page: Page, live_world: World, faults: list[str]) -> None:  # noqa: F811
    accession = case(live_world).requested_procedures.get().accession_number
    page.route("**/viewer/ohif/**", lambda route: route.fulfill(status=204))
    sign_in(page, live_world.outsider)
    page.goto("/viewer/emergency/")
    look_at(page, "emergency")
    page.get_by_label("Accession number or study UID").fill(accession)
    page.get_by_label("What is the emergency?").fill("Help")
    page.get_by_role("button", name="Open the images").press("Enter")
    expect(page.get_by_text("Say in a few words what the emergency is.")).to_be_visible()
    look_at(page, "emergency-refused")
    page.get_by_label("What is the emergency?").fill(WHY)
    page.get_by_role("button", name="Open the images").press("Enter")
    expect(page.get_by_text("Everything here is recorded and reviewed.")).to_be_visible()
    expect(page.locator("#save-measurements")).to_have_count(0)
    look_at(page, "emergency-open")
    page.get_by_role("button", name="End it").press("Enter")
    expect(page.get_by_text("The emergency access is over.")).to_be_visible()
    sign_in(page, live_world.siteadmin)
    page.goto("/viewer/emergency/accesses/")
    expect(page.get_by_text(WHY)).to_be_visible()
    look_at(page, "emergency-list")
    page.locator("[data-rows] .row-link").first.press("Enter")
    page.get_by_label("It must be looked into: end it now").check()
    page.get_by_role("button", name="Write it down").press("Enter")
    expect(page.get_by_text("Say what is not clear about it.")).to_be_visible()
    look_at(page, "emergency-review")
    page.get_by_label("It was right").check()
    page.get_by_role("button", name="Write it down").press("Enter")
    expect(page.get_by_role("heading", name="No emergency access waits for a review")).to_be_visible()
    look_at(page, "emergency-none")
    assert faults == []
