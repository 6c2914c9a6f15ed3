"""Three keys from any page to the addendum of a report; a report that waits is recalled; several are signed at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from reporting.delay.record import PublishDelay
from reporting.models import Report
from tests.exam import draft, sign
from tests.worklist.exam.test_in_the_browser import browser, faults, look_at, page, sign_in  # noqa: F401  fixtures
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_key")]


def test_three_keys_lead_from_any_page_to_the_addendum(live_world: World, page: Page) -> None:  # noqa: F811
    report = sign(draft(live_world), live_world.radiologist).report
    sign_in(page, live_world.radiologist)
    page.keyboard.press("Alt+c")
    expect(page.get_by_role("dialog", name="Call-back")).to_be_visible()
    look_at(page, "call-back")
    page.keyboard.type(report.versions.get().accession_numbers[0])
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/reports/{report.pk}/?call=1")
    page.locator("[data-shortcut=a]").wait_for()
    page.wait_for_load_state()
    page.keyboard.press("a")
    page.wait_for_url(f"**/reports/{report.pk}/amend/addendum/?call=1")
    expect(page.get_by_label("Who called")).to_be_visible()
    assert page.get_by_label("When").input_value()
    look_at(page, "addendum-after-a-call")
    page.goto("/reports/print/")
    look_at(page, "print")
    page.route("**/viewer/ohif/**", lambda route: route.fulfill(content_type="text/html", body="<input id=inside>"))
    page.goto(f"/reading/{report.task_id}/")
    inside = page.frame_locator("iframe").locator("#inside")
    inside.dispatch_event("keydown", {"key": "c", "code": "KeyC", "altKey": True, "bubbles": True})
    expect(page.get_by_role("dialog", name="Call-back")).to_be_visible()


def test_a_report_that_waits_is_recalled_and_signed_again_with_others(
    live_world: World,
    page: Page,  # noqa: F811
) -> None:
    PublishDelay.objects.create(site=live_world.north, minutes=5)
    report = sign(draft(live_world), live_world.radiologist).report
    sign_in(page, live_world.radiologist)
    page.goto(f"/reports/{report.pk}/")
    expect(page.locator("[data-held]")).to_contain_text("Leaves in 5 min")
    look_at(page, "held")
    page.route("**/viewer/ohif/**", lambda route: route.fulfill(status=204))
    page.get_by_role("button", name="Recall").click()
    page.wait_for_url(f"**/reading/{report.task_id}/")
    expect(page.locator("#copies")).to_contain_text("recalled before release")
    page.goto("/reports/to-sign/")
    look_at(page, "to-sign")
    page.get_by_role("checkbox").check()
    page.get_by_label("Your password, once for all").fill(PASSWORD)
    page.get_by_role("button", name="Sign the chosen").click()
    expect(page.get_by_role("status", name="What was signed")).to_contain_text("Signed")
    look_at(page, "signed-together")
    assert Report.objects.get().state == "final"
