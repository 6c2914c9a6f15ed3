"""Which numbers of PID-3 and MRG-1 are a person's: those of accounts and visits are shared and reused (table 0203)."""

from __future__ import annotations

import pytest

from ris.hl7.incoming.record import Sender, Translation
from ris.orders.models import Order
from ris.patients.models import Patient, PatientIdentifier
from tests.ris.hl7.incoming.hospital import kept, order, pid, send
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("sender")]
FAMILY = "A200^^^NORTHGATE^AN"


def numbers() -> set[tuple[str, str]]:
    return set(PatientIdentifier.objects.values_list("issuer", "value"))


def test_a_newborn_with_its_mothers_account_number_is_a_person_of_its_own(world: World) -> None:
    send("ADT^A04", pid(f"P100^^^NORTHGATE^MR~{FAMILY}", "Møller^Åse", "19900517"))
    send("ADT^A04", pid(f"P101^^^NORTHGATE^MR~{FAMILY}", "Møller^Boy", "20261119", "M"))
    assert set(Patient.objects.values_list("given_name", "sex")) == {("Åse", "F"), ("Boy", "M")}
    send("ORM^O01", pid(f"P101^^^NORTHGATE^MR~{FAMILY}", "Møller^Boy", "20261119", "M"), *order())
    assert Order.objects.get().patient.given_name == "Boy"


@pytest.mark.parametrize(
    "other", ["200^^^^SS", "200^^^NORTHGATE^VN", "200^^^NORTHGATE^BA", "200^^^NORTHGATE^an", "200^^^NORTHGATE^ANON"]
)
def test_a_number_of_something_else_is_neither_added_nor_taken_for_somebody_elses(world: World, other: str) -> None:
    send("ADT^A04", pid("200^^^NORTHGATE^MR", "Other^One", "19700101"))
    assert send("ADT^A04", pid(f"P100^^^NORTHGATE^MR~{other}")).code == "AA"
    assert numbers() == {("NORTHGATE", "200"), ("NORTHGATE", "P100")}
    assert PatientIdentifier.objects.get(value="200").patient.family_name == "Other"


@pytest.mark.parametrize(
    "other", ["K1^^^KASSE", "K1^^^KASSE^PI", "K1^^^KASSE^SS", "K1^^^KASSE^NNSWE", "K1^^^KASSE^ni", "K1^^^KASSE^EPI"]
)
def test_a_number_of_the_person_stands_beside_the_hospitals(world: World, other: str) -> None:
    send("ADT^A04", pid(f"P100^^^NORTHGATE^MR~{other}"))
    assert numbers() == {("NORTHGATE", "P100"), ("KASSE", "K1")}


@pytest.mark.parametrize("only", [FAMILY, "200^^^^SS", "200^^^NORTHGATE^NNSE", "200^^^NORTHGATE^HOUSE"])
def test_who_has_no_number_of_a_person_is_refused(world: World, only: str) -> None:
    assert send("ADT^A04", pid(only)).fault == ("PID^1^3", "101")
    assert not Patient.objects.exists()


def test_records_that_share_an_account_are_merged_by_their_own_numbers(world: World) -> None:
    send("ADT^A04", pid(f"OLD^^^NORTHGATE^MR~{FAMILY}"))
    send("ADT^A04", pid(f"NEW^^^NORTHGATE^MR~{FAMILY}"))
    assert (
        send("ADT^A40", pid(f"NEW^^^NORTHGATE^MR~{FAMILY}"), f"MRG|OLD^^^NORTHGATE^MR~{FAMILY}", number="MERGE").code
        == "AA"
    )
    assert kept("MERGE").state == "done"
    assert PatientIdentifier.objects.get(value="OLD").patient.current.identifiers.get().value == "NEW"


def test_a_sender_may_have_types_of_its_own(world: World, sender: Sender) -> None:
    Translation.objects.create(sender=sender, table="identifier", theirs="HOUSE", ours="MR")
    Translation.objects.create(sender=sender, table="identifier", theirs="PT", ours="AN")
    send("ADT^A04", pid("P100^^^NORTHGATE^HOUSE~200^^^NORTHGATE^PT"))
    assert numbers() == {("NORTHGATE", "P100")}
