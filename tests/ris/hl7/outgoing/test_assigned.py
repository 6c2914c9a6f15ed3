"""An order that begins at the department asks its placer for a number, and keeps what is answered (IHE RAD-3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput
from ris.hl7.outgoing.models import OutgoingMessage
from ris.orders.actions.numbering import take_placer_number
from ris.orders.models import Order
from ris.patients.models import Patient
from tests.ris.hl7.incoming.hospital import a_sender, order, pid, send
from tests.ris.hl7.outgoing import destination, messages, sent
from tests.ris.hl7.outgoing.receiver import receiver
from tests.world import World


def placer_of(row: Order) -> str:
    return str(Order.objects.values_list("placer_number", flat=True).get(pk=row.pk))


def test_the_number_in_the_answer_is_the_orders_from_then_on(world: World, tmp_path: Path) -> None:
    with receiver(tmp_path) as hospital:
        where = destination(world.north, port=hospital.port, appointments=False, department_orders=True)
        placed = world.order()
        assert sent(where) == 1
        (row,) = OutgoingMessage.objects.all()
    assert row.state == "accepted"
    assert "ORC|NA|H-" in row.answer
    assert placer_of(placed) == f"H-{placed.filler_number}"
    assert AuditEvent.objects.filter(action="order.modified", actor_id="hl7").count() == 1
    (asked,) = messages()
    orc = asked.first("ORC")
    assert (orc.text(1), orc.text(2), orc.text(3)) == ("SN", "", placed.filler_number)
    assert asked.first("OBR").text(4) == "CTCHEST"


def test_a_placer_that_answers_later_is_understood_too(world: World) -> None:
    a_sender(world.north)
    send("ADT^A04", pid())
    placed = world.order(_person())
    assert send("ORM^O01", pid(), *order("NA", placer="PL9", filler=placed.filler_number)).code == "AA"
    assert placer_of(placed) == "PL9"
    assert send("ORM^O01", pid(), *order("NA", placer="PL9", filler=placed.filler_number)).code == "AA"
    other = send("ORM^O01", pid(), *order("NA", placer="PL8", filler=placed.filler_number))
    assert other.code == "AE"
    assert placer_of(placed) == "PL9"
    assert send("ORM^O01", pid(), *order("CA", placer="PL9")).code == "AA"
    assert Order.objects.get().state == "cancelled"


def _person() -> Patient:
    return Patient.objects.get()


def test_nothing_is_asked_of_who_does_not_want_it_or_has_numbered_the_order(world: World) -> None:
    destination(world.north)
    world.order()
    assert messages() == []
    destination(world.north, department_orders=True)
    a_sender(world.north)
    send("ADT^A04", pid())
    send("ORM^O01", pid(), *order())
    assert messages() == []
    world.order()
    assert [one.first("ORC").text(1) for one in messages()] == ["SN"]


def test_a_number_is_given_once_and_to_one_order(world: World) -> None:
    first, second = world.order(), world.order()
    take_placer_number(first, number="PL1", by=world.clerk)
    assert take_placer_number(first, number="PL1", by=world.clerk).revision == 1 + first.revision
    with pytest.raises(InvalidInput, match="another one"):
        take_placer_number(first, number="PL2", by=world.clerk)
    with pytest.raises(InvalidInput, match="Another order"):
        take_placer_number(second, number="PL1", by=world.clerk)
    with pytest.raises(InvalidInput):
        take_placer_number(second, number="x" * 65, by=world.clerk)
    assert [placer_of(one) for one in (first, second)] == ["PL1", ""]
