"""The deliveries page by destination: what waits, since when, and sending all that is parked again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ris.core.errors import NotPermitted
from ris.events.models import Delivery, Event
from ris.events.outbox import resend_all
from ris.events.registry import _handlers
from ris.events.standings import WORDS, standings
from tests.world import World

pytestmark = pytest.mark.db


def one(site_id: int, subscriber: str, state: str, minutes: int, **changes: object) -> Delivery:
    at = timezone.now() - timedelta(minutes=minutes)
    event = Event.objects.create(kind="report.signed", at=at, actor_kind="user", actor_id="1", site_id=site_id)
    return Delivery.objects.create(event=event, subscriber=subscriber, state=state, next_at=at, **changes)


def test_every_part_of_ours_has_its_words() -> None:
    assert {name for name in _handlers if not name.startswith("test.")} - set(WORDS) == set()


def test_each_destination_says_how_many_wait_since_when_and_what_went_last(world: World) -> None:
    north, now = world.north.pk, timezone.now()
    oldest = one(north, "reporting.archive", "pending", 90)
    one(north, "reporting.archive", "pending", 20, last_error="It does not answer.")
    one(north, "reporting.archive", "parked", 300)
    one(north, "worklist.match", "done", 5, done_at=now)
    one(world.south.pk, "reporting.archive", "parked", 500)
    # What is to go tomorrow does not wait yet.
    later = one(north, "notifications.send", "pending", 700)
    Delivery.objects.filter(pk=later.pk).update(next_at=now + timedelta(days=1))
    archive, mail, match = standings(world.siteadmin)
    assert (archive.words, archive.waiting, archive.failing, archive.parked) == ("Archive: signed reports", 2, 1, 1)
    assert (archive.oldest, archive.state[0]) == (oldest.event.at, "parked")
    assert (mail.name, mail.waiting, mail.oldest) == ("notifications.send", 1, None)
    assert (match.waiting, match.last, match.state[0]) == (0, now, "done")


def test_all_that_is_parked_for_a_destination_goes_again_as_far_as_it_is_ones_own(world: World) -> None:
    mine = [one(world.north.pk, "reporting.archive", "parked", number) for number in (1, 2)]
    others = [one(world.south.pk, "reporting.archive", "parked", 3), one(world.north.pk, "worklist.match", "parked", 4)]
    browser = Client()
    browser.force_login(world.siteadmin, "allauth.account.auth_backends.AuthenticationBackend")
    assert "Send all parked again: Archive: signed reports" in browser.get("/deliveries/").content.decode()
    assert browser.post("/deliveries/resend/", {"to": "reporting.archive"}).status_code == 302
    states = [Delivery.objects.get(pk=row.pk).state for row in (*mine, *others)]
    assert states == ["pending", "pending", "parked", "parked"]
    with pytest.raises(NotPermitted):
        resend_all("worklist.match", by=world.clerk)
