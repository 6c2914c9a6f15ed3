"""An addendum under its writer's hands: saved by itself, kept sealed when the network goes, joined, and then signed."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from reporting.actions.amend import Typed, save_amendment
from reporting.amending.record import Amendment
from reporting.models import Report
from tests.exam import draft, sign
from tests.reporting.test_typing_in_the_browser import context, sign_in  # noqa: F401  fixtures
from tests.worklist.exam.test_in_the_browser import look_at
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_key")]
AREA, STATE = "[name=text-0]", "#save-state"
KEPT = "() => Object.entries(localStorage).filter(([key]) => key.startsWith('isocenter:report:'))"
PLAIN = "() => JSON.stringify(Object.entries(sessionStorage))"


def words() -> str:
    return str(Amendment.objects.get().texts[0]["text"])


def dies_offline(page: Page) -> None:
    """The network goes, more is typed, and the browser dies."""
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.url.endswith("/save/") else None)
    page.route("**/save/", lambda route: route.abort())
    page.get_by_label("Your password").fill(PASSWORD)
    page.fill(AREA, "Seen in 2019. Unchanged.")
    expect(page.locator(STATE)).to_contain_text("no connection")
    page.wait_for_function(f"({KEPT})().length === 1")
    assert all(PASSWORD not in (request.post_data or "") for request in sent)
    assert "2019" not in json.dumps(page.evaluate(KEPT)) + page.evaluate(PLAIN)
    page.close(run_before_unload=False)


def test_no_word_of_an_addendum_is_lost_until_it_is_signed(
    context: BrowserContext,  # noqa: F811
    live_world: World,
) -> None:
    report = sign(draft(live_world), live_world.radiologist).report
    page = context.new_page()
    sign_in(page)
    page.goto(f"/reports/{report.pk}/amend/addendum/")
    page.fill(AREA, "Seen in 2019.")
    expect(page.locator(STATE)).to_contain_text("Saved")
    assert words() == "Seen in 2019."
    dies_offline(page)
    again = context.new_page()
    again.goto(f"/reports/{report.pk}/amend/addendum/")
    expect(again.locator(".report__kept-text")).to_have_text("Seen in 2019. Unchanged.")
    look_at(again, "addendum-kept")
    with again.expect_response("**/save/"):
        again.get_by_role("button", name="Put it back").click()
    again.wait_for_function(f"({KEPT})().length === 0")
    assert words() == "Seen in 2019. Unchanged."
    kept = Amendment.objects.get()
    elsewhere = Typed(["Seen in 2019. Unchanged. Benign."], seen=1)
    save_amendment(kept, elsewhere, revision=kept.revision, by=live_world.radiologist)
    again.fill(AREA, "Seen in 2019. Unchanged. No biopsy.")
    dialog = again.get_by_role("dialog", name="Saved elsewhere while you wrote")
    expect(dialog).to_be_visible()
    look_at(again, "addendum-joining")
    both = "Seen in 2019. Unchanged. Benign. No biopsy."
    dialog.get_by_role("textbox", name="Goes into the addendum").fill(both)
    dialog.get_by_role("button", name="Save this").click()
    expect(again.locator(AREA)).to_have_value(both)
    again.fill(AREA, f"{both} Last word.")
    again.get_by_label("Your password").fill(PASSWORD)
    again.get_by_role("button", name="Sign the addendum").click()
    again.wait_for_url(f"**/reports/{report.pk}/")
    signed = Report.objects.get(pk=report.pk).versions.get(kind="addendum")
    assert signed.content["addenda"][0]["text"] == f"{both} Last word."
