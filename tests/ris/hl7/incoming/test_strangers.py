"""Who is not entered is refused, kept within bounds, and takes no number from those who are."""

from __future__ import annotations

import pytest

from ris.audit.models import AuditEvent
from ris.hl7.incoming import keeping
from ris.hl7.incoming.actions import replay
from ris.hl7.incoming.receiving import receive
from ris.hl7.incoming.record import InboundMessage, Sender
from ris.hl7.incoming.taking import take
from ris.orders.models import Order
from ris.patients.models import Patient
from tests.ris.hl7.incoming.hospital import Answer, a_sender, message, order, pid, send
from tests.world import World

pytestmark = pytest.mark.db
HOME, ELSEWHERE = "10.0.0.1", "10.9.9.9"


@pytest.fixture
def sender(world: World) -> Sender:
    """EPIC, from one address."""
    return a_sender(world.north, addresses=HOME)


def came(raw: bytes, peer: str) -> tuple[str, str]:
    """MSA-1 and ERR-3."""
    said = Answer(receive(raw, peer=peer))
    return said.code, said.fault[1]


@pytest.mark.parametrize("same", [True, False])
@pytest.mark.usefixtures("sender")
def test_a_strangers_message_takes_no_number_from_the_sender_whose_name_it_bears(world: World, same: bool) -> None:
    real = message("ADT^A04", pid(), number="1001")
    false = real if same else message("ADT^A04", pid("P666", "False^Name"), number="1001")
    assert came(false, ELSEWHERE) == ("AR", "204")
    assert came(real, HOME) == ("AA", "")
    assert came(false, ELSEWHERE) == ("AR", "204"), "nor does it learn what the sender was answered"
    assert Patient.objects.get().family_name == "Møller"
    assert not AuditEvent.objects.filter(action="security.hl7-number-reused").exists()


@pytest.mark.usefixtures("sender")
def test_in_a_burst_too(world: World) -> None:
    real = message("ADT^A04", pid(), number="1001")
    assert came(message("ADT^A04", pid("P666"), number="1001"), ELSEWHERE)[0] == "AR"
    assert [Answer(said).code for said in take([(real, HOME)])] == ["AA"]


def test_once_the_sender_is_entered_the_same_bytes_are_done(world: World) -> None:
    raw = message("ADT^A04", pid(), number="1001")
    assert came(raw, HOME) == ("AR", "204")
    sender = a_sender(world.north, addresses=ELSEWHERE)
    assert came(raw, HOME) == ("AR", "204")
    sender.addresses = f"{ELSEWHERE}, {HOME}"
    sender.save()
    assert came(raw, HOME) == ("AA", "")
    assert came(raw, HOME) == ("AA", "")
    assert Patient.objects.count() == 1


def test_what_a_person_had_done_is_not_done_again_when_it_is_sent_again(world: World) -> None:
    send("ADT^A04", pid())
    raw = message("ADT^A04", pid(), number="1001")
    receive(raw, peer=HOME)
    refused = InboundMessage.objects.get(control_id="1001")
    a_sender(world.north)
    replay(refused, by=world.admin)
    refused.refresh_from_db()
    assert (refused.state, Patient.objects.count()) == ("done", 1)
    assert came(raw, HOME) == ("AA", "")
    assert InboundMessage.objects.filter(control_id="1001").count() == 1


def test_what_was_sent_again_is_not_done_again_by_a_person(world: World) -> None:
    raw = message("ORM^O01", pid(), *order("SC", status="CM"), number="1001")
    receive(raw, peer=HOME)
    refused = InboundMessage.objects.get(control_id="1001")
    a_sender(world.north)
    assert send("ADT^A04", pid()).code == "AA"
    assert send("ORM^O01", pid(), *order()).code == "AA"
    assert came(raw, HOME)[0] == "AA"
    replay(refused, by=world.admin)
    refused.refresh_from_db()
    assert (refused.state, refused.sender) == ("refused", None)
    assert "came again" in refused.result
    assert Order.objects.count() == 1


def test_strangers_fill_no_disk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "STRANGERS", 3)
    monkeypatch.setattr(keeping, "LONGEST_OF_STRANGERS", 2000)
    a_sender(world.north, application="LAB", name="Lab")
    assert send("ADT^A04", pid(), application="LAB").code == "AA"
    raws = [message("ADT^A04", pid(str(n)), number=f"S{n}") for n in range(5)]
    for raw in [*raws, raws[-1], raws[-1]]:
        assert came(raw, HOME) == ("AR", "204")
    strangers = InboundMessage.objects.filter(sender=None)
    assert sorted(strangers.values_list("control_id", flat=True)) == ["S2", "S3", "S4"]
    assert InboundMessage.objects.filter(state="done").count() == 1, "what is entered is never forgotten for them"
    assert came(message("ADT^A04", pid(), "NTE|1||" + "x" * 3000, number="LONG"), HOME) == ("AR", "204")
    assert bytes(strangers.get(control_id="LONG").raw) == b""
