"""Papers and downtime in a real browser: accessible in both themes, under the real policy, by keyboard."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from ris.downtime.actions import make_snapshot, set_passphrase
from ris.downtime.models import DowntimeForm
from ris.orders.models import Order
from ris.printing.models import Print
from tests.ris.downtime.papers import entered, paper
from tests.world import PASSWORD, World, build_world

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
PICTURES = os.environ.get("PICTURES", "")  # a folder, for a person who wants to look


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def people(transactional_db: None, settings: Settings, tmp_path: Path) -> World:
    from ris.accounts.models import Installation

    settings.DATA_DIR, settings.DOWNTIME_DIR = tmp_path, ""
    Installation.objects.get_or_create()
    return build_world()


@pytest.fixture(params=[("light", 1280), ("dark", 1920)], ids=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, people: World) -> Iterator[Page]:
    scheme, width = request.param
    size = {"width": width, "height": 1000}
    context = browser.new_context(base_url=live_server.url, viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Security Policy" in message.text else None)
    yield page
    context.close()
    assert faults == []


def sign_in(page: Page, username: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="What to do next")).to_be_visible()


def well_made(page: Page, name: str) -> None:
    """No serious finding of axe; a picture for who wants one."""
    if PICTURES:
        size = page.viewport_size
        assert size is not None
        page.screenshot(path=f"{PICTURES}/{name}-{size['width']}.png", full_page=True)
    found = Axe().run(page).response["violations"]
    assert [item["id"] for item in found if item["impact"] in {"serious", "critical"}] == [], name


def test_the_downtime_pages_are_accessible_empty_and_full(page: Page, people: World) -> None:
    sign_in(page, "clerk")
    page.goto("/downtime/")
    expect(page.get_by_role("alert")).to_contain_text("No list is made, because no passphrase is set")
    well_made(page, "overview-empty")
    page.goto("/downtime/forms/")
    well_made(page, "forms-empty")
    make_snapshot(set_passphrase(people.north, passphrase="harbour lamp 7 willow", by=people.siteadmin))
    entered(people, paper(people))
    left = paper(people)
    for address, name in (("/downtime/", "overview"), ("/downtime/forms/", "forms"),
                          (f"/downtime/forms/{left.pk}/spoil/", "spoil")):  # fmt: skip
        page.goto(address)
        well_made(page, name)
    page.goto(f"/downtime/forms/{left.pk}/enter/")
    page.get_by_role("button", name="Enter the form").click()
    expect(page.get_by_text("Find the patient and choose one")).to_be_visible()
    well_made(page, "enter-faults")


def test_a_form_is_scanned_and_entered_by_keyboard(page: Page, people: World) -> None:
    person, form = people.patient("Keyed", "Kim"), paper(people)
    sign_in(page, "technologist")
    page.goto("/downtime/")
    page.keyboard.type(str(form))  # the field has the focus: a scanner types and presses Enter
    page.keyboard.press("Enter")
    page.get_by_label("Find the patient").fill("keyed")
    page.keyboard.press("Enter")
    page.get_by_label("Keyed, Kim, 1961-05-17 F").check()
    page.get_by_role("combobox", name="Exam").select_option(str(people.procedure().pk))
    page.get_by_label("Begun at").fill("00:01")
    well_made(page, "enter")
    page.get_by_role("button", name="Enter the form").click()
    expect(page.get_by_role("heading", name="Order", exact=False).first).to_be_visible()
    order = Order.objects.get()
    assert (order.patient, order.state) == (person, "completed")
    assert DowntimeForm.objects.get().exam == order.procedures.get()
    well_made(page, "order")


def test_the_administrator_sets_the_passphrase(page: Page, people: World) -> None:
    sign_in(page, "siteadmin")
    expect(page.get_by_text("Not ready for a downtime")).to_be_visible()
    page.goto("/downtime/passphrase/north/")
    well_made(page, "passphrase")
    page.get_by_label("Passphrase", exact=True).fill("harbour lamp 7 willow")
    page.get_by_label("The same again").fill("harbour lamp 7 willow")
    page.get_by_role("button", name="Set the passphrase").click()
    expect(page.get_by_text("Set. The next list opens with it")).to_be_visible()


def test_papers_are_printed_from_the_appointment_and_for_a_day(page: Page, people: World) -> None:
    start = timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    appointment = people.booking(start=start)
    people.booking(people.order(people.patient("Second")), start=start + timedelta(minutes=30))
    sign_in(page, "clerk")
    page.goto(f"/schedule/{appointment.pk}/")
    with page.context.expect_event("response", lambda answer: "/print/" in answer.url) as told:
        page.get_by_role("button", name="Appointment slip").click()
    assert told.value.status == 200
    page.reload()
    expect(page.get_by_text("Appointment slip printed by Clara Clerk")).to_be_visible()
    well_made(page, "appointment")
    day = start.astimezone(people.north.zone).date().isoformat()
    page.goto(f"/print/day/?day={day}")
    well_made(page, "print-day")
    page.get_by_role("checkbox").nth(1).uncheck()
    with page.context.expect_event("response", lambda answer: "/print/day/" in answer.url) as told:
        page.get_by_role("button", name="Labels", exact=True).click()
    assert told.value.headers["content-type"] == "application/pdf"
    assert list(Print.objects.order_by("pk").values_list("kind", flat=True)) == ["slip", "label"]
    page.goto(f"/schedule/?day={day}&booked={appointment.pk}")
    well_made(page, "day-board")
    page.goto("/print/day/?day=2031-01-01")
    well_made(page, "print-day-empty")
