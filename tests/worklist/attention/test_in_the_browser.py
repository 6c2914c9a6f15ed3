"""The two queues in a real browser, and a reader whose images are closed while they read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from ris.scheduling.actions import start_step
from ris.scheduling.models import ScheduledProcedureStep
from tests.exam import case, draft
from tests.worklist.exam.test_in_the_browser import browser, faults, look_at, page, sign_in  # noqa: F401  fixtures
from tests.world import World
from viewer.actions import open_studies
from worklist.actions.wrong_patient import wrong_patient
from worklist.attention.rows import LONG
from worklist.models import Study

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

WHY = "The wristband says Olsen"


def test_an_unclosed_exam_is_completed_from_its_list(page: Page, live_world: World, faults: list[str]) -> None:  # noqa: F811
    sign_in(page, live_world.technologist)
    page.goto("/worklist/exams/unclosed/")
    expect(page.get_by_role("heading", name="No unclosed exams")).to_be_visible()
    look_at(page, "unclosed-empty")
    step = start_step(live_world.step(), by=live_world.technologist)
    ScheduledProcedureStep.objects.filter(pk=step.pk).update(started_at=timezone.now() - LONG - timedelta(minutes=9))
    page.reload()
    look_at(page, "unclosed")
    page.get_by_role("button", name="Complete CT chest").press("Enter")
    expect(page.get_by_text("CT chest is completed.")).to_be_visible()
    expect(page.get_by_role("heading", name="No unclosed exams")).to_be_visible()
    step.refresh_from_db()
    assert step.state == "COMPLETED"
    assert faults == []


def test_a_closed_study_is_settled_from_its_queue(page: Page, live_world: World, faults: list[str]) -> None:  # noqa: F811
    sign_in(page, live_world.technologist)
    page.goto("/worklist/studies/wrong-patient/")
    expect(page.get_by_role("heading", name="No images under a wrong name")).to_be_visible()
    task = case(live_world)
    patient = task.requested_procedures.get().order.patient
    open_studies(Study.objects.all(), patient=patient, session="a", by=live_world.resident)
    wrong_patient(ScheduledProcedureStep.objects.get(), reason=WHY, by=live_world.technologist)
    page.reload()
    expect(page.get_by_text(f"{live_world.resident.display} opened the images")).to_be_visible()
    look_at(page, "wrong-patient")
    page.get_by_role("link", name="Settle").press("Enter")
    page.get_by_role("button", name="Settle").press("Enter")
    expect(page.get_by_text("This field is required.")).to_be_visible()
    look_at(page, "settle-refused")
    page.get_by_label("Whose images are they, and how do you know?").fill("Olsen's, by the wristband")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Settled.")).to_be_visible()
    assert Study.objects.get().state == "unmatched"
    assert faults == []


def test_a_reader_is_told_within_seconds_and_the_images_go(page: Page, live_world: World) -> None:  # noqa: F811
    report = draft(live_world)
    sign_in(page, live_world.radiologist)
    page.goto(f"/reading/{report.task_id}/")
    expect(page.locator("#report-pane")).to_be_visible()
    assert "/viewer/ohif/" in (page.locator("#viewer").get_attribute("src") or "")
    wrong_patient(ScheduledProcedureStep.objects.get(), reason=WHY, by=live_world.technologist)
    expect(page.get_by_text("Images of this case were another patient’s.")).to_be_visible()
    expect(page.locator("#viewer-notice")).to_contain_text("closed")
    assert page.locator("#viewer").get_attribute("src") == "about:blank"
    expect(page.locator("#viewer")).to_be_hidden()
    look_at(page, "reader-told")
