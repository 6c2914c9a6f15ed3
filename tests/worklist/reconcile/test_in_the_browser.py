"""The queue and the page of a study in a real browser: keyboard, both themes, axe."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests.exam import case, draft, noted, performed, sign
from tests.worklist.exam.test_in_the_browser import browser, faults, look_at, page, sign_in  # noqa: F401  fixtures
from tests.world import World
from worklist.actions import decisions
from worklist.actions.wrong_patient import wrong_patient
from worklist.exam.record import ReceivedSeries
from worklist.models import ReadingTask, Study

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

WHY = "The wristband was read twice"


def test_a_lost_study_is_compared_linked_and_given_back_by_keyboard(
    page: Page,  # noqa: F811
    live_world: World,
    faults: list[str],  # noqa: F811
) -> None:
    sign_in(page, live_world.technologist)
    page.goto("/worklist/studies/queue/")
    expect(page.get_by_role("heading", name="Every study has its order")).to_be_visible()
    look_at(page, "queue-empty")
    performed(live_world, live_world.requested(live_world.order(live_world.patient("Olsen", "Tor"))))
    requested = live_world.requested()
    performed(live_world, requested)
    noted(requested, study_instance_uid="2.25.99", accession_number="", birth_date=date(1961, 5, 18))
    noted(live_world.requested(), patient_id="NORTH9999999", study_instance_uid="2.25.98")
    wrong_patient(
        case(live_world).requested_procedures.get().steps.get(), reason="It was Berg", by=live_world.technologist
    )
    page.reload()
    expect(page.get_by_role("link", name="No order fits")).to_be_visible()
    look_at(page, "queue")
    page.goto(f"/worklist/studies/{Study.objects.get(study_instance_uid='2.25.99').pk}/")
    expect(page.get_by_role("rowheader", name="Birth date").first).to_be_visible()
    look_at(page, "study")
    page.get_by_role("button", name="Link to this exam").first.press("Enter")
    expect(page.get_by_text("This field is required.").first).to_be_visible()
    look_at(page, "study-refused")
    page.get_by_label("Why?").first.fill(WHY)
    page.keyboard.press("Enter")
    expect(page.get_by_text("The study is linked.")).to_be_visible()
    expect(page.get_by_text(f"{live_world.technologist.display}: {WHY}").first).to_be_visible()
    look_at(page, "study-linked")
    assert Study.objects.get(study_instance_uid="2.25.99").state == "matched"
    page.get_by_role("link", name="Undo").press("Enter")
    look_at(page, "undo")
    page.get_by_label("Why?").fill("It was the other one")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The decision is undone.")).to_be_visible()
    assert Study.objects.get(study_instance_uid="2.25.99").state == "unmatched"
    assert faults == []


def test_series_are_split_off_and_an_order_is_made(page: Page, live_world: World, faults: list[str]) -> None:  # noqa: F811
    requested = live_world.requested()
    study = noted(requested)
    for at in (1, 2):
        ReceivedSeries.objects.create(
            study=study, series_instance_uid=f"1.2.{at}", number=at, modality="CT", description="Chest", images=40
        )
    other = live_world.requested(live_world.order(requested.order.patient))
    sign_in(page, live_world.radiologist)
    page.goto(f"/worklist/studies/{study.pk}/")
    page.get_by_text("Some of its series belong to another exam").press("Enter")
    page.get_by_label("2: CT Chest, 40 images").check()
    page.get_by_label("Accession number of the exam").fill(other.accession_number)
    page.locator("#split-0-reason").fill("Abdomen")
    look_at(page, "study-split")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The series belong to the other exam.")).to_be_visible()
    assert study.links.get(requested_procedure=other).series == ["1.2.2"]
    lost = noted(live_world.requested(), study_instance_uid="2.25.99", accession_number="")
    page.goto(f"/worklist/studies/{lost.pk}/")
    page.get_by_text("There is no order: make one").press("Enter")
    look_at(page, "study-order")
    page.get_by_role("radio").first.check()
    page.get_by_label("What was done").select_option(label="CT chest (CTCHEST)")
    page.locator("#order-0-reason").fill("Emergency")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The order is made, and the study is linked to it.")).to_be_visible()
    assert faults == []


def test_images_after_the_report_are_listed(
    signing_key: None,
    page: Page,  # noqa: F811
    live_world: World,
    faults: list[str],  # noqa: F811
) -> None:
    version = sign(draft(live_world), live_world.radiologist)
    task = ReadingTask.objects.get(reports=version.report_id)
    sign_in(page, live_world.radiologist)
    page.goto("/worklist/exams/grown/")
    expect(page.get_by_role("heading", name="No images after a report")).to_be_visible()
    look_at(page, "grown-empty")
    noted(task.requested_procedures.get(), instance_count=240)
    page.reload()
    look_at(page, "grown")
    page.get_by_role("button", name="The report stands").press("Enter")
    expect(page.get_by_text("Noted: the report stands.")).to_be_visible()
    assert faults == []


def test_a_study_that_is_being_corrected_says_so(page: Page, live_world: World, faults: list[str]) -> None:  # noqa: F811
    requested = live_world.requested()
    study = noted(requested, study_instance_uid="2.25.99", accession_number="", patient_id="NORTH9999999")
    decisions.link(study, requested, reason=WHY, by=live_world.technologist)
    sign_in(page, live_world.technologist)
    page.goto(f"/worklist/studies/{study.pk}/")
    expect(page.get_by_text("closed to everybody until the archive was corrected")).to_be_visible()
    expect(page.get_by_role("link", name="Look at the images")).to_have_count(0)
    look_at(page, "study-correcting")
    assert faults == []
