"""A destination that is switched off loses nothing: what it is to be told waits, and goes in order."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reporting.actions.amend import withdraw_report
from reporting.actions.sign import Proof
from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput
from ris.hl7.outgoing import queue
from ris.hl7.outgoing.actions import save_destination, send_again
from ris.hl7.outgoing.models import Destination, OutgoingMessage
from ris.hl7.outgoing.sending import keep_sending
from tests import exam
from tests.ris.hl7.outgoing import composed, destination
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]


def off(world: World) -> Destination:
    where = destination(world.north, orders=False, appointments=False, pdf=False)
    where.active = False
    return save_destination(where, by=world.admin)


def states() -> list[str]:
    return list(OutgoingMessage.objects.order_by("event_id", "pk").values_list("state", flat=True))


def test_results_signed_meanwhile_wait_and_go_in_order_once_it_is_on_again(world: World) -> None:
    where = off(world)
    version = exam.sign(exam.draft(world), world.radiologist)
    withdraw_report(version.report, reason="Other patient", proof=Proof(timezone.now()), by=world.radiologist)
    composed()
    assert states() == ["queued", "queued"]
    assert queue.take(where) == []
    assert keep_sending(where.pk, lambda: False, idle=0) == 0
    assert set(OutgoingMessage.objects.values_list("attempts", flat=True)) == {0}
    where.active = True
    save_destination(where, by=world.admin)
    first = OutgoingMessage.objects.order_by("event_id")[0]
    assert [one.pk for one in queue.take(where)] == [first.pk], "the result first, then its withdrawal"


def test_what_waits_is_seen_by_those_who_look_after_it(world: World, client: Client) -> None:
    off(world)
    exam.sign(exam.draft(world), world.radiologist)
    composed()
    client.force_login(world.siteadmin, "allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(reverse("events:deliveries")).content.decode()
    assert "Switched off" in page
    assert "waits until it is switched on" in page
    home = client.get(reverse("home"), follow=True).content.decode()
    assert "HL7 messages wait for a destination that is off" in home
    message = OutgoingMessage.objects.get()
    page = client.get(reverse("hl7:outgoing-message", args=[message.pk])).content.decode()
    assert "its destination is switched on again" in page


def test_closed_for_good_what_waits_is_set_aside_with_the_reason_and_nothing_more_is_written(world: World) -> None:
    where = off(world)
    exam.sign(exam.draft(world), world.radiologist)
    composed()
    where.closed, where.active = True, True
    save_destination(where, by=world.admin)
    where.refresh_from_db()
    assert (where.active, states()) == (False, ["set-aside"])
    [message] = OutgoingMessage.objects.all()
    noted = AuditEvent.objects.get(action="hl7.set-aside")
    assert (noted.patient_id, noted.detail["control_id"]) == (message.patient_id, message.control_id)
    with pytest.raises(InvalidInput, match="closed for good"):
        send_again(message, by=world.admin)
    exam.sign(exam.draft(world), world.radiologist)
    composed()
    assert states() == ["set-aside"]
