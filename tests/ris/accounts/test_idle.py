"""Who leaves a workstation is signed out; what its pages ask by themselves keeps nobody signed in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import AsyncClient, Client
from pytest_django import Settings

from ris.accounts.models import User
from ris.audit.models import AuditEvent
from tests.world import World

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
POLL = {"HTTP_X_POLL": "1"}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def clerk(clock: time_machine.Traveller, world: World, client: Client) -> Client:
    client.force_login(User.objects.get(username="clerk"))
    return client


def is_in(client: Client) -> bool:
    return client.get("/home/cards/", **POLL).status_code == 200  # type: ignore[arg-type]


def test_after_half_an_hour_without_a_hand_on_it_the_session_is_gone(
    clerk: Client, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=30))
    assert is_in(clerk)
    clock.shift(timedelta(minutes=3))
    answer = clerk.get("/patients/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/login/?next=/patients/")
    assert not Session.objects.exists()
    assert AuditEvent.objects.filter(action="session.closed").count() == 1


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/home/cards/?seen=x", {}),
        ("/home/cards/", POLL),
        ("/viewer/ohif/app-config.js", {}),
        ("/viewer/dicom-web/studies", {}),
        ("/viewer/permit", {"X-Original-URI": "/viewer/dicom-web/studies/1/series/2/instances/3/frames/1"}),
    ],
)
def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(
    clerk: Client, clock: time_machine.Traveller, path: str, headers: dict[str, str]
) -> None:
    for _minute in range(11):
        clock.shift(timedelta(minutes=3))
        clerk.get(path, **headers)  # type: ignore[arg-type]
    assert not is_in(clerk)


@pytest.mark.parametrize(("method", "path"), [("get", "/patients/"), ("post", "/home/alive/"), ("get", "/?page=2")])
def test_what_a_person_does_keeps_the_session(
    clerk: Client, clock: time_machine.Traveller, method: str, path: str
) -> None:
    for _part in range(8):
        clock.shift(timedelta(minutes=20))
        assert getattr(clerk, method)(path).status_code in {200, 204}
    clock.shift(timedelta(minutes=29))
    assert is_in(clerk)


def test_a_session_ends_after_its_whole_time_however_busy(clerk: Client, clock: time_machine.Traveller) -> None:
    """Twelve hours, as before: being active does not make it last for ever."""
    for _part in range(35):
        clock.shift(timedelta(minutes=20))
        clerk.get("/patients/")
    assert is_in(clerk)
    clock.shift(timedelta(minutes=21))
    assert not is_in(clerk)


def test_activity_is_written_down_once_a_minute(clerk: Client, clock: time_machine.Traveller) -> None:
    def seen() -> float:
        return float(clerk.session["seen_at"])

    first = seen()
    clock.shift(timedelta(seconds=59))
    clerk.get("/patients/")
    assert seen() == first
    clock.shift(timedelta(seconds=2))
    clerk.get("/patients/")
    assert seen() == first + 61


def test_it_can_be_switched_off(clerk: Client, clock: time_machine.Traveller, settings: Settings) -> None:
    settings.IDLE_SECONDS = 0
    clock.shift(timedelta(hours=11))
    assert is_in(clerk)
    assert 'id="idle"' not in clerk.get("/").content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.asyncio
async def test_the_same_holds_where_pages_are_served_asynchronously(
    live_world: World, clock: time_machine.Traveller
) -> None:
    client = AsyncClient()
    await client.aforce_login(live_world.clerk)
    clock.shift(timedelta(minutes=20))
    assert (await client.get("/patients/")).status_code == 200
    clock.shift(timedelta(minutes=20))
    assert (await client.get("/viewer/dicom-web/studies", headers={"Sec-Fetch-Site": "same-origin"})).status_code != 401
    clock.shift(timedelta(minutes=20))
    assert (await client.get("/viewer/dicom-web/studies", headers={"Sec-Fetch-Site": "same-origin"})).status_code == 401
    assert (await client.get("/patients/")).status_code == 302


def test_a_form_that_was_sent_too_late_leads_back_to_the_page_where_it_stood(client: Client, db: None) -> None:
    page = "http://testserver/orders/7/?tab=papers"
    answer = client.post("/orders/7/papers/", HTTP_REFERER=page)
    assert answer["Location"] == "/accounts/login/?next=%2Forders%2F7%2F%3Ftab%3Dpapers"
    for other in ("http://elsewhere.example/orders/7/", ""):
        answer = client.post("/orders/7/papers/", HTTP_REFERER=other)
        assert answer["Location"] == "/accounts/login/?next=/orders/7/papers/"
    assert client.get("/orders/7/", HTTP_REFERER=page)["Location"] == "/accounts/login/?next=/orders/7/"
