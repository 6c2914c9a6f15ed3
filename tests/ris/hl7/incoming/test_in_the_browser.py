"""The pages of messages that came in, in a real browser and both themes, without a serious finding of axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.ris.hl7.incoming.hospital import a_sender, message, order, pid, send
from tests.worklist.exam.test_in_the_browser import browser, faults, look_at, page, sign_in  # noqa: F401  fixtures
from tests.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_a_message_is_found_read_done_again_and_another_tried(
    page: Page,  # noqa: F811
    live_world: World,
    faults: list[str],  # noqa: F811
) -> None:
    sign_in(page, live_world.siteadmin)
    page.goto("/hl7/in/")
    expect(page.get_by_text("Nothing here")).to_be_visible()
    a_sender(live_world.north)
    send("ADT^A04", pid())
    send("ORM^O01", pid(), *order())
    send("ORM^O01", pid("P200"), *order(placer="PL2"), number="WAITING")
    send("ORM^O01", pid(), *order(placer="PL3", code="4711"), number="REFUSED")
    page.goto("/hl7/in/")
    look_at(page, "hl7-in")
    row = page.get_by_role("row").filter(has_text="REFUSED")
    expect(row).to_contain_text("not in our catalogue")
    row.get_by_role("link").click()
    page.get_by_role("link", name="Show the text").click()
    expect(page.get_by_text("ORC|NW|PL3")).to_be_visible()
    look_at(page, "hl7-in-text")
    page.get_by_role("button", name="Do it now").click()
    expect(page.get_by_text("Refused. This procedure")).to_be_visible()
    page.goto("/hl7/in/try/")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("This field is required")).to_be_visible()
    page.get_by_label("Message").fill(message("ORM^O01", pid(), *order(placer="PL4")).decode().replace("\r", "\n"))
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("order.placed")).to_be_visible()
    look_at(page, "hl7-in-try")
    assert faults == []
