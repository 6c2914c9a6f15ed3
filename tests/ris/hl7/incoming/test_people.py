"""ADT: people by their numbers, whatever order their messages come in (IHE RAD-1, RAD-12, PIR)."""

from __future__ import annotations

from datetime import date

import pytest

from ris.hl7.incoming.parking import replay_due
from ris.hl7.incoming.record import Sender, Translation
from ris.orders.models import Order
from ris.patients.actions import add_identifier, register_temporary
from ris.patients.models import Patient, PatientIdentifier
from tests.ris.hl7.incoming.hospital import a_sender, kept, order, pid, send
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("sender")]


@pytest.mark.parametrize("event", ["A01", "A04", "A05", "A28"])
def test_a_new_person_is_registered_under_the_hospitals_number(world: World, event: str) -> None:
    assert send(f"ADT^{event}", pid(name="Møller^Åse^Marie^Jr^Dr", sex="U")).code == "AA"
    known = Patient.objects.get()
    assert (known.person_name, known.birth_date, known.sex) == ("Møller^Åse^Marie^Dr^Jr", date(1961, 5, 17), "")
    assert known.identifiers.get().value == "P100"
    assert known.identifiers.get().issuer == world.north.patient_id_issuer


def test_numbers_of_other_authorities_stand_beside_our_own(world: World, sender: Sender) -> None:
    Translation.objects.create(sender=sender, table="authority", theirs="MRN-N", ours="NORTHGATE")
    send("ADT^A04", pid("7^^^MRN-N~K-1^^^KASSE&1.2.3&ISO"))
    found = PatientIdentifier.objects.order_by("issuer").values_list("issuer", "value")
    assert list(found) == [("KASSE", "K-1"), ("NORTHGATE", "7")]


def test_empty_keeps_and_two_quotes_delete(world: World) -> None:
    send("ADT^A04", pid(name="Møller^Åse^Marie") + "|||||555")
    send("ADT^A08", 'PID|1||P100||^""|', at="20261121090000")
    known = Patient.objects.get()
    assert (known.family_name, known.given_name, known.middle_name) == ("Møller", "", "Marie")
    assert (known.phone, known.birth_date) == ("555", date(1961, 5, 17))


def test_names_in_other_scripts_are_told_apart_by_their_code(world: World) -> None:
    send("ADT^A04", pid(name="Yamada^Tarou^^^^^^A~山田^太郎^^^^^^I~やまだ^たろう^^^^^^P"))
    assert Patient.objects.get().person_name == "Yamada^Tarou=山田^太郎=やまだ^たろう"


def test_an_older_message_changes_nothing_of_what_a_newer_one_said(world: World) -> None:
    send("ADT^A04", pid())
    send("ADT^A08", pid(name="Newer^Name"), at="20261121100000")
    assert send("ADT^A08", pid(name="Older^Name"), at="20261121093000").code == "AA"
    assert Patient.objects.get().family_name == "Newer"


@pytest.mark.parametrize("event", ["A01", "A04", "A05", "A28"])
def test_who_comes_under_the_number_of_somebody_else_overwrites_nobody(world: World, event: str) -> None:
    send("ADT^A04", pid(name="Mother^Maria", born="19900101"))
    said = send(f"ADT^{event}", pid(name="Newborn^Nora", born="20270301"))
    assert said.code == "AE"
    assert "another name and another date of birth" in said.message.first("MSA").text(3)
    assert Patient.objects.get().family_name == "Mother"
    assert send("ADT^A08", pid(name="Corrected^Maria", born="19900102")).code == "AA"
    assert Patient.objects.get().family_name == "Corrected"


@pytest.mark.parametrize("event", ["A08", "A31", "A47", "A40"])
def test_news_of_somebody_unknown_wait_for_them(world: World, event: str) -> None:
    said = send(f"ADT^{event}", pid(), "MRG|P100", number="EARLY")
    assert said.code == "AA"
    assert kept("EARLY").state == "parked"
    assert not Patient.objects.exists()


def test_an_update_that_came_first_is_done_once_the_person_is_known(world: World) -> None:
    send("ADT^A08", pid(name="Møller-Holm^Åse"), number="EARLY", at="20261121100000")
    send("ADT^A04", pid(), at="20261121080000")
    assert kept("EARLY").state == "done"
    assert Patient.objects.get().family_name == "Møller-Holm"


def test_an_order_that_came_before_its_patient_is_placed_once_they_are_known(world: World) -> None:
    assert send("ORM^O01", pid(), *order(), number="EARLY").code == "AA"
    assert not Order.objects.exists()
    send("ADT^A04", pid())
    assert Order.objects.get().placer_number == "PL1"
    assert kept("EARLY").state == "done"


def test_a_cancellation_before_its_order_before_its_patient_ends_as_sent(world: World) -> None:
    send("ADT^A04", pid("P200", "Other^One"))
    send("ORM^O01", pid("P200", "Other^One"), *order("CA", placer="PL9"))
    send("ORM^O01", pid(), *order("CA"), number="CANCEL")
    send("ORM^O01", pid(), *order("NW"), number="NEW")
    assert (kept("CANCEL").state, kept("NEW").state) == ("parked", "parked")
    send("ADT^A04", pid())
    assert Order.objects.get().state == "cancelled"


def test_orders_may_register_patients_where_the_sender_is_told_so(world: World) -> None:
    Sender.objects.update(registers_from_orders=True)
    assert send("ORM^O01", pid(), *order()).orders == ["OK"]
    assert Order.objects.get().patient.family_name == "Møller"


def test_a_merge_makes_one_person_whose_orders_stay(world: World) -> None:
    send("ADT^A04", pid("OLD", "Moller^Aase"))
    send("ADT^A04", pid("NEW"))
    send("ORM^O01", pid("OLD", "Moller^Aase"), *order())
    assert send("ADT^A40", pid("NEW"), "MRG|OLD").code == "AA"
    kept_person = Patient.objects.get(merged_into=None)
    assert Order.objects.get().patient.current == kept_person
    assert send("ORM^O01", pid("OLD"), *order(placer="PL2")).code == "AA"
    assert Order.objects.get(placer_number="PL2").patient == kept_person


def test_a_merge_before_the_orders_it_concerns_waits_for_the_record(world: World) -> None:
    send("ADT^A04", pid("NEW"))
    send("ADT^A40", pid("NEW"), "MRG|OLD", number="MERGE")
    assert kept("MERGE").state == "parked"
    send("ORM^O01", pid("OLD", "Moller^Aase"), *order(), number="ORDER")
    send("ADT^A04", pid("OLD", "Moller^Aase"))
    assert (kept("MERGE").state, kept("ORDER").state) == ("done", "done")
    assert Order.objects.get().patient.current == Patient.objects.get(merged_into=None)


@pytest.mark.parametrize("first", ["merge", "order"])
def test_who_was_merged_away_before_anything_was_known_of_them_comes_with_their_order(world: World, first: str) -> None:
    send("ADT^A04", pid("NEW"))
    if first == "merge":
        send("ADT^A40", pid("NEW"), "MRG|OLD", number="MERGE")
    send("ORM^O01", pid("OLD", "Moller^Aase"), *order(), number="ORDER")
    if first == "order":
        assert kept("ORDER").state == "parked", "without a merge nobody is registered by an order"
        send("ADT^A40", pid("NEW"), "MRG|OLD", number="MERGE")
    assert (kept("MERGE").state, kept("ORDER").state) == ("done", "done")
    stayed = Patient.objects.get(merged_into=None)
    assert Order.objects.get().patient.current == stayed
    assert stayed.given_name == "Åse"


def test_a_merge_of_another_sender_registers_nobody(world: World) -> None:
    a_sender(world.north, name="Other", application="OTHER")
    send("ADT^A40", pid("NEW"), "MRG|OLD", number="MERGE", application="OTHER")
    send("ORM^O01", pid("OLD"), *order(), number="ORDER")
    assert (kept("MERGE").state, kept("ORDER").state) == ("parked", "parked")


def test_a_message_waits_for_any_number_of_its_patient(world: World) -> None:
    both = pid("E77^^^EPI~P100^^^NORTH")
    send("ORM^O01", both, *order(), number="ORDER")
    assert kept("ORDER").state == "parked"
    send("ADT^A04", pid("P100^^^NORTH"))
    assert kept("ORDER").state == "done"
    assert not kept("ORDER").also_waits_for.exists()


def test_a_message_that_waits_is_done_when_a_desk_gives_the_patient_any_of_its_numbers(world: World) -> None:
    send("ORM^O01", pid("E77^^^EPI~F88^^^FOREIGN"), *order(), number="ORDER")
    patient = world.patient("Møller", "Åse")
    add_identifier(patient, issuer="FOREIGN", value="F88", by=world.clerk)
    replay_due()
    assert kept("ORDER").state == "done"
    assert Order.objects.get().patient == patient


def test_merging_twice_is_merging_once(world: World) -> None:
    send("ADT^A04", pid("OLD"))
    send("ADT^A40", pid("NEW"), "MRG|OLD")
    assert send("ADT^A40", pid("NEW"), "MRG|OLD").code == "AA"
    assert Patient.objects.filter(merged_into=None).count() == 1


def test_a_changed_number_is_sent_out_from_then_on_and_the_old_one_still_found(world: World) -> None:
    send("ADT^A04", pid("OLD"))
    assert send("ADT^A47", pid("NEW"), "MRG|OLD").code == "AA"
    known = Patient.objects.get()
    number = known.identifier_at(world.north)
    assert number is not None
    assert number.value == "NEW"
    assert send("ORM^O01", pid("OLD"), *order()).code == "AA"


def test_a_number_of_another_patient_is_not_taken_over(world: World) -> None:
    send("ADT^A04", pid("OLD"))
    send("ADT^A04", pid("NEW", "Other^One", "19900101"))
    assert send("ADT^A47", pid("NEW"), "MRG|OLD").fault == ("PID^1^3", "205")


def test_numbers_of_two_patients_in_one_pid_are_refused(world: World) -> None:
    send("ADT^A04", pid("1"))
    send("ADT^A04", pid("2", "Other^One", "19900101"))
    assert send("ADT^A08", pid("1~2")).fault == ("PID^1^3", "205")


@pytest.mark.parametrize(
    ("segment", "fault"),
    [
        (pid(name=""), ("PID^1^5^1^1", "102")),
        (pid(born="19619999"), ("PID^1^7", "102")),
        (pid(born="29610101"), ("PID^1^7", "102")),
        (pid(sex="Q"), ("PID^1^8", "103")),
        (pid(name="A\\E\\B^C"), ("PID^1^5^1^1", "102")),
        (pid("1*"), ("PID^1^3", "102")),
    ],
)
def test_what_cannot_be_used_of_a_person_is_said_with_its_place(
    world: World, segment: str, fault: tuple[str, str]
) -> None:
    said = send("ADT^A04", segment)
    assert (said.code, said.fault) == ("AE", fault)
    assert not Patient.objects.exists()


def test_a_person_who_was_unknown_is_identified_on_the_same_record(world: World) -> None:
    unknown = register_temporary(site=world.north, by=world.clerk)
    number = unknown.identifiers.get().value
    assert send("ADT^A08", pid(number)).code == "AA"
    unknown.refresh_from_db()
    assert (unknown.temporary, unknown.family_name) == (False, "Møller")


A47_OVERLAPS = [
    ("NEW~SSN^^^STATE", "OLD", {"NEW": False, "SSN": False, "OLD": True}),
    ("NEW~SSN^^^STATE", "OLD~SSN^^^STATE", {"NEW": False, "SSN": False, "OLD": True}),
    ("NEW~OTHER^^^KASSE", "OLD", {"NEW": False, "SSN": False, "OTHER": False, "OLD": True}),
]


@pytest.mark.parametrize(("pid_3", "mrg_1", "retired"), A47_OVERLAPS)
def test_a_new_number_comes_beside_those_that_are_known_and_only_what_is_not_repeated_goes(
    world: World, pid_3: str, mrg_1: str, retired: dict[str, bool]
) -> None:
    send("ADT^A04", pid("OLD~SSN^^^STATE"))
    assert send("ADT^A47", pid(pid_3), f"MRG|{mrg_1}").code == "AA"
    assert dict(PatientIdentifier.objects.values_list("value", "retired")) == retired
    assert send("ORM^O01", pid("NEW"), *order()).code == "AA"
    assert Order.objects.get().patient == Patient.objects.get()


def test_a_merge_brings_the_numbers_of_the_survivor_too(world: World) -> None:
    send("ADT^A04", pid("OLD", "Moller^Aase"))
    send("ADT^A04", pid("NEW"))
    assert send("ADT^A40", pid("NEW~LATER^^^KASSE"), "MRG|OLD").code == "AA"
    found = PatientIdentifier.objects.get(value="LATER")
    assert (found.issuer, found.patient) == ("KASSE", Patient.objects.get(merged_into=None))


def test_a_number_that_both_records_have_to_do_with_stops_no_merge(world: World) -> None:
    send("ADT^A04", pid("OLD~SSN^^^STATE", "Moller^Aase"))
    send("ADT^A04", pid("NEW"))
    assert send("ADT^A40", pid("NEW~SSN^^^STATE"), "MRG|OLD").code == "AA"
    assert Patient.objects.filter(merged_into=None).get().identifiers.get().value == "NEW"


def test_all_merges_of_a_message_are_done_or_none(world: World) -> None:
    """PID and MRG repeat in A40 (3.3.40)."""
    for number in ("OLD1", "NEW1", "OLD2", "NEW2"):
        send("ADT^A04", pid(number, f"Of{number[-1]}^Them"))
    several = [pid("NEW1", "Of1^Them"), "MRG|OLD1", pid("NEW2", "Of2^Them"), "MRG|OLD2"]
    assert send("ADT^A40", *several[:3]).fault == ("MRG^1", "100")
    send("ADT^A40", *several[:3], "MRG|OLD3", number="EARLY")
    assert (kept("EARLY").state, Patient.objects.exclude(merged_into=None).count()) == ("parked", 0)
    assert send("ADT^A40", *several).code == "AA"
    heads = dict(PatientIdentifier.objects.values_list("value", "patient__merged_into__identifiers__value"))
    assert heads == {"OLD1": "NEW1", "NEW1": None, "OLD2": "NEW2", "NEW2": None}


def test_two_records_may_be_merged_into_one_at_once(world: World) -> None:
    for number in ("OLD1", "OLD2", "NEW"):
        send("ADT^A04", pid(number))
    assert send("ADT^A40", pid("NEW"), "MRG|OLD1", "MRG|OLD2").code == "AA"
    assert PatientIdentifier.objects.get(patient__merged_into=None).value == "NEW"


@pytest.mark.parametrize("event", ["A11", "A38", "A40", "A47"])
def test_what_carries_no_data_hides_no_older_data(world: World, event: str) -> None:
    send("ADT^A04", pid("P100"))
    send("ADT^A04", pid("LOSER", "Moller^Aase"))
    old = {"A40": "MRG|LOSER", "A47": "MRG|P100"}.get(event, "MRG|")
    new = {"A47": "P101"}.get(event, "P100")
    assert send(f"ADT^{event}", pid(new), old, at="20261121120000").code == "AA"
    send("ADT^A08", pid(new, name="Newer^Name"), at="20261121100000")
    assert Patient.objects.filter(family_name="Newer").exists()


@pytest.mark.parametrize("moment", ["00010101000000", "99991231235959-1200"])
def test_a_year_out_of_all_reckoning_is_no_moment(world: World, moment: str) -> None:
    assert send("ADT^A04", f"EVN||{moment}", pid()).code == "AA"
    assert Patient.objects.get().family_name == "Møller"
