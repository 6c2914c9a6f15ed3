"""Messages leave through real servers: once when all is well, again with the same id when it is not."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import pytest
from django.core import checks
from django.utils import timezone
from pytest_django import Settings

from ris.audit.models import AuditEvent
from ris.core.errors import NotPermitted
from ris.events import outbox
from ris.events.models import Delivery
from ris.events.outbox import attempt, resend
from ris.notifications import subscribers, wanted
from ris.notifications.actions import post
from ris.notifications.models import Message
from tests.ris.notifications.servers import REMINDERS, SECRET, Gateway, MailServer, go, letter, queued
from tests.services.server import free_port
from tests.world import World

ICS = {"name": "appointment.ics", "type": "text/calendar; method=REQUEST", "body": "BEGIN:VCALENDAR\r\n"}


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def test_mail_arrives_with_its_attachment_and_a_way_to_stop_it(world: World, mail_server: MailServer) -> None:
    message, delivery = queued(world, attachments=[ICS], stop_link="https://ris.test/patients/messages/t/")
    assert go(delivery).state == "done"
    (mail,) = mail_server.taken
    assert (mail["To"], mail["Subject"]) == ("aase@example.org", "Your appointment")
    assert mail["Message-ID"].startswith(f"<{message.uid}@")
    assert mail["List-Unsubscribe"] == "<https://ris.test/patients/messages/t/>"
    text, calendar = mail.iter_parts()
    assert text.get_content().strip() == "Tomorrow at 10:00."
    assert (calendar.get_content_type(), calendar["Content-Type"].params["method"]) == ("text/calendar", "REQUEST")
    assert calendar.get_content().startswith("BEGIN:VCALENDAR")
    assert (fresh(message).state, fresh(message).attempts) == ("sent", 1)
    assert AuditEvent.objects.filter(action="message.sent").count() == 1


def test_a_mail_whose_fate_is_unknown_goes_again_under_the_same_id(world: World, mail_server: MailServer) -> None:
    """The server took it and died before it said so: twice is better than never, and a mail program sees one."""
    message, delivery = queued(world)
    mail_server.drop_after_data = True
    assert go(delivery).state == "pending"
    mail_server.drop_after_data = False
    assert go(delivery).state == "done"
    first, second = mail_server.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert fresh(message).attempts == 2


def test_what_has_left_does_not_leave_again(world: World, mail_server: MailServer) -> None:
    _message, delivery = queued(world)
    go(delivery)
    subscribers.send(delivery.event)
    assert len(mail_server.taken) == 1


@pytest.mark.db
def test_a_recipient_who_is_refused_for_good_waits_for_a_person(world: World, mail_server: MailServer) -> None:
    message, delivery = queued(world)
    mail_server.refuse = "550 no such user aase@example.org"
    parked = go(delivery)
    assert (parked.state, fresh(message).state) == ("parked", "failed")
    assert "550" in parked.last_error
    assert "aase" not in parked.last_error, "the server's words may quote the address"
    mail_server.refuse = ""
    resend(parked, by=world.siteadmin)
    assert fresh(message).state == "queued"
    assert (go(delivery).state, fresh(message).state) == ("done", "sent")


@pytest.mark.parametrize("answer", ["450 busy", "451 later"])
def test_a_server_that_is_busy_is_asked_again(world: World, mail_server: MailServer, answer: str) -> None:
    message, delivery = queued(world)
    mail_server.refuse = answer
    assert (go(delivery).state, fresh(message).state) == ("pending", "queued")


def test_a_server_that_is_away_is_asked_again(world: World, mail_server: MailServer, settings: Settings) -> None:
    message, delivery = queued(world)
    settings.EMAIL_PORT = free_port()
    assert (go(delivery).state, mail_server.taken) == ("pending", [])
    settings.EMAIL_PORT = mail_server.port
    assert (go(delivery).state, fresh(message).state) == ("done", "sent")


def test_an_sms_is_posted_signed_with_a_stable_id(world: World, gateway: Gateway) -> None:
    message, delivery = queued(world, "sms")
    gateway.answers = [503]
    assert (go(delivery).state, go(delivery).state) == ("pending", "done")
    assert gateway.bodies() == [{"id": str(message.uid), "to": "+491701234567", "text": "Tomorrow at 10:00."}] * 2
    for headers, body in gateway.heard:
        signed = headers["X-Isocenter-Timestamp"].encode() + b"." + body
        proof = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        assert headers["X-Isocenter-Signature"] == f"sha256={proof}"
        assert headers["Idempotency-Key"] == str(message.uid)


@pytest.mark.parametrize("status", [301, 307, 308, 400, 401, 404, 410])
def test_a_gateway_that_refuses_or_redirects_is_not_followed(world: World, gateway: Gateway, status: int) -> None:
    message, delivery = queued(world, "sms")
    gateway.answers = [status]
    assert (go(delivery).state, fresh(message).state, len(gateway.heard)) == ("parked", "failed", 1)


@pytest.mark.parametrize("status", [408, 429, 500, 502])
def test_a_gateway_in_trouble_is_asked_again(world: World, gateway: Gateway, status: int) -> None:
    _message, delivery = queued(world, "sms")
    gateway.answers = [status]
    assert (go(delivery).state, go(delivery).state) == ("pending", "done")


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_nothing_set_up_is_nothing_sent(world: World, channel: str) -> None:
    assert post(letter(world, channel), by=REMINDERS) is None
    assert (Message.objects.count(), Delivery.objects.filter(subscriber="notifications.send").count()) == (0, 0)


def test_a_way_that_was_closed_meanwhile_keeps_its_messages(
    world: World, mail_server: MailServer, settings: Settings
) -> None:
    message, delivery = queued(world)
    settings.EMAIL_CONFIGURED = False
    assert (go(delivery).state, fresh(message).state, mail_server.taken) == ("pending", "queued", [])


@pytest.mark.db
def test_the_same_occasion_is_written_once(world: World, mail_server: MailServer) -> None:
    queued(world)
    assert post(letter(world), by=REMINDERS) is None
    assert Message.objects.count() == 1


def test_what_is_untrue_by_now_does_not_leave(
    world: World, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(wanted._questions, "test.thing", lambda _message: False)
    message, delivery = queued(world, about_kind="test.thing", about_id=1)
    assert (go(delivery).state, fresh(message).state, mail_server.taken) == ("done", "dropped", [])


def test_a_letter_may_wait_before_it_leaves(world: World, mail_server: MailServer) -> None:
    message = post(letter(world), by=REMINDERS, after=timedelta(minutes=2))
    assert message is not None
    delivery = Delivery.objects.get(subscriber="notifications.send")
    assert delivery.next_at - message.created_at >= timedelta(minutes=1, seconds=59)
    assert not attempt(delivery.pk), "it is not due yet"
    assert go(delivery).state == "done"


def test_people_write_to_nobody_through_this_door(world: World, mail_server: MailServer) -> None:
    with pytest.raises(NotPermitted):
        post(letter(world), by=world.clerk)


@pytest.mark.db
def test_after_too_many_failures_it_is_failed_and_administrators_are_told_once(
    world: World, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PARK_AFTER", 1)
    mail_server.refuse = "450 busy"
    for key in ("a", "b"):
        message, delivery = queued(world, key=key)
        assert (go(delivery).state, fresh(message).state) == ("parked", "failed")
    notices = Message.objects.filter(channel="in-app").values_list("recipient__username", "subject")
    assert sorted(notices) == [("admin", "A delivery gave up"), ("siteadmin", "A delivery gave up")]


@pytest.mark.parametrize(
    ("url", "secret", "found"),
    [
        ("", "", set()),
        ("https://sms.test/", "s", set()),
        ("http://127.0.0.1:9/", "s", set()),
        ("https://sms.test/", "", {"ris.notifications.E001"}),
        ("http://sms.test/", "s", {"ris.notifications.W001"}),
    ],
)
def test_a_dangerous_gateway_is_told_at_the_start(settings: Settings, url: str, secret: str, found: set[str]) -> None:
    settings.SMS_WEBHOOK_URL, settings.SMS_WEBHOOK_SECRET = url, secret
    assert {message.id for message in checks.run_checks() if str(message.id).startswith("ris.notifications")} == found


def test_sending_is_dated(world: World, mail_server: MailServer) -> None:
    message, delivery = queued(world)
    before = timezone.now()
    go(delivery)
    sent = fresh(message).sent_at
    assert sent is not None
    assert before <= sent <= timezone.now()
