"""Search, critical findings, reading over, addendum and withdrawal as a radiologist sees them, in both themes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from reporting.actions import save_draft
from reporting.actions.amend import Typed, begin_amendment, save_amendment, sign_amendment
from reporting.actions.critical import Attempt, flag, tell
from reporting.actions.sign import Proof
from reporting.models import Report
from tests.e2e.browser import CHROMIUM, FLAGS
from tests.exam import draft, sign
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_key")]
SHOTS = os.environ.get("SHOTS")


@pytest.fixture
def page(live_world: World, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900}).new_page()
        page.goto("/accounts/login/")
        page.get_by_label("Username").fill(live_world.radiologist.username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        yield page
        browser.close()


def is_accessible(page: Page, name: str) -> None:
    """No serious finding of axe in either theme."""
    for theme, width in (("light", 1280), ("dark", 1920)):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 1000})
        found = [one for one in Axe().run(page).response["violations"] if one["impact"] in {"serious", "critical"}]
        assert found == [], (name, theme, [(one["id"], one["nodes"][0]["html"]) for one in found])
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{theme}.png", full_page=True)


def amended(world: World) -> Report:
    """A signed report with an addendum."""
    report = sign(draft(world), world.radiologist).report
    begun = begin_amendment(report, kind="addendum", by=world.radiologist)
    saved = save_amendment(begun, Typed(["The nodule was there in 2019."], seen=1), revision=0, by=world.radiologist)
    sign_amendment(saved, revision=saved.revision, proof=Proof(timezone.now()), by=world.radiologist)
    return report


def test_every_page_after_the_signature_reads_well_in_both_themes(live_world: World, page: Page) -> None:
    report = amended(live_world)
    finding = flag(
        report.task, category=1, finding="Tension pneumothorax on the left", recipient="Dr. Ward", reach="ward 4",
        by=live_world.radiologist,
    )  # fmt: skip
    attempt = Attempt("Sister Agnes", "phone", reached=True, read_back=False, at=timezone.now())
    tell(finding, attempt, by=live_world.radiologist)
    for name, path in (
        ("search", "/reports/?q=nodul"),
        ("nothing-found", "/reports/?q=fracture"),
        ("report", f"/reports/{report.pk}/"),
        ("correction", f"/reports/{report.pk}/amend/correction/"),
        ("withdraw", f"/reports/{report.pk}/withdraw/"),
        ("critical", "/reports/critical/"),
        ("critical-case", f"/reports/cases/{report.task_id}/critical/"),
    ):
        page.goto(path)
        is_accessible(page, name)


def test_a_doubt_is_looked_at_in_the_signing_box_and_then_signed(live_world: World, page: Page) -> None:
    report = draft(live_world)
    type(report.task.patient).objects.filter(pk=report.task.patient_id).update(sex="M")
    sections = {"findings": "The uterus is enlarged.", "impression": "A nodule in the lung."}
    save_draft(report, revision=report.revision, sections=sections, by=live_world.radiologist)
    page.goto(f"/reading/{report.task_id}/")
    page.locator("#report-pane").wait_for()
    page.locator("[data-open-sign]").click()
    doubt = page.get_by_label("I looked: it is right as it stands")
    expect(doubt).to_be_visible()
    is_accessible(page, "doubts")
    page.locator("#sign-password").fill(PASSWORD)
    page.locator("#sign-now").click()
    assert Report.objects.get(pk=report.pk).state == "draft"
    doubt.check()
    page.locator("#sign-now").click()
    expect(page.locator("#copies")).to_contain_text("version 1", timeout=60_000)
    assert Report.objects.get(pk=report.pk).state == "final"
