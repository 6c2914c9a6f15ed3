"""A section of an earlier report, copied without a mouse."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import BrowserContext, expect

from reporting.models import Report
from tests.exam import draft, sign
from tests.reporting.test_typing_in_the_browser import context, findings, sign_in  # noqa: F401
from tests.worklist.exam.test_in_the_browser import look_at
from tests.worklist.priors.test_earlier import taken
from tests.world import World
from worklist.actions.reading import claim

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_key")]


def test_a_section_is_copied_by_keys_with_its_source(live_world: World, context: BrowserContext) -> None:  # noqa: F811
    patient = live_world.patient()
    before = taken(live_world, patient, "CTCHEST", date(2025, 3, 12))
    version = sign(draft(live_world, task=before), live_world.radiologist)
    task = claim(taken(live_world, patient, "CTCHEST", date(2027, 3, 12)), by=live_world.radiologist)
    room = context.new_page()
    room.route("**/viewer/ohif/**", lambda route: route.fulfill(status=204))
    sign_in(room)
    room.goto(f"/reading/{task.pk}/")
    room.locator("#section-findings").focus()
    room.keyboard.press("Alt+e")
    expect(room.get_by_role("button", name="Copy Findings of CT chest")).to_be_visible()
    look_at(room, "previous")
    expect(room.locator("#previous > summary")).to_be_focused()
    for _ in range(2):  # the earlier report's own line, then its first section
        room.keyboard.press("Tab")
    room.keyboard.press("Enter")
    said = f"From the report of {version.content['signed_at'][:10]}, Dr. Rita Radiologist: "
    expect(room.locator("#section-technique")).to_have_value(
        f"Helical CT of the chest.\n{said}Helical CT of the chest."
    )
    room.get_by_role("button", name="Copy Findings of CT chest").press("Enter")
    expect(room.locator("#section-findings")).to_have_value(f"{said}A nodule in the right upper lobe.")
    expect(room.locator("#save-state")).to_contain_text("Saved")
    assert Report.objects.get(task=task).content["sections"]["findings"].startswith(said)
