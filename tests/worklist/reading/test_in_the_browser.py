"""Reading list, case, hand-over, wet reads and dashboards in a real browser, from the keyboard, in both themes."""

from __future__ import annotations

from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, expect

from ris.dashboards.following import follow
from tests import exam
from tests.e2e.browser import press
from tests.worklist.exam.test_in_the_browser import browser, faults, look_at, page, sign_in  # noqa: F401  fixtures
from tests.world import World
from worklist.actions.handing import Heir, assign
from worklist.actions.reading import claim
from worklist.actions.wet_reads import wet_read
from worklist.models import ReadingTask
from worklist.reading.staff import ReadingGroup

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def case(world: World, name: str, code: str = "CTCHEST", priority: str = "ROUTINE") -> ReadingTask:
    return exam.case(world, world.requested(world.order(world.patient(name), code=code, priority=priority)))


def test_a_case_is_told_taken_over_and_handed_on_by_keys_alone(
    page: Page,  # noqa: F811
    live_world: World,
    faults: list[str],  # noqa: F811
) -> None:
    ReadingGroup.objects.create(site=live_world.north, name="Chest").members.set([live_world.radiologist])
    begun = exam.draft(live_world, by=live_world.resident, task=case(live_world, "Aaby", priority="STAT")).task
    assign(case(live_world, "Berg", "MRBRAIN"), to=Heir(person=live_world.resident), by=live_world.radiologist)
    claim(case(live_world, "Dahl"), by=live_world.radiologist)
    sign_in(page, live_world.radiologist)
    page.goto("/worklist/reading/")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Renee Resident")
    look_at(page, "reading-list")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Hand cases over")
    look_at(page, "reading-keys")
    page.keyboard.press("Escape")
    heading = page.get_by_role("heading", name="Take over from Renee Resident")
    for _ in range(4):  # a list that was drawn anew between two keys has forgotten which row was meant
        page.keyboard.press("j")
        page.keyboard.press("o")
        with suppress(Error):
            heading.wait_for(timeout=5_000)
            break
    expect(heading).to_be_visible()
    expect(page.get_by_text(exam.FINDINGS["findings"])).to_be_visible()
    press(page, "w")
    page.keyboard.type("No bleeding.")
    page.keyboard.press("Tab")
    page.keyboard.type("Dr. Ward, by phone")
    page.keyboard.press("Enter")
    expect(page.get_by_text("told to Dr. Ward, by phone")).to_be_visible()
    look_at(page, "reading-case")
    page.keyboard.press("t")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This field is required.").first).to_be_visible()
    look_at(page, "reading-case-refused")
    page.keyboard.press("Escape")
    page.get_by_label("Why").fill("Shift ended")
    page.get_by_label("Why").press("Enter")
    page.wait_for_url(f"**/reading/{begun.pk}/")
    begun.refresh_from_db()
    assert begun.claimed_by == live_world.radiologist
    page.goto("/worklist/reading/")
    page.keyboard.press("h")
    expect(page.get_by_role("heading", name="Hand over")).to_be_visible()
    look_at(page, "hand-over")
    page.get_by_label("For").select_option(label="Renee Resident")
    page.get_by_label("Note").fill("CT pending")
    page.get_by_label("Note").press("Enter")
    expect(page.get_by_text("2 cases were handed to Renee Resident.")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing to hand over")).to_be_visible()
    begun.refresh_from_db()
    assert begun.assigned_to == live_world.resident
    assert faults == []


def test_the_emergency_ward_sees_a_wet_read_without_reloading(
    page: Page,  # noqa: F811
    live_world: World,
    faults: list[str],  # noqa: F811
) -> None:
    task = case(live_world, "Aaby", priority="STAT")
    sign_in(page, live_world.referrer)
    page.goto("/worklist/reading/wet-reads/")
    expect(page.get_by_role("heading", name="No wet read in the last 24 hours")).to_be_visible()
    look_at(page, "wet-reads-empty")
    wet_read(task, text="No bleeding.\nFracture of rib 7 left.", told_to="Dr. Ward", by=live_world.resident)
    expect(page.get_by_text("Fracture of rib 7 left.")).to_be_visible()
    look_at(page, "wet-reads")
    assert faults == []


def test_where_it_is_stands_first_in_order_and_patient_file(page: Page, live_world: World, faults: list[str]) -> None:  # noqa: F811
    task = case(live_world, "Aaby")
    order = task.requested_procedures.get().order
    sign_in(page, live_world.radiologist)
    for name, address in (("order", f"/orders/{order.pk}/"), ("patient", f"/patients/{order.patient_id}/")):
        page.goto(address)
        first = page.locator("main h2").first
        expect(first).to_have_text("Where is it?")
        look_at(page, f"where-{name}")
    assert faults == []


def test_the_dashboards_are_plotted(page: Page, live_world: World, faults: list[str]) -> None:  # noqa: F811
    sign_in(page, live_world.siteadmin)
    page.goto("/dashboards/")
    expect(page.get_by_role("heading", name="Nothing in this period").first).to_be_visible()
    look_at(page, "dashboard-empty")
    for name in ("Aaby", "Berg", "Dahl"):
        claim(case(live_world, name), by=live_world.radiologist)
    live_world.booking()
    follow()
    page.reload()
    expect(page.get_by_role("img", name="Volumes").first).to_be_visible()
    look_at(page, "dashboard")
    assert faults == []
