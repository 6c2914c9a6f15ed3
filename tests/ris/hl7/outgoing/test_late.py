"""A placer whose order was taken with AA and could not be done afterwards is told so, over a real socket."""

from __future__ import annotations

from pathlib import Path

import pytest

from ris.events.models import Event
from ris.hl7.er7 import Message, read
from ris.hl7.incoming.receiving import receive
from ris.hl7.incoming.settling import settle
from ris.hl7.outgoing.models import OutgoingMessage
from ris.orders.models import Order
from ris.scheduling.actions import start_step
from tests.ris.hl7.incoming.hospital import Answer, a_sender, kept, message, order, pid, send, visit
from tests.ris.hl7.outgoing import composed, destination, messages, sent
from tests.ris.hl7.outgoing.receiver import receiver
from tests.world import World


def hurried(kind: str, *segments: str, number: str = "") -> Answer:
    """As in a burst: kept, answered, and left to the worker."""
    return Answer(receive(message(kind, *segments, number=number), peer="127.0.0.1", hurried=True))


def begun(world: World) -> Order:
    """An order of the placer that a technologist has begun."""
    send("ADT^A04", pid())
    send("ORM^O01", pid(), *order())
    send("SIU^S12", pid(), *visit())
    start_step(world.step(Order.objects.get().procedures.get().steps.get().appointment), by=world.technologist)
    return Order.objects.get()


def told(about: str) -> list[Message]:
    return [one for one in messages("order") if one.first("ORC").text(1) == about]


@pytest.mark.parametrize(("control", "unable"), [("CA", "UC"), ("DC", "UD"), ("RP", "UM")])
def test_in_a_burst_an_order_that_is_taken_and_cannot_be_done_is_answered_by_a_message(
    world: World, tmp_path: Path, control: str, unable: str
) -> None:
    a_sender(world.north)
    placed = begun(world)
    if control == "DC":
        Order.objects.update(state="completed")
    with receiver(tmp_path) as hospital:
        where = destination(world.north, port=hospital.port, reports=False, appointments=False)
        said = hurried("ORM^O01", pid(), *order(control, code="NOWHERE" if control == "RP" else "CTCHEST"), number="L1")
        assert said.code == "AA"
        settle(kept("L1").pk)
        assert kept("L1").state == "refused"
        sent(where)
        (row,) = OutgoingMessage.objects.filter(event__kind="hl7.order-refused")
        arrived = read(hospital.body(row.control_id))
    orc = arrived.first("ORC")
    assert (row.trigger, row.state, row.patient_id) == ("ORM^O01", "accepted", placed.patient_id)
    assert (orc.text(1), orc.text(2), orc.text(3)) == (unable, "PL1", placed.filler_number)
    assert orc.text(5) == ("CM" if control == "DC" else "IP")
    assert orc.text(16, 2) == kept("L1").result
    assert arrived.first("PID").text(3) == "P100"
    assert arrived.first("OBR").text(4)


def test_a_cancellation_that_waited_for_its_order_and_is_refused_then_is_told(world: World) -> None:
    a_sender(world.north)
    destination(world.north, reports=False, appointments=False)
    send("ADT^A04", pid())
    other = pid("P200", name="Other^Person", born="19700101")
    send("ADT^A04", other)
    assert send("ORM^O01", other, *order("CA"), number="L1").code == "AA"
    assert kept("L1").state == "parked"
    send("ORM^O01", pid(), *order())
    assert kept("L1").state == "refused", "the order is of another patient"
    (refusal,) = told("UC")
    assert refusal.first("PID").text(3) == "P200"


def test_every_order_of_a_message_is_named_for_none_of_them_was_done(world: World) -> None:
    a_sender(world.north)
    destination(world.north, reports=False, appointments=False, order_form="OMI^O23")
    send("ADT^A04", pid())
    unknown = order(placer="PL8", code="NOWHERE")
    hurried("ORM^O01", pid(), *order(placer="PL7"), *unknown, number="L1")
    settle(kept("L1").pk)
    assert [(one.kind, one.first("ORC").text(2)) for one in told("UA")] == [("OMI^O23", "PL7"), ("OMI^O23", "PL8")]
    assert not Order.objects.exists()


def test_an_order_that_is_refused_in_its_answer_is_not_told_twice(world: World) -> None:
    a_sender(world.north)
    begun(world)
    said = send("ORM^O01", pid(), *order("CA"))
    assert (said.code, said.orders) == ("AE", ["UC"])
    assert not Event.objects.filter(kind="hl7.order-refused").exists()


def test_only_the_placer_is_told_where_a_destination_has_its_name(world: World) -> None:
    a_sender(world.north)
    begun(world)
    theirs = destination(world.north, receiving_application="EPIC", receiving_facility="WARD")
    destination(world.north, name="Somebody else")
    destination(world.south, name="Another site", receiving_application="EPIC")
    hurried("ORM^O01", pid(), *order("CA"), number="L1")
    settle(kept("L1").pk)
    composed()
    rows = OutgoingMessage.objects.filter(event__kind="hl7.order-refused")
    assert [row.destination for row in rows] == [theirs]


def test_a_patient_message_that_is_refused_late_is_no_order(world: World) -> None:
    a_sender(world.north)
    destination(world.north)
    hurried("ADT^A08", pid(), number="L1")
    hurried("ADT^A04", "PID|1||P100||||notaday", number="L2")
    settle(kept("L2").pk)
    assert kept("L2").state == "refused"
    assert not Event.objects.filter(kind="hl7.order-refused").exists()
