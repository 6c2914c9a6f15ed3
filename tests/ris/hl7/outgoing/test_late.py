"""A placer whose order was taken with AA and could not be done afterwards is told so, over a real socket."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from ris.events.models import Event
from ris.hl7.er7 import Message, read
from ris.hl7.incoming.parking import replay_due
from ris.hl7.incoming.receiving import receive
from ris.hl7.incoming.record import InboundMessage
from ris.hl7.incoming.settling import settle
from ris.hl7.outgoing.models import OutgoingMessage
from ris.orders.models import Order
from ris.scheduling.actions import start_step
from ris.scheduling.models import Appointment
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


def test_an_appointment_that_is_taken_and_cannot_be_booked_is_cancelled_at_its_scheduler(world: World) -> None:
    a_sender(world.north)
    destination(world.north, reports=False, orders=False)
    send("ADT^A04", pid())
    send("ORM^O01", pid(), *order())
    assert hurried("SIU^S12", pid(), *visit(room="Nowhere"), number="L1").code == "AA"
    settle(kept("L1").pk)
    assert (kept("L1").state, Appointment.objects.exists()) == ("refused", False)
    (told,) = messages("appointment")
    sch = told.first("SCH")
    assert (told.kind, sch.text(1), sch.text(25), sch.text(26)) == ("SIU^S15", "V1", "Cancelled", "PL1")
    assert (sch.text(6, 2), told.first("PID").text(3)) == (kept("L1").result, "P100")
    assert [told.first(name).text(3, part) for name, part in (("AIS", 1), ("AIL", 2))] == ["CTCHEST", "Nowhere"]


@pytest.mark.parametrize("event", ["S13", "S14", "S15"])
def test_an_appointment_that_cannot_be_changed_is_told_as_it_stands(world: World, event: str) -> None:
    a_sender(world.north, name="Scheduler", application="SCHED")
    own = destination(world.north, reports=False, receiving_application="SCHED", receiving_facility="")
    destination(world.north, name="Somebody else")
    send("ADT^A04", pid(), application="SCHED")
    send("ORM^O01", pid(), *order(), application="SCHED")
    send("SIU^S12", pid(), *visit(), application="SCHED")
    start_step(world.step(Appointment.objects.get()), by=world.technologist)
    later = message(f"SIU^{event}", pid(), *visit(start="20270301110000"), number="L1", application="SCHED")
    assert Answer(receive(later, peer="127.0.0.1", hurried=True)).code == "AA"
    settle(kept("L1").pk)
    assert kept("L1").state == "refused"
    composed()
    (row,) = OutgoingMessage.objects.filter(event__kind="hl7.appointment-refused")
    told = read(bytes(row.body))
    sch = told.first("SCH")
    assert (row.destination, told.kind, sch.text(1), sch.text(25)) == (own, "SIU^S14", "V1", "Booked")
    assert (sch.text(11, 4)[:12], sch.text(6, 2)) == ("202703010830", kept("L1").result)


def test_an_appointment_that_waited_in_vain_is_told_too_and_one_refused_in_its_answer_is_not(world: World) -> None:
    a_sender(world.north)
    destination(world.north, reports=False, orders=False)
    send("ADT^A04", pid())
    assert send("SIU^S12", pid(), *visit(), number="L1").code == "AA"
    expire_all()
    assert kept("L1").state == "refused"
    send("ORM^O01", pid(), *order())
    assert send("SIU^S12", pid(), *visit("V2", room="Nowhere")).code == "AE"
    assert [(one.kind, one.first("SCH").text(1)) for one in messages("appointment")] == [("SIU^S15", "V1")]


def expire_all() -> None:
    InboundMessage.objects.update(received_at=timezone.now() - timedelta(days=8))
    replay_due()
