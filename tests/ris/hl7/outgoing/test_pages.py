"""What administrators see of messages that go out, and what they do there."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from ris.audit.models import AuditEvent
from ris.hl7.outgoing.models import Destination, OutgoingMessage
from tests.ris.hl7.outgoing import composed, destination
from tests.world import World


@pytest.fixture
def siteadmin(world: World, client: Client) -> Client:
    client.force_login(world.siteadmin, "allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def parked(world: World) -> OutgoingMessage:
    """A refused message with its answer, and the next one for the same patient behind it."""
    from ris.scheduling.actions import start_step

    destination(world.north, reports=False, appointments=False)
    start_step(world.step(), by=world.technologist)
    composed()
    message = OutgoingMessage.objects.order_by("event_id")[0]
    OutgoingMessage.objects.filter(pk=message.pk).update(
        state="parked",
        answer_code="AE",
        answer=f"MSH|x\nMSA|AE|{message.control_id}\nERR||PID^1^3|204",
        last_error="AE 204",
    )
    message.refresh_from_db()
    return message


def test_the_deliveries_page_says_how_each_destination_is(siteadmin: Client, parked: OutgoingMessage) -> None:
    page = siteadmin.get(reverse("events:deliveries")).content.decode()
    assert "Hospital 1" in page
    assert "Waits for you" in page


def test_the_answer_stands_on_the_page_and_looking_is_audited(siteadmin: Client, parked: OutgoingMessage) -> None:
    page = siteadmin.get(reverse("hl7:outgoing-message", args=[parked.pk])).content.decode()
    assert "ERR||PID^1^3|204" in page
    assert "MSH|^~\\&amp;|ISOCENTER" in page
    opened = AuditEvent.objects.get(action="hl7.opened")
    assert (opened.patient_id, opened.detail["control_id"]) == (parked.patient_id, parked.control_id)


def test_what_waits_says_for_what(siteadmin: Client, parked: OutgoingMessage) -> None:
    behind = OutgoingMessage.objects.exclude(pk=parked.pk).get()
    page = siteadmin.get(reverse("hl7:outgoing-message", args=[behind.pk])).content.decode()
    assert parked.control_id in page
    assert "comes first for the same patient" in page


def test_send_again_keeps_bytes_and_number(siteadmin: Client, parked: OutgoingMessage) -> None:
    siteadmin.post(reverse("hl7:outgoing-send", args=[parked.pk]))
    again = OutgoingMessage.objects.get(pk=parked.pk)
    assert (again.state, again.control_id, bytes(again.body)) == ("queued", parked.control_id, bytes(parked.body))


def test_setting_aside_asks_why(siteadmin: Client, parked: OutgoingMessage) -> None:
    address = reverse("hl7:outgoing-set-aside", args=[parked.pk])
    assert siteadmin.post(address, {"reason": ""}).status_code == 422
    assert OutgoingMessage.objects.get(pk=parked.pk).state == "parked"
    siteadmin.post(address, {"reason": "They know it by telephone"})
    assert OutgoingMessage.objects.get(pk=parked.pk).state == "set-aside"
    assert AuditEvent.objects.get(action="hl7.set-aside").detail["reason"] == "They know it by telephone"


def test_the_list_costs_the_same_however_much_there_is(
    siteadmin: Client, parked: OutgoingMessage, django_assert_max_num_queries: object
) -> None:
    assert callable(django_assert_max_num_queries)
    for number in range(30):
        OutgoingMessage.objects.create(
            destination=parked.destination, event=parked.event, kind="order", trigger="ORM^O01", patient_id=number,
            control_id=f"I{number}", charset="UNICODE UTF-8", next_at=parked.next_at,
        )  # fmt: skip
    with django_assert_max_num_queries(14):
        assert siteadmin.get(reverse("hl7:outgoing")).status_code == 200


def test_a_destination_is_made_in_the_admin_and_audited(world: World, client: Client) -> None:
    client.force_login(world.admin, "allauth.account.auth_backends.AuthenticationBackend")
    form = {
        "site": world.north.pk, "name": "Ward", "active": "on", "host": "127.0.0.1", "port": "2576",
        "answer_seconds": "30", "reports": "on", "order_form": "ORM^O01", "sending_application": "ISOCENTER",
        "charset": "8859/1", "processing": "P",
    }  # fmt: skip
    assert client.post(reverse("admin:hl7_destination_add"), form).status_code == 302
    made = Destination.objects.get(name="Ward")
    assert (made.charset, made.pdf, made.orders) == ("8859/1", False, False)
    assert AuditEvent.objects.get(action="hl7-destination.added").target_id == str(made.pk)
    bad = client.post(reverse("admin:hl7_destination_add"), form | {"name": "Bad", "sending_application": "A|B"})
    assert "cannot stand here" in bad.content.decode()
    assert not Destination.objects.filter(name="Bad").exists()
