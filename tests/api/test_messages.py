"""HL7 messages over the API: where they stand, without their texts; doing, trying and sending one again."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from ris.audit.models import AuditEvent
from ris.hl7.incoming.record import Sender
from ris.patients.models import Patient
from tests.api.conftest import program_of
from tests.api.desk import Desk
from tests.ris.hl7.incoming.hospital import message, pid
from tests.world import World

pytestmark = pytest.mark.db
IN, OUT = "/api/v1/hl7-incoming/", "/api/v1/hl7-outgoing/"


@pytest.fixture
def admin(world: World) -> APIClient:
    return program_of(world.siteadmin)


def test_a_message_that_was_refused_is_done_again_and_its_text_is_read_by_right(world: World, admin: APIClient) -> None:
    row = Desk(world).refused()
    (listed,) = admin.get(IN, {"state": "refused"}).json()["results"]
    assert (listed["id"], listed["control_id"], "Møller" in str(listed)) == (row.pk, "WARD", False)
    assert "Møller" in admin.get(f"{IN}{row.pk}/text/").json()["text"]
    assert AuditEvent.objects.filter(action="hl7.opened").count() == 1
    again = admin.post(f"{IN}{row.pk}/replay/")
    assert (again.status_code, again.json()["state"]) == (200, "refused")
    assert AuditEvent.objects.filter(action="hl7.replayed").count() == 1


def test_a_message_is_tried_and_nothing_of_it_stays(world: World, admin: APIClient) -> None:
    Desk(world).refused()
    (sender,) = admin.get(f"{IN}senders/").json()
    text = message("ADT^A04", pid(name="Trial^Tina")).decode()
    tried = admin.post(f"{IN}try/", {"sender": sender["id"], "text": text}, format="json").json()
    assert (tried["does"], [act["action"] for act in tried["acts"]][:1]) == (True, ["patient.registered"])
    assert {"what": "Family name", "value": "Trial", "paths": "PID-5.1"} in tried["read"]
    assert not Patient.objects.filter(family_name="Trial").exists()
    nonsense = admin.post(f"{IN}try/", {"sender": sender["id"], "text": "Hello"}, format="json").json()
    assert (nonsense["does"], nonsense["faults"][0]["location"]) == (False, "MSH^1")


def test_a_message_of_ours_is_set_aside_with_a_reason_and_sent_again(world: World, admin: APIClient) -> None:
    row = Desk(world).parked()
    (listed,) = admin.get(OUT, {"state": "parked"}).json()["results"]
    assert ("text" in listed, "Else" in str(listed)) == (False, False)
    assert "Else^Ella" in admin.get(f"{OUT}{row.pk}/").json()["text"]
    assert AuditEvent.objects.get(action="hl7.opened").detail["control_id"] == "I1"
    assert admin.post(f"{OUT}{row.pk}/set-aside/", {"reason": ""}, format="json").status_code == 400
    aside = admin.post(f"{OUT}{row.pk}/set-aside/", {"reason": "Read on paper"}, format="json").json()
    assert (aside["state"], aside["last_error"]) == ("set-aside", "Set aside: Read on paper")
    sent = admin.post(f"{OUT}{row.pk}/send/").json()
    assert (sent["state"], sent["control_id"]) == ("queued", "I1")


def test_messages_are_for_those_who_look_after_interfaces_of_the_site(world: World, clerk: APIClient) -> None:
    rows = Desk(world)
    came, went = rows.refused(), rows.parked()
    for address in (IN, f"{IN}{came.pk}/text/", OUT, f"{OUT}{went.pk}/"):
        assert clerk.get(address).status_code == 403, address
    assert clerk.post(f"{IN}{came.pk}/replay/").status_code == 403
    went.refresh_from_db()
    assert (went.state, Sender.objects.count()) == ("parked", 1)
