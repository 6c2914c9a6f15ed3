"""Measurements beside the images: a number with its source, one click back to it, key images, nothing drawn is lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from ris.demo.modality.images.ct import CT_LESION
from tests.e2e.browser import TO_SLICE, Person
from tests.e2e.system import System
from tests.e2e.test_journey import SLICES, book_a_chest_ct, far_hour, is_accessible

pytestmark = pytest.mark.e2e
SHOWN = """() => { const v = cornerstone.getRenderingEngines()[0].getViewports()[0];
  return v.getCurrentImageIdIndex(); }"""


@pytest.fixture(scope="module")
def reading(system: System, browser: Browser) -> tuple[Person, Frame]:
    """A radiologist in front of a CT that a scanner made."""
    clerk = Person(browser, system.address, "clerk")
    accession = book_a_chest_ct(clerk, far_hour())
    system.manage("simulate_modality", "--aet", "CT1", "--accession", accession, "--once")
    radiologist = Person(browser, system.address, "radiologist")
    page = radiologist.page
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto("/worklist/reading/")
    page.wait_for_selector(f"text={accession}", timeout=60_000)
    page.locator("tr", has_text=accession).get_by_role("button", name="Read").click()
    return radiologist, radiologist.viewer()


def field(page: Page) -> str:
    return page.locator(".measured__field", has=page.locator(".measured__value")).first.inner_text()


def test_a_number_says_where_it_was_measured_and_leads_back_there(reading: tuple[Person, Frame]) -> None:
    person, frame = reading
    page = person.page
    person.measure(frame, CT_LESION, SLICES)
    page.click("#save-measurements")
    page.wait_for_selector(".measured__value", timeout=60_000)
    said = field(page)
    assert "Length by Dr. Rita Radiologist" in said
    assert re.search(r"series \d+, image \d+", said)
    measured_on = frame.evaluate(SHOWN)
    frame.evaluate(TO_SLICE, 3)
    assert frame.evaluate(SHOWN) == 3
    page.locator(".measured__field .chip").first.click()
    frame.wait_for_function(f"() => ({SHOWN})() === {measured_on}")
    is_accessible(page)


def test_the_shown_image_becomes_a_key_image_with_its_picture(reading: tuple[Person, Frame]) -> None:
    page = reading[0].page
    page.click("[data-key-image]")
    page.wait_for_selector(".key-image__picture img", timeout=60_000)
    picture = page.locator(".key-image__picture img").first
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("(image) => image.naturalWidth") > 100
    is_accessible(page)
