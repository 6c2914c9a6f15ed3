"""The bell in the top bar, one's notices, and what administrators see of messages to patients."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from ris.accounts.models import User
from ris.core.errors import NotPermitted
from ris.notifications.actions import notify, read
from ris.notifications.models import Message, MessagePolicy, check_hours
from tests.ris.notifications.servers import MailServer, queued
from tests.world import World


@pytest.fixture
def clerk(world: World, client: Client) -> Client:
    client.force_login(User.objects.get(pk=world.clerk.pk))
    return client


def tell(world: World, key: str = "1", **changes: Any) -> None:
    values: dict[str, Any] = {"subject": "A patient waits", "text": "In room two.", "link": "/patients/"} | changes
    notify([world.clerk], key=key, **values)


def test_the_bell_counts_what_is_new_and_is_quiet_otherwise(world: World, clerk: Client) -> None:
    assert clerk.get("/messages/bell/?seen=0").status_code == 204
    tell(world)
    tell(world)
    tell(world, "2")
    assert "Notices, 2 new" in clerk.get("/messages/bell/?seen=0").content.decode()
    assert clerk.get("/messages/bell/?seen=2").status_code == 204
    assert "Notices, 2 new" in clerk.get("/").content.decode()


def test_opening_a_notice_marks_it_read_and_leads_on(world: World, clerk: Client) -> None:
    tell(world)
    notice = Message.objects.get()
    assert "A patient waits" in clerk.get("/messages/").content.decode()
    answer = clerk.post(f"/messages/{notice.pk}/read/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/patients/")
    assert clerk.post(f"/messages/{notice.pk}/read/").status_code == 302, "twice does no harm"
    assert Message.objects.get().state == "read"
    assert clerk.get("/messages/bell/?seen=0").status_code == 204


def test_a_notice_never_leads_out_of_the_house(world: World, clerk: Client) -> None:
    tell(world, link="https://elsewhere.test/")
    notice = Message.objects.get()
    assert clerk.post(f"/messages/{notice.pk}/read/").headers["Location"] == "/messages/"


def test_all_are_read_at_once_and_only_ones_own(world: World, clerk: Client) -> None:
    notify([world.clerk, world.radiologist], key="1", subject="S", text="T", link="")
    clerk.post("/messages/read/")
    states = Message.objects.values_list("recipient__username", "state")
    assert sorted(states) == [("clerk", "read"), ("radiologist", "sent")]
    with pytest.raises(NotPermitted):
        read(Message.objects.get(recipient=world.radiologist), by=world.clerk)


def test_the_bell_costs_one_question_however_much_there_is(world: World, clerk: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            clerk.get("/messages/bell/")
        return len(queries)

    tell(world)
    few = asked()
    for number in range(30):
        tell(world, f"many {number}")
    assert asked() == few


def test_administrators_see_what_left_and_that_nothing_is_set_up(
    world: World, client: Client, mail_server: MailServer, settings: Settings
) -> None:
    queued(world)
    client.force_login(world.siteadmin)
    page = client.get("/messages/outgoing/").content.decode()
    assert all(words in page for words in ("Reminder", "aase@example.org", "Nothing is sent this way"))
    assert "aase@example.org" not in client.get("/messages/outgoing/?state=failed").content.decode()
    client.force_login(world.outsider)
    assert client.get("/messages/outgoing/").status_code == 403
    client.force_login(world.admin)
    assert "nothing is sent to patients" not in client.get("/admin/notifications/messagepolicy/").content.decode()
    settings.EMAIL_CONFIGURED = False
    assert "nothing is sent to patients" in client.get("/admin/notifications/messagepolicy/").content.decode()


@pytest.mark.parametrize("typed", ["x", "0", "24;48", "-1", "9999", "1.5"])
def test_hours_that_are_none_are_refused_beside_their_field(world: World, client: Client, typed: str) -> None:
    client.force_login(world.admin)
    body = {"site": world.north.pk, "enabled": "on", "reminder_hours": typed}
    answer = client.post("/admin/notifications/messagepolicy/add/", body)
    assert "divided by commas, each 1 to" in answer.content.decode()
    assert not MessagePolicy.objects.exists()


def test_hours_are_read_shortest_first(world: World) -> None:
    check_hours("48, 24,2")
    assert MessagePolicy(site=world.north, reminder_hours="48, 24,2,").hours == [2, 24, 48]
    assert MessagePolicy(site=world.north, reminder_hours="").hours == []
