"""The whole way of a report by the keys alone: the mouse is never touched."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from reporting.actions import save_draft
from reporting.actions.objects import refill_case
from reporting.models import Report
from ris.core.actors import SystemActor
from tests.exam import case, draft, sign, stored
from tests.reporting.test_typing_in_the_browser import context, sign_in  # noqa: F401  a fixture
from tests.world import PASSWORD, World
from worklist.actions.reading import claim
from worklist.models import ReadingTask

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_key")]
MOST_TABS = 150
DELIVERY = SystemActor("delivery")


def room_of(context: BrowserContext, task: ReadingTask) -> Page:  # noqa: F811
    page = context.new_page()
    page.route("**/viewer/ohif/**", lambda route: route.fulfill(status=204))
    sign_in(page)
    page.goto(f"/reading/{task.pk}/")
    page.wait_for_selector("#section-findings")
    return page


def tab_to(page: Page, target: Locator) -> None:
    """As somebody without a mouse gets there; fails where Tab never leads."""
    target.wait_for()
    for _ in range(MOST_TABS):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {target}")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    tab_to(page, target)
    page.keyboard.press(key)


def write(page: Page, section: str, text: str) -> None:
    """By the key of the section."""
    area = page.locator(f"#section-{section}")
    page.keyboard.press(f"Alt+{area.get_attribute('data-section')}")
    expect(area).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def eventually(page: Page, holds: Callable[[], bool]) -> None:
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never came true")


def state() -> str:
    return str(Report.objects.get().state)


def test_written_read_over_signed_and_withdrawn(live_world: World, context: BrowserContext) -> None:  # noqa: F811
    task = claim(case(live_world), by=live_world.radiologist)
    page = room_of(context, task)
    stored(task, 31.0)
    refill_case(task, by=DELIVERY)
    press(page, page.get_by_role("button", name="Leave out"))
    press(page, page.get_by_role("button", name="Take in again"))
    expect(page.locator("[data-value]")).to_have_text("31.0 mm")
    write(page, "findings", "The prostate is enlarged.")
    write(page, "impression", "Follow up in three months.")
    expect(page.locator("#save-state")).to_contain_text("Saved")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#sign-password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    press(page, page.get_by_label("I looked: it is right as it stands"), "Space")
    press(page, page.locator("#sign-now"))
    eventually(page, lambda: state() == "final")
    expect(page.locator("#copies")).to_be_focused()
    report = Report.objects.get()
    page.goto(f"/reports/{report.pk}/")
    press(page, page.get_by_role("link", name="Withdraw…"))
    page.wait_for_url("**/withdraw/")
    tab_to(page, page.locator("[name=reason]"))
    page.keyboard.type("Another patient's images")
    tab_to(page, page.locator("#withdraw-password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    eventually(page, lambda: state() == "entered-in-error")


def preliminary(world: World) -> ReadingTask:
    report = sign(draft(world, by=world.resident), world.resident, "preliminary").report
    return claim(ReadingTask.objects.get(pk=report.task_id), by=world.radiologist)


def test_a_preliminary_report_is_confirmed_with_a_grade(live_world: World, context: BrowserContext) -> None:  # noqa: F811
    page = room_of(context, preliminary(live_world))
    page.keyboard.press("Control+Enter")
    expect(page.locator("#sign-password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    tab_to(page, page.locator("#sign-grade"))
    page.keyboard.press("ArrowDown")
    press(page, page.locator("#sign-now"))
    eventually(page, lambda: state() == "final")


def test_a_preliminary_report_goes_back_to_its_author(live_world: World, context: BrowserContext) -> None:  # noqa: F811
    page = room_of(context, preliminary(live_world))
    press(page, page.locator("details.preliminary > summary"))
    tab_to(page, page.locator("#return-comment"))
    page.keyboard.type("Compare with 2019, please.")
    press(page, page.get_by_role("button", name="Send back"))
    eventually(page, lambda: ReadingTask.objects.get().claimed_by != live_world.radiologist)


def test_two_texts_of_one_section_are_joined(live_world: World, context: BrowserContext) -> None:  # noqa: F811
    page = room_of(context, claim(case(live_world), by=live_world.radiologist))
    write(page, "findings", "First words.")
    expect(page.locator("#save-state")).to_contain_text("Saved")
    report = Report.objects.get()
    save_draft(report, revision=report.revision, sections={"findings": "From elsewhere."}, by=live_world.radiologist)
    write(page, "findings", "Typed here.")
    both = page.locator("[data-joining-take=both]").first
    press(page, both)
    press(page, page.locator("dialog[open] button[type=submit], dialog[open] .btn-primary").first)
    eventually(
        page,
        lambda: (
            {"From elsewhere.", "Typed here."} <= set(Report.objects.get().content["sections"]["findings"].split("\n"))
        ),
    )
