"""Webhooks: who is told what, how it is proved, and what becomes of it when the other side fails."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted
from ris.events import lanes, registry
from ris.events.kinds import KINDS
from ris.events.models import Delivery
from ris.events.outbox import resend, sweep
from ris.webhooks import wire
from ris.webhooks.actions import add_webhook, change_webhook, renew_secret
from ris.webhooks.addresses import Refused, place_of
from ris.webhooks.kinds import OFFERED
from ris.webhooks.models import Webhook
from tests.ris.webhooks.receiver import Receiver, receiving
from tests.world import World

pytestmark = pytest.mark.db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_INTERNAL_HOSTS = ["127.0.0.1"]
    with receiving() as found:
        yield found


def listening(world: World, receiver: Receiver, **changes: Any) -> tuple[Webhook, str]:
    values = {"site": world.north, "name": "EHR", "url": f"{receiver.url}/in?x=1", "kinds": ["order.placed"]} | changes
    webhook = Webhook(**values)
    return webhook, add_webhook(webhook, by=world.siteadmin)


def delivery_of(webhook: Webhook) -> Delivery:
    return Delivery.objects.select_related("event").get(subscriber=f"webhook:{webhook.pk}")


def again(webhook: Webhook) -> None:
    """Time passes: the next attempt is due."""
    Delivery.objects.filter(subscriber=f"webhook:{webhook.pk}").update(next_at=timezone.now() - timedelta(seconds=1))
    Webhook.objects.filter(pk=webhook.pk).update(rest_until=None)
    sweep()


def test_all_that_is_offered_happens() -> None:
    assert set(OFFERED) <= set(KINDS)


def test_an_event_is_told_in_ids_and_signed(world: World, receiver: Receiver) -> None:
    webhook, secret = listening(world, receiver)
    order = world.order(world.patient("Unmistakable"))
    sweep()
    [(path, headers, body)] = receiver.seen
    said = json.loads(body)
    assert path == "/in?x=1"
    assert (said["kind"], said["site"]) == ("order.placed", "north")
    assert said["target"] == {"kind": "orders.order", "id": str(order.pk)}
    assert b"Unmistakable" not in body
    proof = hmac.new(secret.encode(), headers["x-isocenter-timestamp"].encode() + b"." + body, hashlib.sha256)
    assert headers["x-isocenter-signature"] == f"sha256={proof.hexdigest()}"
    assert headers["idempotency-key"] == f"{webhook.pk}-{said['id']}"
    assert delivery_of(webhook).state == "done"


def test_only_what_was_asked_for_and_only_of_its_site_is_told(world: World, receiver: Receiver) -> None:
    other, _ = listening(world, receiver, kinds=["order.cancelled"])
    off, _ = listening(world, receiver, name="Off", active=False)
    south, _ = listening(world, receiver, name="South", kinds=["*"])
    Webhook.objects.filter(pk=south.pk).update(site=world.south)
    world.order()
    sweep()
    assert receiver.seen == []
    assert not Delivery.objects.filter(subscriber__in=[f"webhook:{one.pk}" for one in (other, off, south)]).exists()


def test_the_secret_is_kept_encrypted_and_shown_to_nobody_again(world: World, receiver: Receiver) -> None:
    webhook, secret = listening(world, receiver)
    kept = Webhook.objects.get(pk=webhook.pk)
    assert secret not in kept.sealed
    assert not AuditEvent.objects.filter(detail__icontains=secret).exists()
    assert renew_secret(kept, by=world.siteadmin) != secret


def test_what_failed_is_tried_again_under_the_same_id(world: World, receiver: Receiver) -> None:
    webhook, _ = listening(world, receiver)
    receiver.answers = [500, 429, 200]
    world.order()
    sweep()
    delivery = delivery_of(webhook)
    assert (delivery.state, delivery.attempts, delivery.last_error) == ("pending", 1, "It answered 500.")
    assert delivery.next_at > timezone.now()
    again(webhook)
    again(webhook)
    assert delivery_of(webhook).state == "done"
    assert len({headers["idempotency-key"] for _, headers, _ in receiver.seen}) == 1
    webhook.refresh_from_db()
    assert (webhook.failing_since, webhook.last_error) == (None, "")


@pytest.mark.parametrize("status", [301, 307, 400, 404, 410])
def test_what_is_refused_waits_for_a_person_and_is_followed_nowhere(
    world: World, receiver: Receiver, status: int
) -> None:
    webhook, _ = listening(world, receiver)
    receiver.answers = [status]
    world.order()
    sweep()
    delivery = delivery_of(webhook)
    assert (delivery.state, delivery.last_error) == ("parked", f"It answered {status}.")
    assert [path for path, _, _ in receiver.seen] == ["/in?x=1"]
    receiver.answers = [204]
    resend(delivery, by=world.siteadmin)
    sweep()
    assert delivery_of(webhook).state == "done"


def test_one_that_hangs_is_left_alone_for_a_while(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "ANSWER_SECONDS", 0.3)
    webhook, _ = listening(world, receiver)
    receiver.hang = True
    for _ in range(3):
        world.order()
    sweep()
    rows = Delivery.objects.filter(subscriber=f"webhook:{webhook.pk}")
    assert {row.state for row in rows} == {"pending"}
    assert len(receiver.seen) == 1, "the other two did not wait for it"
    receiver.hang = False
    receiver.over.set()
    again(webhook)
    assert {row.state for row in rows.all()} == {"done"}


def test_one_that_answers_by_drops_is_cut_off(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "WHOLE_SECONDS", 0.3)
    webhook, _ = listening(world, receiver)
    receiver.drops = True
    world.order()
    sweep()
    assert delivery_of(webhook).last_error.startswith("It does not answer (")
    assert not receiver.over.is_set(), "it would have gone on"


def test_one_that_rests_costs_its_queue_no_attempts_and_a_new_address_ends_the_rest(
    world: World, receiver: Receiver
) -> None:
    webhook, _ = listening(world, receiver)
    receiver.answers = [503, 200]
    for _ in range(3):
        world.order()
    sweep()
    rows = Delivery.objects.filter(subscriber=f"webhook:{webhook.pk}")
    assert sorted(rows.values_list("attempts", flat=True)) == [0, 0, 1]
    assert sweep() == 0
    webhook.refresh_from_db()
    change_webhook(webhook, by=world.siteadmin)
    sweep()
    assert {row.state for row in rows.all()} == {"done"}


def test_one_that_hangs_holds_up_nobody_else(
    transactional_db: None, world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two webhooks and a part of our own, as run_deliveries does them: each in its lane."""
    heard = threading.Event()
    monkeypatch.setitem(registry._handlers, "test.own", lambda _event: heard.set())
    monkeypatch.setitem(registry._subscribers, "order.placed", ["test.own"])
    with receiving() as slow:
        slow.hang = True
        hung, _ = listening(world, slow, name="Slow")
        fine, _ = listening(world, receiver, name="Fine")
        world.order()
        lanes.tick()
        assert slow.reached.wait(30)
        assert heard.wait(30)
        lanes._lanes[f"webhook:{fine.pk}"].join(30)
        assert [delivery_of(one).state for one in (fine, hung)] == ["done", "leased"]
        assert lanes._lanes[f"webhook:{hung.pk}"].is_alive(), "it hangs, and nobody waited for it"
        slow.over.set()
        for lane in lanes._lanes.values():
            lane.join(30)
    assert delivery_of(hung).state == "done"


def test_one_that_is_not_there_is_tried_again(world: World, settings: Any) -> None:
    settings.WEBHOOK_INTERNAL_HOSTS = ["127.0.0.1"]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        gone = Receiver(url=f"http://127.0.0.1:{closed.getsockname()[1]}")
        webhook, _ = listening(world, gone)
        world.order()
        sweep()
    delivery = delivery_of(webhook)
    assert (delivery.state, delivery.last_error) == ("pending", "It does not answer (ConnectionRefusedError).")


def test_another_secret_key_stops_it_in_words(world: World, receiver: Receiver, settings: Any) -> None:
    webhook, _ = listening(world, receiver)
    world.order()
    settings.SECRET_KEY = "another-key-" + "x" * 50
    sweep()
    assert receiver.seen == []
    assert delivery_of(webhook).state == "parked"
    assert "SECRET_KEY" in delivery_of(webhook).last_error


INSIDE = [
    "https://127.0.0.1/", "https://localhost/", "https://0.0.0.0/", "https://10.0.0.5/", "https://192.168.1.1/x",
    "https://169.254.169.254/latest/meta-data/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[fe80::1]/",
    "https://[fd00::1]/", "https://2130706433/", "https://0x7f.1/", "https://100.64.0.1/", "https://224.0.0.1/",
    "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://240.0.0.1/", "https://255.255.255.255/",
]  # fmt: skip


@pytest.mark.parametrize("url", INSIDE)
def test_our_own_network_is_refused_however_it_is_written(url: str) -> None:
    with pytest.raises(Refused):
        place_of(url)


def test_an_address_outside_is_not_refused() -> None:
    place = place_of("https://[2606:4700:4700::1111]/a?b=c")
    assert (place.ip, place.path, place.tls) == ("2606:4700:4700::1111", "/a?b=c", True)
    assert place_of("https://9.9.9.9:8443/").port == 8443


def test_a_name_that_leads_inside_is_told_as_such_and_nothing_is_sent(
    world: World, receiver: Receiver, settings: Any
) -> None:
    webhook, _ = listening(world, receiver)
    settings.WEBHOOK_INTERNAL_HOSTS = []
    Webhook.objects.filter(pk=webhook.pk).update(url=receiver.url.replace("http:", "https:"))
    world.order()
    sweep()
    assert receiver.seen == []
    assert delivery_of(webhook).state == "parked"
    assert "own network" in delivery_of(webhook).last_error


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "http://example.org/"),
        ("url", "ftp://example.org/"),
        ("url", "https://user:pass@example.org/"),
        ("url", "https:///x"),
        ("url", "https://example.org:99999/"),
        ("url", "https://example.org/\r\nX: y"),
        ("kinds", []),
        ("kinds", ["nothing.happened"]),
        ("kinds", ["message.queued"]),
    ],
)
def test_what_cannot_be_used_is_refused_by_field(world: World, field: str, value: object) -> None:
    values = {"site": world.north, "name": "EHR", "url": "https://example.org/", "kinds": ["*"], field: value}
    with pytest.raises(InvalidInput) as refused:
        add_webhook(Webhook(**values), by=world.siteadmin)
    assert list(refused.value.fields) == [field]
    assert not Webhook.objects.exists()


def test_only_administrators_of_the_site_add_one(world: World) -> None:
    for person in (world.clerk, world.radiologist, world.outsider):
        with pytest.raises(NotPermitted):
            add_webhook(Webhook(site=world.north, name="X", url="https://example.org/", kinds=["*"]), by=person)


def test_the_admin_shows_the_secret_once_and_the_deliveries_page_shows_how_it_is(world: World) -> None:
    browser = Client()
    browser.force_login(world.admin, BACKEND)
    form = {"site": world.north.pk, "name": "EHR", "url": "https://example.org/in", "kinds": ["*"], "active": "on"}
    page = browser.post("/admin/webhooks/webhook/add/", form, follow=True).content.decode()
    assert "whsec_" in page
    webhook = Webhook.objects.get()
    assert AuditEvent.objects.filter(action="webhook.added", target_id=str(webhook.pk)).exists()
    assert "whsec_" not in browser.get(f"/admin/webhooks/webhook/{webhook.pk}/change/").content.decode()
    changed = browser.post(f"/admin/webhooks/webhook/{webhook.pk}/change/", form | {"url": "http://127.0.0.1/"})
    assert "Only https leaves the house." in changed.content.decode()
    listed = browser.get("/deliveries/").content.decode()
    assert "https://example.org/in" in listed
    renewed = {"action": "new_secret", "_selected_action": [webhook.pk]}
    assert "whsec_" in browser.post("/admin/webhooks/webhook/", renewed, follow=True).content.decode()
