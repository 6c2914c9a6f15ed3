"""PV1-2 and PV1-19: the stay in which something is ordered is kept with the order, and told on."""

from __future__ import annotations

import pytest
from django.test import Client

from ris.hl7.incoming.record import InboundMessage, Sender, Translation
from ris.orders.models import Order
from tests.ris.hl7.incoming.hospital import order, pid, send, visit
from tests.ris.hl7.outgoing import destination, messages
from tests.world import World
from worklist.mwl.entries import entries_for

pytestmark = [pytest.mark.db]
NOTHING = ("", "", "")


def stay(patient_class: str, number: str) -> str:
    return f"PV1|1|{patient_class}|{'|' * 15}|{number}"


@pytest.fixture
def stays(sender: Sender) -> Sender:
    Translation.objects.create(sender=sender, table="class", theirs="STAT", ours="I")
    Translation.objects.create(sender=sender, table="authority", theirs="KIS", ours="STAYS")
    assert send("ADT^A04", pid()).code == "AA"
    return sender


def kept(pv1: str, control: str = "NW", placer: str = "PL1") -> tuple[str, str, str]:
    """Of the order to which this PV1 came: class, number, and whose number that is."""
    assert send("ORM^O01", pid(), pv1, *order(control, placer=placer)).code == "AA"
    found = Order.objects.get(placer_number=placer, state="active")
    return found.patient_class, found.visit_number, found.visit_issuer


@pytest.mark.usefixtures("stays")
def test_the_next_message_changes_it_silence_does_not_and_two_quotes_delete() -> None:
    assert kept(stay("i", "V77^^^KIS")) == ("I", "V77", "STAYS")
    assert kept("PV1|1", "XO") == ("I", "V77", "STAYS")
    assert kept(stay("E", "V78^^^&1.2.3&ISO"), "XO") == ("E", "V78", "1.2.3")
    assert kept(stay('""', '""'), "XO") == NOTHING
    assert kept(stay("STAT", ""), "XO") == ("I", "", "")
    send("ORM^O01", pid(), stay("I", "V79"), *order("XO", code="CTABD"))
    assert Order.objects.get(state="active").visit_number == "V79", "the order in its place is of the same stay"


@pytest.mark.usefixtures("stays")
def test_what_cannot_be_kept_is_left_out_and_said_and_no_order_is_refused_for_it() -> None:
    assert kept(stay("AMBULANT", "x" * 65)) == NOTHING
    assert result().endswith(
        "The patient class in PV1^1^2 could not be kept and was left out. "
        "The visit number in PV1^1^19 could not be kept and was left out."
    )
    assert kept(stay("O", "V1"), "XO") == ("O", "V1", "")
    assert result().endswith(" is active."), "all of it is kept: nothing is said"
    assert kept(stay("O", "x" * 65), "XO") == ("O", "", ""), "it is not V1 any more"


@pytest.mark.usefixtures("stays")
def test_a_number_is_kept_though_the_name_of_who_gave_it_is_too_long() -> None:
    assert kept(stay("O", f"V1^^^{'x' * 65}")) == ("O", "V1", "")
    assert result().endswith("Whose visit number it is in PV1^1^19^1^4 could not be kept and was left out.")


def result() -> str:
    """Of the newest message, as its page shows it."""
    return InboundMessage.objects.order_by("-pk")[0].result


@pytest.mark.usefixtures("stays")
def test_it_stands_on_the_order_and_the_worklist_and_is_sent_on(world: World, client: Client) -> None:
    destination(world.north)
    kept(stay("I", "V77^^^KIS"))
    send("SIU^S12", pid(), *visit())
    client.force_login(world.clerk)
    page = client.get(f"/orders/{Order.objects.get().pk}/").content.decode()
    assert "<dd>Inpatient</dd>" in page
    assert '<span class="mono">V77</span> of STAYS' in page
    (entry,) = entries_for(world.node("CT1"), None, limit=10)
    assert (entry.admission_id, [one.local for one in entry.admission_issuers]) == ("V77", ["STAYS"])
    for told in (*messages("order"), *messages("appointment")):
        pv1 = told.first("PV1")
        assert [pv1.text(2), pv1.text(19), pv1.text(19, 4), pv1.text(19, 5)] == ["I", "V77", "STAYS", "VN"]


@pytest.mark.usefixtures("stays")
def test_a_number_that_a_device_could_not_write_costs_nobody_their_line(world: World) -> None:
    kept(stay("I", "V√7"))
    send("SIU^S12", pid(), *visit())
    (entry,) = entries_for(world.node("CT1"), None, limit=10)
    assert (entry.admission_id, entry.admission_issuers) == ("", ())
