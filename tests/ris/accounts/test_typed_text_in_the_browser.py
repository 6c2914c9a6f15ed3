"""What is typed into a form and outlives the automatic logoff, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from ris.orders.models import Order
from ris.patients.models import Patient
from tests.e2e.system import wait_for
from tests.ris.home.test_in_the_browser import browser, people
from tests.world import PASSWORD, World

__all__ = ["browser", "people"]
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

KEPT = "Object.keys(sessionStorage).filter((key) => key.startsWith('isocenter:typed:')).length"


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, people: World) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto("/accounts/login/")
    signed_in(page, "clerk")
    yield page
    context.close()


def signed_in(page: Page, name: str) -> None:
    page.fill("#id_login", name)
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def ended(page: Page) -> None:
    """The session ends as by the automatic logoff: on the server, without a word to the page."""
    Session.objects.all().delete()
    page.reload()
    page.wait_for_url("**/accounts/login/**")


def typed_order(page: Page, people: World) -> Patient:
    person = people.patient()
    page.goto(f"/orders/place/{person.pk}/")
    page.get_by_label("Reason").fill("Cough for three weeks")
    page.get_by_role("checkbox", name="CT chest").check()
    wait_for(lambda: page.evaluate(KEPT) == 1, "the text")
    return person


def test_a_form_is_offered_again_after_the_automatic_logoff_and_gone_once_it_was_taken(
    page: Page, people: World
) -> None:
    typed_order(page, people)
    ended(page)
    signed_in(page, "clerk")
    note = page.get_by_text("was not saved.")
    expect(note).to_be_visible()
    faults = Axe().run(page).response["violations"]
    assert not [fault for fault in faults if fault["impact"] in {"serious", "critical"}]
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("Reason")).to_have_value("Cough for three weeks")
    expect(page.get_by_role("checkbox", name="CT chest")).to_be_checked()
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_text("The order is placed")).to_be_visible()
    assert Order.objects.get().reason == "Cough for three weeks"
    assert page.evaluate(KEPT) == 0


def test_a_form_sent_into_an_ended_session_is_not_lost(page: Page, people: World) -> None:
    typed_order(page, people)
    Session.objects.all().delete()
    page.get_by_role("button", name="Place the order").click()
    page.wait_for_url("**/accounts/login/**")
    signed_in(page, "clerk")
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("Reason")).to_have_value("Cough for three weeks")
    assert Order.objects.count() == 0


def test_a_refused_form_keeps_its_text_and_offers_nothing(page: Page, people: World) -> None:
    typed_order(page, people)
    page.get_by_role("checkbox", name="CT chest").uncheck()
    page.get_by_role("button", name="Place the order").click()
    expect(page.locator(".field__errors, .alert-danger").first).to_be_visible()
    expect(page.get_by_label("Reason")).to_have_value("Cough for three weeks")
    expect(page.get_by_text("was not saved.")).to_have_count(0)
    assert page.evaluate(KEPT) == 1


def test_nothing_is_left_of_it_after_signing_out_nor_for_somebody_else(page: Page, people: World) -> None:
    person = typed_order(page, people)
    ended(page)
    signed_in(page, "radiologist")  # another person at the same machine
    assert page.evaluate(KEPT) == 0
    page.goto(f"/orders/place/{person.pk}/")
    expect(page.get_by_text("was not saved.")).to_have_count(0)
    page.get_by_label("Reason").fill("Fall")
    wait_for(lambda: page.evaluate(KEPT) == 1, "the text")
    page.evaluate("document.querySelector('[data-sign-out]').requestSubmit()")
    page.wait_for_url("**/accounts/login/**")
    assert page.evaluate(KEPT) == 0


def test_text_that_went_when_somebody_else_signed_in_is_told_to_its_writer_and_to_nobody_else(
    page: Page, people: World
) -> None:
    person = typed_order(page, people)
    ended(page)
    signed_in(page, "radiologist")
    gone = page.get_by_text("removed from this computer when somebody else signed in")
    expect(page.locator("main")).to_be_visible()
    expect(gone).to_have_count(0)
    assert "Cough" not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    ended(page)
    signed_in(page, "clerk")
    expect(gone).to_be_visible()
    faults = Axe().run(page).response["violations"]
    assert not [fault for fault in faults if fault["impact"] in {"serious", "critical"}]
    page.get_by_role("link", name="Go to that page").click()
    page.wait_for_url(f"**/orders/place/{person.pk}/")
    page.get_by_role("button", name="I know").click()
    page.reload()
    expect(page.locator("main")).to_be_visible()
    expect(gone).to_have_count(0)


def test_passwords_are_never_kept(page: Page) -> None:
    page.goto("/accounts/password/change/")
    for field in page.locator("input[type=password]").all():
        field.fill("a secret of nobody")
    page.wait_for_timeout(600)
    page.reload()
    assert "a secret" not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")


def test_two_presses_of_the_button_are_one_order(page: Page, people: World) -> None:
    typed_order(page, people)
    page.get_by_role("button", name="Place the order").dblclick()
    expect(page.get_by_text("The order is placed")).to_be_visible()
    assert Order.objects.count() == 1
