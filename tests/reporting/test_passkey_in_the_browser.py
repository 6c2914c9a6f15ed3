"""A passkey in a real Chromium with a virtual authenticator: added, refused, signing a report, opening the door."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from reporting.models import Artifact, Report
from ris.audit.models import AuditEvent
from tests.exam import draft
from tests.worklist.exam.test_in_the_browser import browser, faults, look_at, page, sign_in  # noqa: F401  fixtures
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_key")]
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def plugged_in(page: Page) -> tuple[CDPSession, dict[str, Any]]:  # noqa: F811
    """A device that keeps passkeys, and how it is told from others."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def add_passkey(page: Page) -> None:  # noqa: F811
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name", exact=True).fill("Office computer")
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_text("Passkey added.")).to_be_visible()
    page.goto("/accounts/2fa/webauthn/")
    expect(page.get_by_role("cell", name="Office computer", exact=True)).to_be_visible()
    look_at(page, "passkeys")


def sign_with(page: Page, report: Report, session: CDPSession, device: dict[str, Any]) -> None:  # noqa: F811
    """Refused while the device does not say who is there; then by Enter alone."""
    session.send("WebAuthn.setUserVerified", device | {"isUserVerified": False})
    page.goto(f"/reading/{report.task_id}/")
    page.locator("#report-pane").wait_for()
    page.locator("[data-open-sign]").click()
    expect(page.locator("#sign-password")).to_be_focused()
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.locator("#sign-dialog > [role=alert]")).to_contain_text("Nothing was signed", timeout=90_000)
    look_at(page, "sign-passkey")
    assert Report.objects.get(pk=report.pk).state == "draft"
    session.send("WebAuthn.setUserVerified", device | {"isUserVerified": True})
    page.locator("#sign-password").press("Enter")
    expect(page.locator("#copies")).to_contain_text("version 1", timeout=60_000)


def test_a_passkey_is_added_is_refused_signs_and_opens_the_door(
    live_world: World,
    page: Page,  # noqa: F811
    faults: list[str],  # noqa: F811
) -> None:
    user = live_world.radiologist
    sign_in(page, user)
    session, device = plugged_in(page)
    add_passkey(page)
    report = draft(live_world)
    sign_with(page, report, session, device)
    assert bytes(Artifact.objects.get(version__report=report, kind="pdf").body).startswith(b"%PDF")
    assert AuditEvent.objects.get(action="report.signed").detail["proof"] == "passkey"

    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="One step more")).to_be_visible()
    look_at(page, "second-factor")
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_role("heading", name="What to do next")).to_be_visible()

    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="What to do next")).to_be_visible()
    assert faults == []
