"""Search, critical findings, reading over, addendum and withdrawal as a radiologist sees them, in both themes."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from reporting.actions import save_draft
from reporting.actions.amend import Typed, begin_amendment, save_amendment, sign_amendment
from reporting.actions.critical import Attempt, flag, tell
from reporting.actions.sign import Proof
from reporting.models import Report
from tests.exam import draft, sign
from tests.worklist.exam.test_in_the_browser import browser, faults, look_at, page, sign_in  # noqa: F401  fixtures
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_key")]


def amended(world: World) -> Report:
    """A signed report with an addendum."""
    report = sign(draft(world), world.radiologist).report
    begun = begin_amendment(report, kind="addendum", by=world.radiologist)
    saved = save_amendment(begun, Typed(["The nodule was there in 2019."], seen=1), revision=0, by=world.radiologist)
    sign_amendment(saved, revision=saved.revision, proof=Proof(timezone.now()), by=world.radiologist)
    return report


def test_every_page_after_the_signature_reads_well_in_both_themes(live_world: World, page: Page) -> None:  # noqa: F811
    sign_in(page, live_world.radiologist)
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
        look_at(page, name)


def test_a_doubt_is_looked_at_in_the_signing_box_and_then_signed(live_world: World, page: Page) -> None:  # noqa: F811
    sign_in(page, live_world.radiologist)
    report = draft(live_world)
    type(report.task.patient).objects.filter(pk=report.task.patient_id).update(sex="M")
    sections = {"findings": "The uterus is enlarged.", "impression": "A nodule in the lung."}
    save_draft(report, revision=report.revision, sections=sections, by=live_world.radiologist)
    page.goto(f"/reading/{report.task_id}/")
    page.locator("#report-pane").wait_for()
    page.locator("[data-open-sign]").click()
    doubt = page.get_by_label("I looked: it is right as it stands")
    expect(doubt).to_be_visible()
    look_at(page, "doubts")
    page.locator("#sign-password").fill(PASSWORD)
    page.locator("#sign-now").click()
    assert Report.objects.get(pk=report.pk).state == "draft"
    doubt.check()
    page.locator("#sign-now").click()
    expect(page.locator("#copies")).to_contain_text("version 1", timeout=60_000)
    assert Report.objects.get(pk=report.pk).state == "final"
