"""The page of what came in: where each message stands, its text by right, doing it again, and trying one."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from ris.audit.models import AuditEvent
from ris.hl7.incoming import actions
from ris.hl7.incoming.record import FieldRule, Sender, Translation
from ris.orders.models import AccessionSequence, Order
from ris.patients.models import Patient
from tests.ris.hl7.incoming.hospital import kept, message, order, pid, send
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("sender")]
TRY = "hl7:incoming-try"


@pytest.fixture
def admin(world: World, client: Client) -> Client:
    client.force_login(world.siteadmin)
    return client


def test_the_list_tells_states_and_results_and_no_names(admin: Client) -> None:
    send("ADT^A04", pid(), number="DONE-1")
    send("ORM^O01", pid("P200", "Waiting^One"), *order(), number="WAIT-1")
    send("ADT^A04", pid(sex="Q"), number="BAD-1")
    page = admin.get(reverse("hl7:incoming")).content.decode()
    assert all(number in page for number in ("DONE-1", "WAIT-1", "BAD-1"))
    assert "Waiting^One" not in page
    assert "ller" not in page
    only = admin.get(reverse("hl7:incoming") + "?state=parked").content.decode()
    assert "WAIT-1" in only
    assert "DONE-1" not in only


def test_the_text_is_shown_to_who_may_and_that_is_kept(admin: Client, world: World) -> None:
    send("ADT^A04", pid(), number="TEXT")
    row = kept("TEXT")
    assert "Møller^Åse" not in admin.get(reverse("hl7:incoming-message", args=[row.pk])).content.decode()
    assert "Møller^Åse" in admin.get(reverse("hl7:incoming-text", args=[row.pk])).content.decode()
    seen = AuditEvent.objects.get(action="hl7.opened")
    assert (seen.actor_id, seen.patient_id) == (str(world.siteadmin.pk), Patient.objects.get().pk)


def test_what_was_refused_is_done_once_its_cause_is_mended(admin: Client, sender: Sender) -> None:
    send("ADT^A04", pid())
    send("ORM^O01", pid(), *order(code="4711"), number="MEND")
    Translation.objects.create(sender=sender, table="procedure", theirs="4711", ours="CTCHEST")
    admin.post(reverse("hl7:incoming-replay", args=[kept("MEND").pk]))
    assert (kept("MEND").state, kept("MEND").answer_code) == ("done", "AA")
    assert Order.objects.get().placer_number == "PL1"
    again = admin.post(reverse("hl7:incoming-replay", args=[kept("MEND").pk]))
    assert again.status_code == 409
    assert Order.objects.count() == 1


def test_what_came_from_nobody_is_done_once_they_are_entered(admin: Client, world: World, sender: Sender) -> None:
    send("ADT^A04", pid(), number="STRANGE", application="LAB")
    row = kept("STRANGE")
    assert admin.get(reverse("hl7:incoming-message", args=[row.pk])).status_code == 404, "it is of no site"
    Sender.objects.create(site=world.north, name="Lab", application="LAB", charset="UNICODE UTF-8")
    admin.force_login(world.admin)
    admin.post(reverse("hl7:incoming-replay", args=[row.pk]))
    assert (kept("STRANGE").state, kept("STRANGE").site) == ("done", world.north)


def test_trying_a_message_tells_all_and_leaves_nothing(admin: Client, sender: Sender) -> None:
    send("ADT^A04", pid())
    before = list(AccessionSequence.objects.values_list("next_number", flat=True))
    text = message("ORM^O01", pid(), *order(priority="S")).decode().replace("\r", "\r\n")
    page = admin.post(reverse(TRY), {"sender": sender.pk, "text": text})
    words = page.content.decode()
    assert page.status_code == 200
    assert "order.placed" in words
    assert "CTCHEST" in words
    assert "Møller" in words
    assert not Order.objects.exists()
    assert list(AccessionSequence.objects.values_list("next_number", flat=True)) == before
    assert AuditEvent.objects.filter(action="hl7.rehearsed").exists()
    assert not AuditEvent.objects.filter(action="order.placed").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", "This is no HL7 message."),
        (message("ADT^A04", pid(sex="Q")).decode(), "It would be refused."),
        (message("ADT^A08", pid("nobody")).decode(), "It would wait."),
    ],
)
def test_trying_says_what_would_go_wrong(admin: Client, sender: Sender, text: str, words: str) -> None:
    assert words in admin.post(reverse(TRY), {"sender": sender.pk, "text": text}).content.decode()
    assert not Patient.objects.exists()


def test_trying_says_that_something_failed_which_nobody_foresaw(
    admin: Client, sender: Sender, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(*_args: object) -> object:
        raise OverflowError("Møller")

    monkeypatch.setattr(actions, "do", failing)
    page = admin.post(reverse(TRY), {"sender": sender.pk, "text": message("ADT^A04", pid()).decode()})
    words = page.content.decode()
    assert (page.status_code, "nobody foresaw" in words, "It would be refused." in words) == (200, True, True)
    assert "ller" not in caplog.text


def test_nobody_tries_as_a_sender_of_another_site(admin: Client, world: World, sender: Sender) -> None:
    Sender.objects.update(site=world.south)
    page = admin.post(reverse(TRY), {"sender": sender.pk, "text": message("ADT^A04", pid()).decode()})
    assert page.status_code == 422


def test_the_admin_keeps_how_a_sender_writes_and_refuses_what_is_no_place(
    client: Client, world: World, sender: Sender
) -> None:
    client.force_login(world.admin)
    url = reverse("admin:hl7_sender_change", args=[sender.pk])
    body = {
        "site": world.north.pk, "name": "Ward", "active": "on", "application": "EPIC", "facility": "WARD",
        "charset": "8859/1", "rules-TOTAL_FORMS": "1", "rules-INITIAL_FORMS": "0", "rules-0-target": "order.placer",
        "rules-0-paths": "somewhere", "translations-TOTAL_FORMS": "0", "translations-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert "is no place in a message" in client.post(url, body).content.decode()
    assert client.post(url, body | {"rules-0-paths": "ORC-4.1, ORC-2"}).status_code == 302
    assert FieldRule.objects.get().paths == "ORC-4.1, ORC-2"
    assert AuditEvent.objects.filter(action="hl7.sender-changed").exists()
