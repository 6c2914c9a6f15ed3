"""Fields beside the text and the template pages, with hands on them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from reporting.models import Report, ReportTemplate, SampleReading
from tests.exam import case, stored
from tests.reporting.sr.builders import length, ohif_sr
from tests.world import PASSWORD, World
from worklist.actions.reading import claim

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run"]


@pytest.fixture
def context(live_server: LiveServer, live_world: World) -> Iterator[BrowserContext]:
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_context(base_url=live_server.url)
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def signed_in(context: BrowserContext, username: str) -> Page:
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.route("**/viewer/ohif/**", lambda route: route.fulfill(status=204))
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)
    return page


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [row["id"] for row in found if row["impact"] in ("serious", "critical")]


MORE = [
    {"key": "accession", "label": "Number", "section": "findings", "type": "text", "merge": "accession"},
    {"key": "seen-on", "label": "Seen on", "section": "findings", "type": "date"},
    {"key": "called", "label": "Called at", "section": "findings", "type": "time"},
]


def test_what_is_typed_into_fields_is_saved_and_what_was_measured_is_left_alone(
    context: BrowserContext, live_world: World
) -> None:
    chest = ReportTemplate.objects.published().get(key="ct-chest")
    ReportTemplate.objects.filter(pk=chest.pk).update(fields=[*chest.fields, *MORE])
    task = claim(case(live_world), by=live_world.radiologist)
    stored(task, 31.0)
    page = signed_in(context, "radiologist")
    page.goto(f"/reading/{task.pk}/")
    expect(page.locator("#field-lesion-length")).to_have_value("31.0")
    page.locator("#field-aorta").fill("3.6 cm")
    page.keyboard.press("Enter")
    expect(page.locator("#field-dlp")).not_to_be_focused()
    page.locator("#field-node-short").fill("about 9")
    fault = page.locator("[data-entry=node-short] [data-entry-fault]")
    expect(fault).to_have_text("A number, such as 12.5.")
    expect(page.locator("#field-node-short")).to_have_value("about 9")
    number = task.requested_procedures.get().accession_number
    expect(page.locator("#field-accession")).to_have_value(number)
    expect(page.locator("[data-entry=accession] [data-entry-from]")).to_have_text("from the exam")
    day, half = page.locator("#field-seen-on"), page.locator("[data-entry=seen-on] [data-entry-fault]")
    day.press_sequentially("01")
    page.locator("#field-called").fill("14:30")
    expect(half).to_have_text("This day is not whole yet: it is not saved.")
    page.locator("#field-node-short").fill("nine")
    expect(page.locator("#field-node-short")).to_have_attribute("data-settled", "nine")
    expect(half).to_have_text("This day is not whole yet: it is not saved.")
    assert day.evaluate("one => one.validity.badInput"), "a save takes nothing away from who is typing"
    day.fill("2026-01-31")
    page.locator("#field-node-short").fill("9")
    expect(fault).to_have_text("")
    expect(half).to_have_text("")
    fields = Report.objects.get(task=task).content["fields"]
    assert (fields["aorta"]["value"], fields["aorta"]["unit"]) == (3.6, "cm")
    assert fields["node-short"]["text"] == "9 mm"
    assert fields["lesion-length"]["sr_sop_uid"]
    assert (fields["seen-on"]["value"], fields["called"]["value"]) == ("2026-01-31", "14:30")
    assert serious(page) == []


def test_a_measurement_is_clicked_onto_a_field_and_tried_at_once(context: BrowserContext, tmp_path: Path) -> None:
    file = tmp_path / "sr.dcm"
    file.write_bytes(ohif_sr(length(33.6, [10, 20, 16, 25])))
    page = signed_in(context, "admin")
    published = ReportTemplate.objects.get(key="ct-chest")
    page.goto(f"/admin/reporting/reporttemplate/{published.pk}/change/")
    page.get_by_role("button", name="New version").click()
    page.wait_for_selector(".te__state--draft")
    expect(page.locator("[data-preview] h3")).to_have_text("CT chest")
    page.get_by_label("Title", exact=True).first.fill("CT thorax")
    expect(page.locator("[data-preview] h3")).to_have_text("CT thorax")
    assert serious(page) == []
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("link", name="Measurements").click()
    page.get_by_label("Or a DICOM SR file").set_input_files(file)
    page.get_by_role("button", name="Read it").click()
    result = page.locator("[data-result=aorta]")
    expect(result).to_have_text("nothing of this object")
    page.locator("[data-measurement]").click()
    page.locator("button.te__target", has_text="Ascending aorta").click()
    expect(result).to_have_text("33.6 mm, if its images confirm it")
    assert serious(page) == []
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_selector(".messagelist .success")
    draft = ReportTemplate.objects.get(key="ct-chest", state="draft")
    aorta = next(spec for spec in draft.fields if spec["key"] == "aorta")
    assert (draft.title, aorta["sources"][-1]) == (
        "CT thorax",
        {"scheme": "SCT", "code": "410668003", "name": "Length"},
    )
    assert SampleReading.objects.count() == 1
