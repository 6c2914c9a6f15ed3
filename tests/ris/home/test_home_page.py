from __future__ import annotations

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ris.accounts.models import Site
from ris.core import panels
from ris.core.panels import Card
from ris.events.models import Delivery, Event
from ris.home.views import version_of
from ris.scheduling.actions import arrive
from tests.world import World


@pytest.fixture
def clerk_page(client: Client, world: World) -> Client:
    client.force_login(world.clerk)
    return client


def test_a_stranger_is_led_to_sign_in_and_back(client: Client) -> None:
    response = client.get(reverse("home"))
    assert response.status_code == 302
    assert response.headers["Location"] == f"{reverse('account_login')}?next=/"


def test_the_page_names_the_person_the_role_and_the_site(clerk_page: Client) -> None:
    page = clerk_page.get(reverse("home")).content.decode()
    assert "Clara Clerk · Clerk, Northgate Radiology" in page


def test_a_clerk_is_told_what_waits_at_the_desk(clerk_page: Client) -> None:
    titles = [card.title for card in clerk_page.get(reverse("home")).context["cards"]]
    assert titles == ["To be scheduled", "Expected today"]


def test_a_card_of_an_upper_app_appears(clerk_page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    card = Card("Kettles to fill", 3, "/kettles/", "In the kitchen.", urgent=True)
    monkeypatch.setattr(panels, "_providers", {"home": {"kitchen": lambda _user: [card]}})
    page = clerk_page.get(reverse("home")).content.decode()
    assert 'href="/kettles/"' in page
    assert "count-card--urgent" in page


def test_counts_that_did_not_change_are_not_sent_again(clerk_page: Client) -> None:
    version = clerk_page.get(reverse("home")).context["version"]
    response = clerk_page.get(reverse("home-cards"), {"seen": version})
    assert (response.status_code, response.content) == (204, b"")


def test_counts_that_changed_are_sent_with_their_new_version(clerk_page: Client) -> None:
    response = clerk_page.get(reverse("home-cards"), {"seen": "older"})
    assert response.status_code == 200
    assert f'data-poll-version="{response.context["version"]}"' in response.content.decode()


def test_the_version_follows_count_and_urgency() -> None:
    calm, busy = Card("To read", 1, "/"), Card("To read", 2, "/")
    urgent = Card("To read", 1, "/", urgent=True)
    assert len({version_of([calm]), version_of([busy]), version_of([urgent])}) == 3


def test_the_demo_ribbon_stands_only_in_the_demo(clerk_page: Client, settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    assert "demo-ribbon" in clerk_page.get(reverse("home")).content.decode()
    settings.DEMO = False  # type: ignore[attr-defined]
    assert "demo-ribbon" not in clerk_page.get(reverse("home")).content.decode()


def test_a_site_with_markup_in_its_name_stays_text(client: Client, world: World) -> None:
    Site.objects.filter(pk=world.north.pk).update(name="<b>Bold</b>")
    client.force_login(world.clerk)
    page = client.get(reverse("home")).content.decode()
    assert "<b>Bold</b>" not in page
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page


def test_a_step_without_a_time_waits_at_the_desk(clerk_page: Client, world: World) -> None:
    world.order()
    (first, *_others) = clerk_page.get(reverse("home")).context["cards"]
    assert (first.title, first.count) == ("To be scheduled", 1)


def test_another_site_s_work_is_not_counted(client: Client, world: World) -> None:
    world.order()
    client.force_login(world.outsider)
    cards = {card.title: card.count for card in client.get(reverse("home")).context["cards"]}
    assert cards["To be scheduled"] == 0


def test_the_ribbon_stands_in_the_admin_too(client: Client, world: World, settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    client.force_login(world.admin)
    assert "demo-ribbon" in client.get(reverse("admin:index")).content.decode()


@time_machine.travel("2026-03-02T10:00:00+00:00")
def test_a_technologist_is_told_who_waits_and_what_runs(client: Client, world: World) -> None:
    arrive(world.booking(), by=world.clerk)
    client.force_login(world.technologist)
    cards = {card.title: card.count for card in client.get(reverse("home")).context["cards"]}
    assert (cards["In the waiting room"], cards["Exams in progress"]) == (1, 0)


def test_a_parked_delivery_is_urgent_to_its_site_s_administrator(client: Client, world: World) -> None:
    for site, state in ((world.north, "parked"), (world.north, "done"), (world.south, "parked")):
        event = Event.objects.create(kind="report.signed", at=timezone.now(), site_id=site.pk)
        Delivery.objects.create(event=event, subscriber="archive", state=state, next_at=timezone.now())
    client.force_login(world.siteadmin)
    cards = {card.title: card for card in client.get(reverse("home")).context["cards"]}
    assert (cards["Parked deliveries"].count, cards["Parked deliveries"].urgent) == (1, True)
    assert cards["Queued deliveries"].count == 0
