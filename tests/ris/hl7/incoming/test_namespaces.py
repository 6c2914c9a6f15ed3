"""The same order number of two systems is of two orders (EI of ORC-2, ORC-3, SCH-26)."""

from __future__ import annotations

import pytest

from ris.hl7.incoming.record import Sender
from ris.orders.actions import OrderDetails, place_order
from ris.orders.models import Order
from ris.patients.models import Patient
from ris.scheduling.models import Appointment
from tests.ris.hl7.incoming.hospital import a_sender, kept, order, pid, send, visit
from tests.world import World

pytestmark = pytest.mark.db


@pytest.fixture
def patient(world: World, sender: Sender) -> Patient:
    assert send("ADT^A04", pid()).code == "AA"
    return Patient.objects.get()


def states() -> dict[str, str]:
    return dict(Order.objects.values_list("placer_issuer", "state"))


def test_each_system_cancels_its_own(patient: Patient) -> None:
    for issuer in ("WARDS", "CLINIC"):
        said = send("ORM^O01", pid(), *order(placer=f"7^{issuer}"))
        assert (said.orders, said.message.first("ORC").text(2, 2)) == (["OK"], issuer)
    assert send("ORM^O01", pid(), *order("CA", placer="7^CLINIC")).orders == ["CR"]
    assert states() == {"WARDS": "active", "CLINIC": "cancelled"}


def test_a_number_without_a_namespace_is_of_its_sender(world: World, patient: Patient) -> None:
    a_sender(world.north, name="Lab", application="LAB")
    send("ORM^O01", pid(), *order(placer="7"))
    assert send("ORM^O01", pid(), *order("CA", placer="7"), application="LAB", number="OTHER").code == "AA"
    assert (kept("OTHER").state, states()) == ("parked", {"EPIC": "active"})
    Sender.objects.filter(application="LAB").update(placer_issuer="EPIC")
    assert send("ORM^O01", pid(), *order("CA", placer="7"), application="LAB").orders == ["CR"]


def test_a_universal_id_is_a_namespace_too(patient: Patient) -> None:
    send("ORM^O01", pid(), *order(placer="7^^1.2.840.99^ISO"))
    assert states() == {"1.2.840.99": "active"}
    assert send("ORM^O01", pid(), *order("CA", placer="7")).code == "AA"
    assert states() == {"1.2.840.99": "active"}, "that is another one's"


def test_what_was_typed_with_a_number_of_which_no_namespace_is_known_is_found(world: World, patient: Patient) -> None:
    details = OrderDetails(placer_number="7")
    place_order(patient, site=world.north, procedures=[world.procedure("CTCHEST")], details=details, by=world.clerk)
    assert send("ORM^O01", pid(), *order("CA", placer="7^WARDS")).orders == ["CR"]


def test_a_filler_number_of_somebody_else_is_not_ours(patient: Patient) -> None:
    send("ORM^O01", pid(), *order(placer="7"))
    ours = Order.objects.get().filler_number
    cancel = "ORC|CA||{}"
    assert send("ORM^O01", pid(), cancel.format(f"{ours}^LAB")).fault == ("ORC^1^2", "204")
    issuer = Order.objects.get().procedures.get().accession_issuer
    assert send("ORM^O01", pid(), cancel.format(f"{ours}^{issuer}")).orders == ["CR"]


def test_a_booking_names_the_order_with_its_namespace_or_by_our_number(patient: Patient) -> None:
    for issuer in ("WARDS", "CLINIC"):
        send("ORM^O01", pid(), *order(placer=f"7^{issuer}"))
    assert send("SIU^S12", pid(), *visit(placer="7^CLINIC")).code == "AA"
    booked = Appointment.objects.get().steps.get().requested_procedure.order
    assert booked.placer_issuer == "CLINIC"
    other = Order.objects.get(placer_issuer="WARDS")
    sch, *rest = visit("V2", placer=f"|{other.filler_number}", start="20270302083000")
    assert send("SIU^S12", pid(), sch, *rest).code == "AA"
    assert Appointment.objects.filter(steps__requested_procedure__order=other).exists()
