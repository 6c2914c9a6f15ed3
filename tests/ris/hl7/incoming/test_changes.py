"""Changes of orders: no side, exam or later word is lost, and what is not clear is said (table 0119)."""

from __future__ import annotations

import pytest

from ris.events.models import Event
from ris.hl7.incoming.record import Sender
from ris.orders.models import Order, Procedure
from ris.patients.models import Patient
from ris.scheduling.actions import start_step
from tests.ris.hl7.incoming.hospital import Answer, kept, order, pid, send
from tests.world import World

pytestmark = pytest.mark.db
EARLIER, LATER, LATEST = "20261121090000", "20261121100000", "20261121110000"


@pytest.fixture
def patient(world: World, sender: Sender) -> Patient:
    Procedure.objects.create(code="DXKNEE", name="Knee radiograph", modality="DX", paired=True)
    assert send("ADT^A04", pid()).code == "AA"
    return Patient.objects.get()


def knee(control: str, *sides: str, code: str = "DXKNEE", placer: str = "PL1") -> list[str]:
    """One order with an OBR for each side."""
    obrs = [f"OBR|{place}|{placer}||{code}|||||||||||^^^^{side}" for place, side in enumerate(sides, start=1)]
    return [f"ORC|{control}|{placer}", *obrs]


def exams(state: str = "active") -> list[tuple[str, str]]:
    rows = Order.objects.filter(state=state).order_by("pk").values_list("procedures__procedure__code", "procedures")
    sides = dict(Order.objects.values_list("procedures", "procedures__laterality"))
    return sorted((code, sides[key]) for code, key in rows)


def test_another_side_is_another_order_in_its_place(patient: Patient) -> None:
    assert send("ORM^O01", pid(), *knee("NW", "RT")).code == "AA"
    assert send("ORM^O01", pid(), *knee("XO", "LT")).orders == ["XR"]
    assert (exams(), exams("replaced")) == ([("DXKNEE", "L")], [("DXKNEE", "R")])


def test_another_side_of_what_has_begun_is_refused(world: World, patient: Patient) -> None:
    send("ORM^O01", pid(), *knee("NW", "RT"))
    Order.objects.get().procedures.update(procedure=world.procedure("CTCHEST"))
    start_step(world.step(world.booking(Order.objects.get())), by=world.technologist)
    Order.objects.get().procedures.update(procedure=world.procedure("DXKNEE"))
    said = send("ORM^O01", pid(), *knee("XO", "LT"))
    assert (said.code, said.orders, exams("in-progress")) == ("AE", ["UX"], [("DXKNEE", "R")])


def test_a_change_that_names_no_side_keeps_it(patient: Patient) -> None:
    send("ORM^O01", pid(), *knee("NW", "RT"))
    assert send("ORM^O01", pid(), *knee("XO", "")).orders == ["XR"]
    assert send("ORM^O01", pid(), *knee("XO", "RT")).orders == ["XR"]
    assert (exams(), Order.objects.count()) == ([("DXKNEE", "R")], 1)


def test_one_exam_on_both_knees_is_two_exams_each_on_its_side(patient: Patient) -> None:
    assert send("ORM^O01", pid(), *knee("NW", "RT", "LT")).code == "AA"
    assert exams() == [("DXKNEE", "L"), ("DXKNEE", "R")]
    assert send("ORM^O01", pid(), *knee("XO", "LT", "RT")).code == "AA"
    assert Order.objects.count() == 1, "the same exams in another order"
    assert send("ORM^O01", pid(), *knee("XO", "LT", "B")).orders == ["XR"]
    assert exams() == [("DXKNEE", "B"), ("DXKNEE", "L")]


def test_a_side_that_is_left_open_in_a_change_of_two_is_asked_for(patient: Patient) -> None:
    send("ORM^O01", pid(), *knee("NW", "RT", "LT"))
    said = send("ORM^O01", pid(), *knee("XO", "", "B"))
    assert (said.code, said.orders, said.fault[0]) == ("AE", ["UX"], "OBR^1^4")
    assert exams() == [("DXKNEE", "L"), ("DXKNEE", "R")]


@pytest.mark.parametrize(("control", "unable"), [("CA", "UC"), ("DC", "UD"), ("XO", "UX"), ("RP", "UM")])
def test_naming_fewer_exams_than_the_order_has_is_refused(patient: Patient, control: str, unable: str) -> None:
    send("ORM^O01", pid(), *order(code="CTCHEST"), *order(code="CTABD"))
    replacement = order("RO", placer="PL2", code="MRBRAIN") if control == "RP" else []
    said = send("ORM^O01", pid(), *order(control, code="CTABD"), *replacement)
    answers = [unable, "UA"] if replacement else [unable]
    assert (said.code, said.orders, said.fault) == ("AE", answers, ("OBR^1", "100"))
    assert exams() == [("CTABD", ""), ("CTCHEST", "")]


@pytest.mark.parametrize("named", [["ORC|CA|PL1"], [*order("CA", code="CTCHEST"), *order("CA", code="CTABD")]])
def test_naming_the_order_or_all_its_exams_cancels_it(patient: Patient, named: list[str]) -> None:
    send("ORM^O01", pid(), *order(code="CTCHEST"), *order(code="CTABD"))
    assert send("ORM^O01", pid(), *named).orders == ["CR"]
    assert Order.objects.get().state == "cancelled"


def test_an_order_is_replaced_by_several(patient: Patient) -> None:
    send("ORM^O01", pid(), *order(why="Fall", question="Pain"))
    ros = [*order("RO", placer="PL2", code="CTABD"), *order("RO", placer="PL3", code="MRBRAIN", why="")]
    weight = "OBX|1|NM|29463-7^Body weight^LN||82|kg|||||F"
    said = send("ORM^O01", pid(), *order("RP"), weight, *ros)
    old, *new = Order.objects.order_by("pk")
    assert (said.code, said.orders, old.state) == ("AA", ["RQ", "RO", "RO"], "replaced")
    assert [orc.text(3) for orc in said.message.all("ORC")][1:] == [one.filler_number for one in new]
    assert [(one.placer_number, one.reason, one.replaces) for one in new] == [
        ("PL2", "Cough", old),
        ("PL3", "Fall", old),
    ]
    assert {one.clinical_question for one in new} == {"Pain\nBody weight: 82 kg"}, "what RP observes is known of each"
    event = Event.objects.get(kind="order.replaced")
    assert event.payload["new_orders"] == [one.pk for one in new]


@pytest.mark.parametrize("second", ["", "PL2", "PL9", "NOWHERE"])
def test_all_that_replace_an_order_are_placed_or_none(patient: Patient, second: str) -> None:
    send("ORM^O01", pid(), *order())
    send("ORM^O01", pid(), *order(placer="PL9"))
    more = order("RO", placer=second or "", code="NOWHERE" if second == "NOWHERE" else "MRBRAIN")
    between = order("RO", placer="PL3", code="USABD") if second == "PL2" else []
    said = send("ORM^O01", pid(), "ORC|RP|PL1", *order("RO", placer="PL2", code="CTABD"), *between, *more)
    assert (said.code, said.orders[:2], set(said.orders[2:])) == ("AE", ["UM", "UA"], {"UA"})
    assert list(Order.objects.order_by("pk").values_list("state", flat=True)) == ["active", "active"]


def test_a_field_that_nothing_newer_spoke_of_is_changed_by_an_older_message(patient: Patient) -> None:
    send("ORM^O01", pid(), *order(why="First"), at=EARLIER)
    send("ORM^O01", pid(), "ORC|XO|PL1||||||||||||||^Newest", at=LATEST)
    urgent = ["ORC|XO|PL1||||||||||||||^Older", "TQ1|1||||||||S"]
    said = send("ORM^O01", pid(), *urgent, at=LATER)
    placed = Order.objects.get()
    assert (said.code, said.orders, placed.priority, placed.reason) == ("AA", ["XR"], "STAT", "Newest")
    assert said.message.first("ERR").text(8) == "Something newer is known and stays: reason."


def test_another_exam_that_comes_late_keeps_what_is_newer(patient: Patient) -> None:
    send("ORM^O01", pid(), *order(why="First"), at=EARLIER)
    send("ORM^O01", pid(), "ORC|XO|PL1||||||||||||||^Newest", at=LATEST)
    assert send("ORM^O01", pid(), *order("XO", code="CTABD", why="Older"), at=LATER).orders == ["XR"]
    assert (exams(), Order.objects.get(state="active").reason) == ([("CTABD", "")], "Newest")


def test_what_was_told_since_stays_beside_an_older_question(patient: Patient) -> None:
    weight = "OBX|1|NM|29463-7^Body weight^LN||82|kg|||||F"
    send("ORM^O01", pid(), *order(), at=EARLIER)
    send("ORM^O01", pid(), "ORC|XO|PL1", weight, at=LATEST)
    send("ORM^O01", pid(), "ORC|XO|PL1", "NTE|1||Smoker", at=LATER)
    assert Order.objects.get().clinical_question == "Body weight: 82 kg\nSmoker"


def changed(why: str, at: str, **more: str) -> Answer:
    return send("ORM^O01", pid(), *order("XO", why=why, **more), at=at)


def test_an_older_change_of_an_order_does_not_undo_a_newer_one(patient: Patient) -> None:
    send("ORM^O01", pid(), *order(why="First"), at=EARLIER)
    changed("Newest", LATEST)
    said = send("ORM^O01", pid(), *order("XO", why="Older", code="CTABD"), at=LATER, number="OLDER")
    assert (said.code, said.orders) == ("AA", ["XR"])
    assert (Order.objects.get().reason, "Something newer" in kept("OLDER").result) == ("Newest", True)
    send("ORM^O01", pid(), *order(placer="PL2", why="Another"), at=EARLIER)
    changed("Its own", LATER, placer="PL2")
    assert Order.objects.get(placer_number="PL2").reason == "Its own", "news of one order hide none of another"


def test_an_order_that_was_replaced_is_not_changed_by_an_older_word(patient: Patient) -> None:
    send("ORM^O01", pid(), *knee("NW", "RT"), at=EARLIER)
    send("ORM^O01", pid(), *knee("XO", "LT"), at=LATEST)
    assert send("ORM^O01", pid(), *knee("XO", "RT"), at=LATER).code == "AA"
    assert exams() == [("DXKNEE", "L")]


def test_news_that_gave_no_details_hide_no_change(patient: Patient) -> None:
    send("ORM^O01", pid(), *order(why="First"), at=EARLIER)
    send("ORM^O01", pid(), *order("SC", status="CM"), at=LATEST)
    changed("Changed", LATER)
    assert Order.objects.get().reason == "Changed"
