"""Codes that systems send beside those of the tables are understood, and no order is refused for its priority."""

from __future__ import annotations

import pytest

from ris.hl7.incoming.record import Sender, Translation
from ris.orders.models import Order
from ris.patients.models import Patient
from ris.scheduling.models import Appointment
from tests.ris.hl7.incoming.hospital import kept, order, pid, send, visit
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("sender")]
PRIORITIES = {
    "STAT": "STAT", "emergency": "STAT", "ASAP": "HIGH", "Urgent": "HIGH", "TS60": "MEDIUM", "TM5": "MEDIUM",
    "PRN": "ROUTINE", "ROUTINE": "ROUTINE", "LOW": "LOW",
}  # fmt: skip


@pytest.mark.parametrize(("sent", "priority"), PRIORITIES.items())
def test_a_priority_is_understood_in_words(world: World, sent: str, priority: str) -> None:
    send("ADT^A04", pid())
    assert send("ORM^O01", pid(), *order(priority=sent)).orders == ["OK"]
    made = Order.objects.get()
    assert (made.priority, made.clinical_question) == (priority, "")


def test_a_priority_of_no_table_stops_no_order_and_is_told(world: World, sender: Sender) -> None:
    send("ADT^A04", pid())
    assert send("ORM^O01", pid(), *order(priority="CRIT", question="Fall"), number="NEW").orders == ["OK"]
    made = Order.objects.get()
    assert (made.priority, made.clinical_question) == ("ROUTINE", "Fall\nPriority as it was sent: CRIT")
    assert "The priority in TQ1^1^9 could not be kept and was left out." in kept("NEW").result
    Translation.objects.create(sender=sender, table="priority", theirs="CRIT", ours="STAT")
    send("ORM^O01", pid(), *order("XO", priority="CRIT", question="Fall"))
    made.refresh_from_db()
    assert (made.priority, made.clinical_question) == ("STAT", "Fall")


def test_a_change_with_a_priority_of_no_table_keeps_the_one_that_is_known(world: World) -> None:
    send("ADT^A04", pid())
    send("ORM^O01", pid(), *order(priority="S"))
    assert send("ORM^O01", pid(), *order("XO", priority="CRIT")).orders == ["XR"]
    assert Order.objects.get().priority == "STAT"


@pytest.mark.parametrize(("sent", "sex"), [("X", "O"), ("Male", "M"), ("FEMALE", "F"), ("UNK", ""), ("other", "O")])
def test_a_sex_is_understood_in_words(world: World, sent: str, sex: str) -> None:
    assert send("ADT^A04", pid(sex=sent)).code == "AA"
    assert Patient.objects.get().sex == sex


@pytest.mark.parametrize(
    ("length", "unit"), [("20", "MINUTES"), ("20", "mins"), ("20", "^minutes"), ("1200", "Seconds"), ("20", "TAKT")]
)
def test_a_length_is_understood_in_the_words_of_the_scheduler(
    world: World, sender: Sender, length: str, unit: str
) -> None:
    Translation.objects.create(sender=sender, table="unit", theirs="TAKT", ours="min")
    send("ADT^A04", pid())
    send("ORM^O01", pid(), *order())
    segments = [segment.replace("|20|min", f"|{length}|{unit}") for segment in visit()]
    assert send("SIU^S12", pid(), *segments).code == "AA"
    made = Appointment.objects.get()
    assert (made.end - made.start).total_seconds() == 20 * 60
