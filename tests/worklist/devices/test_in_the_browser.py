"""The devices pages in a real browser: no serious finding of axe in either theme, and everything from the keyboard."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from ris.dicom.archive.devices import get_devices
from ris.dicom.models import DeviceContact, Node
from tests.conformance.scp_process import scp_process
from tests.e2e.browser import CHROMIUM, FLAGS, press
from tests.ris.dicom.objects import ct, file_of
from tests.services.orthanc import Server
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.e2e, pytest.mark.orthanc, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def faults() -> list[str]:
    """What the browser complained about: refused by the policy, or a script that failed."""
    return []


@pytest.fixture
def page(
    live_world: World, orthanc: Server, browser: Browser, live_server: LiveServer, faults: list[str]
) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Security Policy" in message.text else None)
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(live_world.admin.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="What to do next")).to_be_visible()
    page.wait_for_load_state()
    yield page
    context.close()


def look_at(page: Page, name: str) -> None:
    """Axe in both themes; DEVICES_PICTURES names a folder for what a person should look at."""
    for theme, width in (("light", 1280), ("dark", 1920)):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}] == []
        if folder := os.environ.get("DEVICES_PICTURES"):
            page.screenshot(path=str(Path(folder) / f"{name}-{theme}.png"), full_page=True)


def test_list_device_form_and_worklist_are_readable_for_everybody(
    page: Page, live_world: World, tmp_path: Path, settings: Settings, faults: list[str]
) -> None:
    node, now = live_world.node(), timezone.now()
    live_world.step()
    for minutes in range(3):
        DeviceContact.objects.create(
            node=node, ae_title="CT1", address="10.0.4.7", kind="worklist", at=now - timedelta(minutes=minutes),
            returned=12, status="0000", detail={"keys": ["Modality", "ScheduledProcedureStepStartDate"]},
        )  # fmt: skip
    DeviceContact.objects.create(ae_title="STRANGER", address="10.0.9.9", kind="refused", at=now, status="unknown")
    Node.objects.filter(pk=node.pk).update(last_seen_at=now)
    get_devices().put_modality("CT1", {"AET": "CT1", "Host": "10.9.9.9", "Port": 104})

    page.goto("/worklist/devices/")
    expect(page.locator("#device-rows")).to_contain_text("Differs")
    look_at(page, "list")
    page.get_by_role("link", name="CT1", exact=True).press("Enter")
    expect(page.locator("#device-archive")).to_contain_text("10.9.9.9")
    page.get_by_role("button", name="Echo").press("Enter")
    expect(page.locator("#device-echo")).to_contain_text("port")
    look_at(page, "device")
    press(page, "e")
    expect(page.get_by_role("heading", level=1)).to_have_text("Change CT1")
    page.get_by_label("Port").fill("0")
    page.get_by_label("Port").press("Enter")
    expect(page.locator(".field__errors")).to_contain_text("greater than or equal to 1")
    look_at(page, "form")
    with scp_process(tmp_path) as (_process, port, _log):
        settings.DICOM_SCP_PORT = port
        page.goto(f"/worklist/devices/{node.pk}/worklist/")
        page.locator("summary").first.press("Enter")
        expect(page.locator("details[open]")).to_contain_text("(0010,0010)")
        look_at(page, "worklist")
        page.goto(f"/worklist/devices/{live_world.node('MR1').pk}/worklist/")
        expect(page.locator("main")).to_contain_text("Nothing on it")
        look_at(page, "worklist-empty")
    assert faults == []


def test_an_image_test_from_begin_to_deletion(
    page: Page, live_world: World, orthanc: Server, tmp_path: Path, faults: list[str]
) -> None:
    page.goto(f"/worklist/devices/{live_world.node().pk}/image-test/")
    look_at(page, "image-test-begin")
    page.get_by_role("button", name="Begin").press("Enter")
    expect(page.get_by_role("heading", name="Waiting for an image of CT1")).to_be_visible()
    look_at(page, "image-test-waiting")
    image = tmp_path / "image.dcm"
    image.write_bytes(file_of(ct(PatientName="PHANTOM^TEST")))
    where = ["-aec", orthanc.ae_title, "127.0.0.1", str(orthanc.dicom_port)]
    subprocess.run(["/usr/bin/storescu", "-R", "-aet", "CT1", *where, str(image)], check=True, timeout=30)
    expect(page.locator("#image-test")).to_contain_text("PHANTOM^TEST")
    expect(page.locator(".preview-image")).to_have_js_property("complete", value=True)
    assert page.locator(".preview-image").evaluate("image => image.naturalWidth") == 8
    look_at(page, "image-test-arrived")
    page.get_by_label("This is only a test image").press("Space")
    page.get_by_role("button", name="Delete the test image").press("Enter")
    expect(page.locator("main")).to_contain_text("Deleted from the archive: 1 image.")
    assert faults == []
