"""An order in the place of another: its placer keeps its number, learns the new ones, and hears nothing of its own."""

from __future__ import annotations

from ris.hl7.er7 import Message
from ris.orders.actions import OrderDetails, Replacement, replace_order
from ris.orders.models import Order, Procedure
from tests.ris.hl7.incoming.hospital import a_sender, order, pid, send
from tests.ris.hl7.outgoing import destination, messages
from tests.world import World

Told = list[tuple[str, str, str, str, str]]


def told(one: Message) -> Told:
    """Of each ORC with its OBR: ORC-1, ORC-2, ORC-3, ORC-5, OBR-18."""
    heads, exams = one.all("ORC"), one.all("OBR")
    return [
        (orc.text(1), orc.text(2), orc.text(3), orc.text(5), obr.text(18))
        for orc, obr in zip(heads, exams, strict=True)
    ]


def replaced(world: World, old: Order, placer: str = "") -> Order:
    details = OrderDetails(reason="Cough", placer_number=placer, placer_issuer="HIS" if placer else "")
    abdomen = Procedure.objects.get(code="USABD")
    instead = Replacement(procedures=[abdomen], details=details, reason="Other exam", sides={})
    return replace_order(old, instead=instead, by=world.clerk)


def placed(world: World, number: str = "PL1") -> Order:
    made = world.order()
    Order.objects.filter(pk=made.pk).update(placer_number=number, placer_issuer="HIS" if number else "")
    made.refresh_from_db()
    return made


def test_a_placers_number_that_lives_on_is_never_told_as_cancelled_and_names_the_new_exam(world: World) -> None:
    destination(world.north, reports=False, appointments=False)
    old = placed(world)
    new = replaced(world, old)
    [one] = messages("order")
    accession = new.procedures.get().accession_number
    assert told(one) == [("XX", "PL1", new.filler_number, "SC", accession)]
    assert one.first("OBR").text(4) == "USABD"
    assert one.first("ZDS").text(1) == new.procedures.get().study_instance_uid


def test_under_another_number_or_none_the_old_order_and_the_new_one_go_in_one_message(world: World) -> None:
    destination(world.north, reports=False, appointments=False, order_form="OMI^O23")
    old, plain = placed(world), placed(world, "")
    new, newer = replaced(world, old, "PL2"), replaced(world, plain)
    first, second = messages("order")
    assert told(first) == [
        ("RU", "PL1", old.filler_number, "RP", old.procedures.get().accession_number),
        ("RO", "PL2", new.filler_number, "SC", new.procedures.get().accession_number),
    ]
    assert [one.text(1) for one in first.all("IPC")] == [one[4] for one in told(first)]
    assert [one[:3] for one in told(second)] == [("RU", "", plain.filler_number), ("RO", "", newer.filler_number)]


def test_a_placer_hears_nothing_unasked_of_what_it_did_itself_and_others_do(world: World) -> None:
    a_sender(world.north)
    destination(world.north, name="Placer", receiving_application="EPIC", receiving_facility="WARD", appointments=False)
    destination(world.north, name="Ward", appointments=False)
    send("ADT^A04", pid())
    for number in ("PL1", "PL2"):
        send("ORM^O01", pid(), *order(placer=number))
    answers = [send("ORM^O01", pid(), *order("XO", code="CTABD")), send("ORM^O01", pid(), *order("CA", placer="PL2"))]
    assert [one.orders for one in answers] == [["XR"], ["CR"]]
    assert messages("order", destination__name="Placer") == []
    new = Order.objects.get(placer_number="PL1", state="active")
    assert [told(one)[0][:3] for one in messages("order", destination__name="Ward")] == [
        ("XX", "PL1", new.filler_number),
        ("OC", "PL2", Order.objects.get(placer_number="PL2").filler_number),
    ]
    world.booking(new)
    assert [told(one)[0][:3] for one in messages("order", destination__name="Placer")] == [
        ("SC", "PL1", new.filler_number)
    ]
