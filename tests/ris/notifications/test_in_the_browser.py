"""Notices and messages in a real browser: the bell rings without a reload, and every page is accessible."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from ris.dicom import watch
from ris.events.models import Delivery
from ris.events.outbox import attempt
from ris.notifications.actions import notify
from ris.patients.actions import declining_token
from tests.ris.home.test_in_the_browser import CHROMIUM, FLAGS
from tests.services.server import free_port
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def opened(browser: Browser, server: LiveServer, who: str, *, dark: bool = False) -> Page:
    size = {"width": 1920, "height": 1080} if dark else {"width": 1280, "height": 800}
    context = browser.new_context(base_url=server.url, viewport=size, color_scheme="dark" if dark else "light")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/accounts/login/?next=/")
    page.get_by_label("Username").fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{server.url}/")
    return page


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [item["id"] for item in found if item["impact"] in {"serious", "critical"}]


def tell(world: World, who: str, number: int) -> None:
    text = "The device sent images without an order: look whose they are."
    notify([world.people[who]], key=f"n{number}", subject="A study fits no order", text=text, link="/worklist/studies/")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_is_accessible(
    live_world: World, live_server: LiveServer, browser: Browser, settings: Settings, dark: bool
) -> None:
    settings.EMAIL_CONFIGURED = True  # pytest-django keeps the mail in memory
    patient = live_world.patient(email="aase@example.org", mobile="+491701234567")
    appointment = live_world.booking(live_world.order(patient), start=timezone.now() + timedelta(days=3))
    for subscriber in ("scheduling.tell-patient", "notifications.send"):
        for delivery in Delivery.objects.filter(subscriber=subscriber):
            Delivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now())
            attempt(delivery.pk)
    settings.ORTHANC_URL = f"http://127.0.0.1:{free_port()}"
    watch.look()
    tell(live_world, "siteadmin", 1)
    tell(live_world, "siteadmin", 2)
    pages = {
        "siteadmin": ["/", "/messages/", "/messages/outgoing/", "/deliveries/", f"/schedule/{appointment.pk}/"],
        "clerk": ["/messages/", f"/patients/{patient.pk}/edit/", f"/patients/messages/{declining_token(patient)}/"],
    }
    for who, paths in pages.items():
        page = opened(browser, live_server, who, dark=dark)
        for path in paths:
            page.goto(path)
            assert serious(page) == [], path
        page.context.close()
    cache.delete(watch.KEY)


def test_the_bell_rings_without_a_reload_and_its_notice_leads_on(
    live_world: World, live_server: LiveServer, browser: Browser
) -> None:
    page = opened(browser, live_server, "radiologist")
    expect(page.get_by_role("link", name="Notices", exact=True)).to_be_visible()
    tell(live_world, "radiologist", 1)
    expect(page.get_by_role("link", name="Notices, 1 new")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="Notices, 1 new").click()
    page.get_by_role("button", name="Open A study fits no order").press("Enter")
    page.wait_for_url("**/worklist/studies/")
    expect(page.get_by_role("link", name="Notices", exact=True)).to_be_visible()
    page.context.close()


def test_a_patient_stops_the_messages_with_the_keyboard(
    live_world: World, live_server: LiveServer, browser: Browser
) -> None:
    patient = live_world.patient(email="aase@example.org")
    page = browser.new_page(base_url=live_server.url)
    page.goto(f"/patients/messages/{declining_token(patient)}/")
    page.get_by_role("button", name="Stop the messages").press("Enter")
    expect(page.get_by_role("status").filter(has_text="You get no more mail")).to_be_visible()
    patient.refresh_from_db()
    assert patient.messages_declined
    page.close()
