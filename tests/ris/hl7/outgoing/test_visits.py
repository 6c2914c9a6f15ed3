"""A scheduler that is told of appointments knows each by its own number, and hears nothing of its own messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ris.hl7.er7 import Message
from ris.orders.models import Order, RequestedProcedure
from ris.scheduling.actions import Slot, book, move
from ris.scheduling.models import Appointment
from tests.ris.hl7.incoming.hospital import a_sender, order, pid, send, visit
from tests.ris.hl7.outgoing import destination, messages
from tests.world import World


def told(of: str) -> list[tuple[str, str, str]]:
    """Each SIU to the destination of that name: its event, SCH-1, SCH-26."""
    found: list[Message] = messages("appointment", destination__name=of)
    return [(one.header.text(9, 2), one.first("SCH").text(1), one.first("SCH").text(26)) for one in found]


def test_two_appointments_of_one_order_are_told_apart(world: World) -> None:
    destination(world.north, name="Hospital")
    a_sender(world.north)
    send("ADT^A04", pid())
    send("ORM^O01", pid(), *order(), order(code="CTABD")[1])
    slot = Slot(resource=world.room(), start=world.soon(), minutes=20)
    one, other = RequestedProcedure.objects.order_by("pk")
    book([one], slot=slot, by=world.clerk)
    book([other], slot=replace(slot, start=slot.start + timedelta(minutes=30)), by=world.clerk)
    assert told("Hospital") == [("S12", "", "PL1"), ("S12", "", "PL1")]
    assert len({one.first("SCH").text(2) for one in messages("appointment")}) == 2


def test_a_scheduler_gets_its_own_number_back_and_hears_nothing_of_its_own(world: World) -> None:
    a_sender(world.north)
    destination(world.north, name="Scheduler", receiving_application="EPIC", receiving_facility="WARD")
    destination(world.north, name="Hospital")
    send("ADT^A04", pid())
    send("ORM^O01", pid(), *order())
    send("SIU^S12", pid(), *visit())
    send("SIU^S13", pid(), *visit(start="20270301100000"))
    assert told("Scheduler") == []
    assert told("Hospital") == [("S12", "", "PL1"), ("S13", "", "PL1")]
    booked = Appointment.objects.get()
    move(booked, slot=Slot(resource=world.room(), start=world.soon(), minutes=20), by=world.clerk)
    assert told("Scheduler") == [("S13", "V1", "PL1")]


def test_a_scheduler_hears_of_an_appointment_that_ends_with_its_order(world: World) -> None:
    a_sender(world.north)
    a_sender(world.north, name="Placer", application="PLACER")
    destination(world.north, name="Scheduler", receiving_application="EPIC", receiving_facility="")
    send("ADT^A04", pid())
    send("ORM^O01", pid(), *order())
    send("SIU^S12", pid(), *visit())
    Order.objects.update(placer_issuer="")
    assert send("ORM^O01", pid(), *order("CA"), application="PLACER").code == "AA"
    assert told("Scheduler") == [("S15", "V1", "PL1")]


def test_an_appointment_of_two_orders_names_both(world: World) -> None:
    destination(world.north, name="Hospital")
    a_sender(world.north)
    send("ADT^A04", pid())
    send("ORM^O01", pid(), *order(placer="PL1"))
    send("ORM^O01", pid(), *order(placer="PL2", code="CTABD"))
    unnumbered = world.order(Order.objects.first().patient)  # type: ignore[union-attr]
    slot = Slot(resource=world.room(), start=world.soon(), minutes=60)
    book(list(RequestedProcedure.objects.order_by("pk")), slot=slot, by=world.clerk)
    [sch] = [one.first("SCH") for one in messages("appointment")]
    fillers = list(Order.objects.order_by("pk").values_list("filler_number", flat=True))
    assert [sch.text(27, repetition=at) for at in (1, 2, 3)] == fillers
    assert [sch.text(26, repetition=at) for at in (1, 2, 3)] == ["PL1", "PL2", ""]
    assert unnumbered.filler_number == fillers[2]
