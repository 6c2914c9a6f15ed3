"""Autotexts under a reader's hands."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from reporting.autotext.actions import Written, write_autotext
from reporting.autotext.record import Autotext
from tests.reporting.test_typing_in_the_browser import FINDINGS, context, findings, room, sign_in  # noqa: F401
from tests.worklist.exam.test_in_the_browser import look_at
from tests.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
SELECTED = "() => { const a = document.activeElement; return a.value.slice(a.selectionStart, a.selectionEnd); }"


def test_a_keyword_becomes_its_text_and_tab_walks_its_placeholders(live_world: World, room: Page) -> None:  # noqa: F811
    write_autotext(None, Written("nod", "A {size} mm nodule in the [side] lung."), by=live_world.radiologist)
    write_autotext(None, Written("normal", "No suspicious finding.", "impression"), by=live_world.radiologist)
    room.reload()
    expect(room.locator("#report-pane")).to_have_attribute("data-autotexts", "2")
    keys = room.keyboard
    room.locator(FINDINGS).focus()
    keys.type("Heart normal. .nod")
    keys.press("Tab")
    expect(room.locator(FINDINGS)).to_have_value("Heart normal. A {size} mm nodule in the [side] lung.")
    assert room.evaluate(SELECTED) == "{size}"
    keys.type("8")
    keys.press("Tab")
    assert room.evaluate(SELECTED) == "[side]"
    keys.press("Shift+Tab")
    keys.press("Alt+3")
    keys.press("Control+End")
    keys.press("Shift+Tab")
    assert room.evaluate(SELECTED) == "[side]"
    keys.type("right")
    keys.press("Alt+0")
    expect(room.locator("#section-impression")).to_have_value("No suspicious finding.")
    expect(room.locator("#save-state")).to_contain_text("Saved")
    assert findings() == "Heart normal. A 8 mm nodule in the right lung."
    room.goto("/reports/autotexts/")
    look_at(room, "autotexts")


def test_tab_goes_from_section_to_section_over_all_that_stops_a_signature_and_then_out(
    live_world: World,
    room: Page,  # noqa: F811
) -> None:
    Autotext.objects.create(keyword="CTnod", text="Lungs clear.\r\nHeart normal.\r\nNodule [side] lobe, ___ mm.")
    Autotext.objects.create(keyword="Normal", section="impression", text="Follow up in *** at [level].")
    room.reload()
    expect(room.locator("#report-pane")).to_have_attribute("data-autotexts", "2")
    keys = room.keyboard
    room.locator(FINDINGS).focus()
    keys.press("Control+A")
    keys.type(".ctNOD")
    keys.press("Tab")
    seen = [room.evaluate(SELECTED)]
    keys.press("Alt+0")
    room.locator(FINDINGS).focus()
    keys.press("Control+Home")
    for key in ("Tab", "Tab", "Tab", "Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"):
        keys.press(key)
        seen.append(room.evaluate(SELECTED))
    assert seen == ["[side]", "[side]", "___", "***", "[level]", "***", "___", "[side]"]
    keys.type("left upper")
    expect(room.locator(FINDINGS)).to_have_value("Lungs clear.\nHeart normal.\nNodule left upper lobe, ___ mm.")
    room.locator("#section-impression").focus()
    keys.press("Control+End")
    keys.press("Tab")
    assert room.evaluate("() => document.activeElement.id") != "section-impression", "after the last one Tab leads out"
