"""From when an exam is wanted: TQ1-7, ORC-7.4, OBR-27.4; and what of it goes out again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ris.hl7.incoming.record import FieldRule, Sender
from ris.orders.actions import cancel_order
from ris.orders.models import Order
from tests.ris.hl7.incoming.hospital import kept, order, pid, send
from tests.ris.hl7.outgoing import destination, messages
from tests.world import World

HALF_PAST_NINE = "20270305093000"


def orc(control: str = "NW", start: str = HALF_PAST_NINE, placer: str = "PL1") -> str:
    return f"ORC|{control}|{placer}|||||^^^{start}"


def obr(start: str = "") -> str:
    return f"OBR|1|PL1||CTCHEST^CT^L{'|' * 23}^^^{start}^^R"


def site_time(world: World, year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=world.north.zone).astimezone(UTC)


def wanted() -> datetime | None:
    return Order.objects.order_by("-pk").values_list("wanted_from", flat=True)[0]


@pytest.mark.parametrize(
    ("kind", "segments"),
    [
        ("ORM^O01", [orc(), obr()]),
        ("ORM^O01", [orc(start=""), obr(HALF_PAST_NINE)]),
        ("OMI^O23", [orc(start=""), f"TQ1|1||||||{HALF_PAST_NINE}||R", obr(), "IPC|"]),
        ("OMG^O19", [orc(start="20270401"), f"TQ1|1||||||{HALF_PAST_NINE}", obr()]),
    ],
    ids=["ORC-7.4", "OBR-27.4", "TQ1-7", "TQ1-7 before ORC-7.4"],
)
def test_the_wanted_time_is_kept_by_the_sites_clock(
    world: World, sender: Sender, kind: str, segments: list[str]
) -> None:
    send("ADT^A04", pid())
    assert send(kind, pid(), *segments).code == "AA"
    assert wanted() == site_time(world, 2027, 3, 5, 9, 30)


def test_an_offset_counts_and_a_day_begins_at_the_site(world: World, sender: Sender) -> None:
    send("ADT^A04", pid())
    send("ORM^O01", pid(), orc(start=f"{HALF_PAST_NINE}+0500"), obr())
    assert wanted() == datetime(2027, 3, 5, 4, 30, tzinfo=UTC)
    send("ORM^O01", pid(), orc("XO", start="20270305"), obr())
    assert wanted() == site_time(world, 2027, 3, 5)


def test_a_change_moves_it_keeps_it_where_it_says_nothing_and_deletes_it_with_two_quotes(
    world: World, sender: Sender
) -> None:
    send("ADT^A04", pid())
    send("ORM^O01", pid(), orc(), obr())
    send("ORM^O01", pid(), *order("XO", priority="S"))
    assert wanted() == site_time(world, 2027, 3, 5, 9, 30)
    send("ORM^O01", pid(), orc("XO", start="20270306093000"), obr())
    assert wanted() == site_time(world, 2027, 3, 6, 9, 30)
    assert send("OMG^O19", pid(), orc("XO", start=""), 'TQ1|1||||||""', obr()).code == "AA"
    assert wanted() is None


@pytest.mark.parametrize("said", ["soon", "20271399", "00010101", "99990101"])
def test_a_time_that_cannot_be_kept_is_left_out_and_named_and_refuses_no_order(
    world: World, sender: Sender, said: str
) -> None:
    send("ADT^A04", pid())
    assert send("ORM^O01", pid(), orc(start=said), obr(), number="W1").code == "AA"
    assert wanted() is None
    assert "The time from which it is wanted in TQ1^1^7 could not be kept" in kept("W1").result


def test_a_sender_may_have_it_elsewhere(world: World, sender: Sender) -> None:
    FieldRule.objects.create(sender=sender, target="order.wanted", paths="OBR-6")
    send("ADT^A04", pid())
    send("ORM^O01", pid(), orc(), "OBR|1|PL1||CTCHEST^CT^L||20270401")
    assert wanted() == site_time(world, 2027, 4, 1)


def test_a_message_about_an_exam_without_appointment_says_when_it_is_wanted(world: World, sender: Sender) -> None:
    destination(world.north, reports=False, appointments=False)
    send("ADT^A04", pid())
    send("ORM^O01", pid(), orc(), obr())
    cancel_order(Order.objects.get(), reason="Not needed", by=world.clerk)
    (told,) = messages("order")
    moment = datetime.strptime(told.first("ORC").text(7, 4), "%Y%m%d%H%M%S%z")
    assert moment == site_time(world, 2027, 3, 5, 9, 30)
