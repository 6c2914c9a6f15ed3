"""ORM, OMI and OMG: what comes in is what a clerk would have typed, and what cannot be is said."""

from __future__ import annotations

import pytest

from ris.hl7.incoming.record import FieldRule, Sender, Translation
from ris.orders.models import Order
from ris.patients.models import Patient
from ris.scheduling.actions import start_step
from tests.ris.hl7.incoming.hospital import kept, order, pid, send
from tests.world import World

pytestmark = pytest.mark.db


@pytest.fixture
def patient(world: World, sender: Sender) -> Patient:
    assert send("ADT^A04", pid()).code == "AA"
    return Patient.objects.get()


@pytest.mark.parametrize(("kind", "answer"), [("ORM^O01", "ORR^O02"), ("OMI^O23", "ORI^O24"), ("OMG^O19", "ORG^O20")])
def test_a_new_order_is_placed_and_answered_with_our_numbers(patient: Patient, kind: str, answer: str) -> None:
    said = send(kind, pid(), *order(priority="S", why="Haemoptysis", question="Smoker"))
    placed = Order.objects.get()
    requested = placed.procedures.get()
    assert (said.code, said.message.kind, said.orders) == ("AA", answer, ["OK"])
    assert said.message.first("ORC").text(3) == placed.filler_number
    assert said.message.first("OBR").text(18) == requested.accession_number
    assert (placed.patient, placed.placer_number, placed.priority) == (patient, "PL1", "STAT")
    assert (placed.reason, placed.clinical_question) == ("Haemoptysis", "Smoker")
    assert placed.referrer_name == "Referrer^Frank^^Dr."
    assert requested.procedure.code == "CTCHEST"
    assert requested.steps.get().modality == "CT"


def test_a_sender_of_plain_acknowledgements_gets_only_those(patient: Patient, sender: Sender) -> None:
    Sender.objects.update(plain_answers=True)
    said = send("ORM^O01", pid(), *order())
    assert (said.code, said.message.kind, said.orders) == ("AA", "ACK^O01", [])


def test_several_procedures_under_one_placer_number_are_one_order(patient: Patient) -> None:
    send("ORM^O01", pid(), *order(code="CTCHEST"), *order(code="CTABD"))
    assert sorted(Order.objects.get().procedures.values_list("procedure__code", flat=True)) == ["CTABD", "CTCHEST"]


def test_orders_of_one_message_are_all_placed_or_none(patient: Patient) -> None:
    said = send("ORM^O01", pid(), *order(placer="A"), *order(placer="B", code="NONSENSE"))
    assert (said.code, said.fault, said.orders) == ("AE", ("OBR^1^44", "103"), ["UA", "UA"])
    first, second = said.message.all("ORC")
    assert (first.text(2), first.text(16, 2)) == ("A", "Not done, as another order of this message could not be.")
    assert (second.text(2), second.text(16, 2)[:42]) == ("B", "This procedure is not in our catalogue. An")
    assert not Order.objects.exists()
    assert send("ORM^O01", pid(), *order(placer="A"), *order(placer="B", code="USABD")).orders == ["OK", "OK"]


def test_each_order_is_named_where_nothing_of_a_message_can_be_done(patient: Patient) -> None:
    send("ORM^O01", pid(), *order(placer="A"))
    said = send("ORM^O01", pid(name="Other^Man", born="19990101"), *order("CA", placer="A"), *order(placer="B"))
    assert (said.code, said.orders, said.fault) == ("AE", ["UC", "UA"], ("PID^1^3", "204"))


def test_a_changed_order_keeps_what_the_message_does_not_speak_of(patient: Patient) -> None:
    send("ORM^O01", pid(), *order(why="Cough", question="Smoker"))
    said = send("ORM^O01", pid(), *order("XO", priority="S", why=""))
    changed = Order.objects.get()
    assert (said.code, said.orders) == ("AA", ["XR"])
    assert (changed.priority, changed.reason, changed.clinical_question) == ("STAT", "Cough", "Smoker")


def test_another_procedure_is_another_order_in_its_place(patient: Patient) -> None:
    send("ORM^O01", pid(), *order())
    assert send("ORM^O01", pid(), *order("XO", code="CTABD")).orders == ["XR"]
    old, new = Order.objects.order_by("pk")
    assert (old.state, new.replaces, new.placer_number) == ("replaced", old, "PL1")


def test_an_order_is_replaced_by_the_one_that_ro_brings(patient: Patient) -> None:
    send("ORM^O01", pid(), *order())
    said = send("ORM^O01", pid(), "ORC|RP|PL1", *order("RO", placer="PL2", code="CTABD"))
    old, new = Order.objects.order_by("pk")
    assert (said.code, said.orders) == ("AA", ["RQ", "RO"])
    assert (old.state, new.replaces, new.placer_number) == ("replaced", old, "PL2")


@pytest.mark.parametrize(
    ("control", "status", "answer"), [("CA", "", "CR"), ("OC", "", "CR"), ("DC", "", "DR"), ("SC", "CA", "OK")]
)
def test_an_order_on_which_nothing_was_done_is_cancelled(
    patient: Patient, control: str, status: str, answer: str
) -> None:
    send("ORM^O01", pid(), *order())
    said = send("ORM^O01", pid(), *order(control, status=status, reason="^Patient went home"))
    cancelled = Order.objects.get()
    assert (said.code, said.orders) == ("AA", [answer])
    assert (cancelled.state, cancelled.cancel_reason) == ("cancelled", "Patient went home")
    assert cancelled.procedures.get().steps.get().state == "CANCELED"


@pytest.mark.parametrize(("control", "unable"), [("CA", "UC"), ("RP", "UM")])
def test_what_has_begun_is_not_undone_and_that_is_said(
    world: World, patient: Patient, control: str, unable: str
) -> None:
    send("ORM^O01", pid(), *order())
    start_step(world.step(world.booking(Order.objects.get())), by=world.technologist)
    said = send("ORM^O01", pid(), *order(control))
    assert (said.code, said.orders, said.fault[1]) == ("AE", [unable], "207")
    assert Order.objects.get().state == "in-progress"


def test_what_has_begun_is_discontinued(world: World, patient: Patient) -> None:
    send("ORM^O01", pid(), *order())
    start_step(world.step(world.booking(Order.objects.get())), by=world.technologist)
    assert send("ORM^O01", pid(), *order("DC")).orders == ["DR"]
    assert Order.objects.get().state == "discontinued"


@pytest.mark.parametrize(("control", "unable"), [("HD", "UH"), ("RL", "UR")])
def test_what_the_workflow_has_no_word_for_is_answered_as_unable(patient: Patient, control: str, unable: str) -> None:
    send("ORM^O01", pid(), *order())
    said = send("ORM^O01", pid(), *order(control))
    assert (said.code, said.orders) == ("AE", [unable])


def test_a_status_that_only_our_devices_know_changes_nothing(patient: Patient) -> None:
    send("ORM^O01", pid(), *order())
    assert send("ORM^O01", pid(), *order("SC", status="CM")).code == "AA"
    assert Order.objects.get().state == "active"


@pytest.mark.parametrize(
    ("segments", "fault"),
    [
        ([pid()], ("ORC^1", "100")),
        ([pid(), *order(placer="")], ("ORC^1^2", "101")),
        ([pid(), "ORC|NW|PL1"], ("OBR^1", "100")),
        ([pid(), *order(code="")], ("OBR^1^44", "101")),
        ([pid(), *order("ZZ")], ("ORC^1^1", "103")),
        (["PID|1||||Møller", *order()], ("PID^1^3", "101")),
        ([pid(name="Other^Man", born="19990101", sex="M"), *order()], ("PID^1^3", "204")),
        ([pid(), *order("CA", placer="")], ("ORC^1^2", "204")),
    ],
)
def test_what_is_wrong_is_said_with_its_place(patient: Patient, segments: list[str], fault: tuple[str, str]) -> None:
    said = send("ORM^O01", *segments)
    assert (said.code, said.fault) == ("AE", fault)
    assert not Order.objects.exists()


def test_a_placer_number_is_used_once(patient: Patient) -> None:
    send("ORM^O01", pid(), *order())
    assert send("ORM^O01", pid(), *order()).fault == ("ORC^1^2", "205")


def test_nobody_cancels_the_order_of_another(world: World, patient: Patient) -> None:
    send("ORM^O01", pid(), *order())
    send("ADT^A04", pid("P200", "Other^Man", "19990101", "M"))
    assert send("ORM^O01", pid("P200", "Other^Man", "19990101", "M"), *order("CA")).fault == ("PID^1^3", "204")
    assert Order.objects.get().state == "active"


def test_a_sender_may_write_things_elsewhere_and_in_its_own_codes(patient: Patient, sender: Sender) -> None:
    FieldRule.objects.create(sender=sender, target="order.procedure", paths="ZPR-2.1, OBR-4.1")
    Translation.objects.create(sender=sender, table="procedure", theirs="4711", ours="MRBRAIN")
    assert send("ORM^O01", pid(), *order(code="CTCHEST"), "ZPR|1|4711^Head").code == "AA"
    assert Order.objects.get().procedures.get().procedure.code == "MRBRAIN"


def test_a_procedure_may_be_named_by_its_loinc_code(patient: Patient) -> None:
    send("OMI^O23", pid(), "ORC|NW|PL1", "OBR|1|PL1||24627-2^CT chest^LN")
    assert Order.objects.get().procedures.get().procedure.code == "CTCHEST"


def test_a_message_says_what_came_of_it_without_names(patient: Patient) -> None:
    send("ORM^O01", pid(), *order(), number="X1")
    row = kept("X1")
    assert (row.state, row.order_ids, row.patient_id_known) == ("done", [Order.objects.get().pk], patient.pk)
    assert "ller" not in row.result
