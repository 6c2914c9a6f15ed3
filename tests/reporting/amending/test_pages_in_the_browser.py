"""Pages around a signed report that are rarely opened: a draft above it, pictures to add, a PDF that counts no more."""

from __future__ import annotations

import hashlib

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from reporting.actions.amend import Typed, begin_amendment, save_amendment
from reporting.actions.key_images import Shown, choose_key_image, leave_out_key_image
from reporting.models import KeyImage, Report
from tests.exam import draft, sign
from tests.reporting.amending.test_amending import added
from tests.reporting.test_key_images import jpeg, study_of
from tests.worklist.exam.test_in_the_browser import browser, faults, look_at, page, sign_in  # noqa: F401  fixtures
from tests.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_key")]
LABEL = "Nodule in the right upper lobe, the largest of several, beside the fissure"


def pointed_out(report: Report, world: World, number: int, label: str = "") -> KeyImage:
    """A key image whose picture has come."""
    one = choose_key_image(report, Shown(study_of(report), f"2.25.{number}"), by=world.radiologist)
    body = jpeg(300 + 40 * (number % 3), 300)
    about = {"picture": body, "picture_sha256": hashlib.sha256(body + bytes([number])).hexdigest(), "label": label}
    KeyImage.objects.filter(pk=one.pk).update(place=f"Series 3, image {number}", **about)
    return KeyImage.objects.get(pk=one.pk)


@pytest.fixture
def report(live_world: World) -> Report:
    """Final with a key image and an addendum; four more were pointed out; its reader has begun to correct it."""
    world, begun = live_world, draft(live_world)
    pointed_out(begun, world, 31)
    for number in range(32, 36):
        leave_out_key_image(pointed_out(begun, world, number, LABEL if number % 2 else ""), by=world.radiologist)
    report = sign(Report.objects.get(pk=begun.pk), world.radiologist).report
    added(report, "The cyst is benign.", world.radiologist)
    correction = begin_amendment(report, kind="correction", by=world.radiologist)
    texts = [item["text"] for item in correction.texts]
    typed = Typed(["Helical CT of the chest, without contrast.", *texts[1:]], seen=2, reason="The technique was wrong")
    save_amendment(correction, typed, revision=correction.revision, by=world.radiologist)
    return Report.objects.get(pk=report.pk)


def test_each_of_them_reads_well_in_both_themes_and_widths(live_world: World, report: Report, page: Page) -> None:  # noqa: F811
    sign_in(page, live_world.radiologist)
    page.goto(f"/reports/{report.pk}/")
    expect(page.get_by_role("link", name="Go on with the correction")).to_be_visible()
    look_at(page, "report-with-draft")
    page.goto(f"/reports/{report.pk}/amend/correction/")
    expect(page.locator("img.key-image__small")).to_have_count(5)
    look_at(page, "correction-with-pictures")
    page.goto(reverse("reporting:pdf", args=[report.versions.get(number=1).pk]))
    expect(page.get_by_role("heading", name="A newer version exists")).to_be_visible()
    look_at(page, "not-current")
    for width in (1280, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_pictures_are_as_large_as_an_eye_needs_and_in_line_with_their_words(
    live_world: World,
    report: Report,
    page: Page,  # noqa: F811
) -> None:
    sign_in(page, live_world.radiologist)
    page.goto(f"/reports/{report.pk}/amend/correction/")
    expect(page.get_by_role("group", name="What does not hold").locator("img.key-image__small")).to_have_count(1)
    first = page.locator("img.key-image__small").first
    first.scroll_into_view_if_needed()
    expect(first).to_be_visible()
    box = first.bounding_box()
    assert box is not None
    assert box["width"] >= 56
    assert box["height"] >= 56
    page.get_by_label("Series 3, image 33").check()
    expect(page.locator("#save-state")).to_contain_text("Saved")
    assert report.amendments.get(kind="correction").key_images == ["key-image:2.25.33:0"]
