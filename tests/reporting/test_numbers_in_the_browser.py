"""The numbers beside the report, as a radiologist meets them: rivals, doubts, the exam before, what changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from reporting.actions.objects import refill_case
from reporting.models import KeyImage, Report, StoredObject
from ris.core.actors import SystemActor
from tests.exam import noted, performed, stored
from tests.reporting import test_typing_in_the_browser as typing
from tests.world import World
from worklist.actions.reading import claim
from worklist.models import ReadingTask

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
context = typing.context
DELIVERY = SystemActor("delivery")
SEEN = os.environ.get("SCREENSHOTS", "")
KEY = "lesion-length"
PLACE = {"tool": "Length", "series_number": 3, "image_number": 61, "referenced_sop_uid": "2.25.31"}


@pytest.fixture
def task(live_world: World) -> ReadingTask:
    """An exam whose patient had the same lesion measured a year ago."""
    before = live_world.requested()
    performed(live_world, before)
    noted(before, study_date=date(2026, 3, 1))
    stored(ReadingTask.objects.get(requested_procedures=before), 25.0, label="Target 1")
    now = live_world.requested(live_world.order(before.order.patient))
    performed(live_world, now)
    noted(now, study_date=date(2027, 3, 12))
    return claim(ReadingTask.objects.get(requested_procedures=now), by=live_world.radiologist)


@pytest.fixture
def room(context: BrowserContext, live_server: LiveServer, task: ReadingTask) -> Iterator[Page]:
    """Three numbers, one of them wrong, before the reading room is opened."""
    stored(task, 30.0, label="Target 1", **PLACE)
    stored(task, 20.0, label="Target 2", **PLACE)
    wrong = ["Length 3.0 mm, but the drawing measures 30.0 mm: a unit is mistaken."]
    stored(task, 3.0, flags=["unit-conflict", "deviates"], words=wrong, **PLACE)
    StoredObject.objects.filter(measurements__value__lt=29, task=task).update(
        stored_at=timezone.now() - timedelta(hours=1)
    )
    page = context.new_page()
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.route("**/viewer/ohif/**", lambda route: route.fulfill(status=204))
    typing.sign_in(page)
    page.goto(f"/reading/{task.pk}/")
    page.wait_for_selector(typing.FINDINGS)
    yield page
    page.close()


def looked_at(page: Page, name: str) -> None:
    """axe finds nothing serious; a picture for who asks for one."""
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    if SEEN:
        page.screenshot(path=f"{SEEN}/{name}.png")


def test_the_best_stands_there_with_its_past_and_the_others_below(room: Page) -> None:
    shown = room.locator(f"#numbers [data-field={KEY}]")
    expect(shown.locator(".measured__value")).to_have_text("30.0 mm")
    expect(shown.locator(".measured__prior")).to_contain_text("2026-03-01: 25.0 mm, +20 %")
    expect(shown.locator(".chip").first).to_have_text("Show series 3, image 61")
    room.get_by_text("3 measurements to choose from").click()
    room.get_by_text("Compare with an earlier exam").click()
    expect(shown).to_contain_text("a unit is mistaken")
    expect(shown.get_by_role("button", name="3.0 mm", exact=False)).to_have_count(0)
    looked_at(room, "numbers-dark")
    shown.get_by_role("button", name="20.0 mm as").click()
    expect(shown.locator(".measured__value")).to_have_text("20.0 mm")
    assert Report.objects.get().content["fields"][KEY]["chosen"] == "by hand"


def test_what_changed_says_so_until_it_was_seen(room: Page, task: ReadingTask) -> None:
    shown = room.locator(f"#numbers [data-field={KEY}]")
    expect(shown.locator(".measured__value")).to_have_text("30.0 mm")
    stored(task, 35.0, **PLACE)
    refill_case(task, by=DELIVERY)
    expect(shown.locator(".measured__mark")).to_contain_text("Changed since it was filled in: was 30.0 mm")
    shown.get_by_role("button", name="Seen").click()
    expect(shown.locator(".measured__mark")).to_have_count(0)


def test_the_earlier_number_is_set_aside_by_hand(room: Page) -> None:
    shown = room.locator(f"#numbers [data-field={KEY}]")
    room.get_by_text("Compare with an earlier exam").click()
    shown.get_by_role("button", name="None of these").click()
    expect(shown.locator(".measured__prior")).to_have_count(0)
    assert Report.objects.get().content["earlier"] == {KEY: "none"}


def test_a_refused_object_is_a_sentence_and_its_words_no_markup(room: Page, task: ReadingTask) -> None:
    study = task.requested_procedures.get().study_instance_uid
    common = {"task": task, "study_instance_uid": study, "stored_at": timezone.now()}
    StoredObject.objects.create(
        **common, sop_instance_uid="2.25.901", state="refused", problem="The object is nested more than 64 levels deep."
    )
    lines = ["Findings: <script>document.title = 'taken'</script>", "  <b>Bold</b>"]
    StoredObject.objects.create(**common, sop_instance_uid="2.25.902", state="read", reading={"text": lines})
    expect(room.locator("#numbers")).to_contain_text(
        "could not be read: The object is nested more than 64 levels deep."
    )
    room.get_by_text("Stored objects").click()
    expect(room.locator(".measured__text", has_text="Bold")).to_contain_text("<b>Bold</b>")
    assert room.locator("#numbers b, #numbers script").count() == 0
    assert room.title() != "taken"


def test_a_key_image_is_shown_and_left_out_again(room: Page, task: ReadingTask) -> None:
    study = task.requested_procedures.get().study_instance_uid
    KeyImage.objects.create(
        task=task, study_instance_uid=study, sop_instance_uid="2.25.31", place="series 3, image 61", origin="viewer",
        chosen_by_id="1", chosen_by_name="Rita", chosen_at=timezone.now(), problem="The archive has no such image.",
    )  # fmt: skip
    expect(room.locator(".key-image")).to_contain_text("series 3, image 61")
    expect(room.locator(".key-image")).to_contain_text("The archive has no such image.")
    room.get_by_role("button", name="Leave out key image series 3, image 61").click()
    expect(room.locator(".key-image")).to_have_count(0)
    assert KeyImage.objects.get().left_out
