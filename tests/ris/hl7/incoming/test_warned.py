"""What those who move, touch or call the patient must know arrives: dangers, transport, telephones, the right name."""

from __future__ import annotations

import pytest

from ris.hl7.incoming.record import FieldRule, Sender
from ris.orders.models import Order
from ris.patients.models import Patient, PatientAlert
from tests.ris.hl7.incoming.hospital import order, pid, send
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("sender")]


def dangerous(control: str, danger: str, transport: str = "") -> list[str]:
    """An order with OBR-12 and OBR-30."""
    orc, obr = order(control)
    fields = obr.split("|") + [""] * 5
    fields[12], fields[30] = danger, transport
    return [orc, "|".join(fields).rstrip("|")]


def test_a_danger_becomes_an_alert_once(world: World) -> None:
    send("ADT^A04", pid())
    assert send("ORM^O01", pid(), *dangerous("NW", "M^MRSA, isolation~TB")).orders == ["OK"]
    send("ORM^O01", pid(), *dangerous("XO", "M^MRSA, isolation~^No~N"))
    found = PatientAlert.objects.filter(active=True, kind="infection").order_by("pk")
    assert [(row.text, row.source) for row in found] == [("MRSA, isolation", "Ward"), ("TB", "Ward")]


@pytest.mark.parametrize(
    ("code", "words"), [("WHLC", "by wheelchair"), ("PORT", "the device goes to the patient"), ("Lift", "Lift")]
)
def test_how_the_patient_comes_is_told_with_the_order(world: World, code: str, words: str) -> None:
    send("ADT^A04", pid())
    send("ORM^O01", pid(), *dangerous("NW", "", code))
    assert Order.objects.get().clinical_question == f"Transport: {words}"


CONTACTS = [
    ("555~^PRN^CP^^49^170^1234567~^NET^Internet^aase@example.org", ("555", "+491701234567", "aase@example.org")),
    ("+49 170 1234567^PRN^CP", ("", "+491701234567", "")),
    ("0170 1234567^PRN^CP~555^PRN^PH", ("555", "", "")),
    ("0170 1234567^PRN^CP", ("0170 1234567", "", "")),
    ("^PRN^PH^^1^312^5551212~^WPN^FX^^1^312^5559999", ("+1 312 5551212", "", "")),
    ("aase@example.org^NET~^^^^^^^^^^^555", ("555", "", "aase@example.org")),
    ("^NET^Internet^no address", ("", "", "")),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "known"), CONTACTS)
def test_telephones_and_addresses_are_told_apart(world: World, sent: str, known: tuple[str, str, str]) -> None:
    assert send("ADT^A04", f"{pid()}|||||{sent}").code == "AA"
    person = Patient.objects.get()
    assert (person.phone, person.mobile, person.email) == known


def test_what_is_not_named_stays_and_two_quotes_delete_the_telephone(world: World) -> None:
    send("ADT^A04", f"{pid()}|||||555~^NET^Internet^aase@example.org")
    send("ADT^A08", f"{pid()}|||||^PRN^CP^^49^170^1234567")
    person = Patient.objects.get()
    assert (person.phone, person.mobile, person.email) == ("555", "+491701234567", "aase@example.org")
    send("ADT^A08", f'{pid()}|||||""')
    assert Patient.objects.get().phone == ""


def test_a_senders_own_place_for_the_telephone_counts(world: World, sender: Sender) -> None:
    FieldRule.objects.create(sender=sender, target="person.phone", paths="ZPI-1")
    send("ADT^A04", f"{pid()}|||||555", "ZPI|777")
    assert Patient.objects.get().phone == "777"


@pytest.mark.parametrize("alphabetic", ["Yamada^Tarou^^^^^^A", "Yamada^Tarou"])
def test_the_alphabetic_name_counts_wherever_it_stands(world: World, alphabetic: str) -> None:
    name = f"山田^太郎^^^^^^I~{alphabetic}~やまだ^たろう^^^^^^P"
    send("ADT^A04", pid(name=name))
    assert Patient.objects.get().person_name == "Yamada^Tarou=山田^太郎=やまだ^たろう"
    assert send("ORM^O01", pid(name=name, born="19610518"), *order()).orders == ["OK"]


def test_who_has_a_name_in_one_script_only_has_that_one(world: World) -> None:
    send("ADT^A04", pid(name="山田^太郎^^^^^^I~"))
    assert Patient.objects.get().family_name == "山田"
