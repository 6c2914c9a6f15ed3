"""The search box finds the one who was meant, on both databases alike."""

from __future__ import annotations

import string
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ris.patients.actions import add_identifier, merge_patients, register_temporary, retire_identifier, update_patient
from ris.patients.actions.data import PatientData
from ris.patients.actions.registering import make_known_at
from ris.patients.finding.search import search
from ris.patients.models import NameKey, Patient
from tests.world import World

pytestmark = pytest.mark.db
LETTERS = string.ascii_lowercase + "äöüß"


@pytest.fixture
def people(world: World) -> dict[str, Patient]:
    made = {
        "ase": world.patient("Møller", "Åse", birth_date=date(1976, 4, 16)),
        "liam": world.patient("O'Connor", "Liam", birth_date=date(1978, 11, 2)),
        "jurgen": world.patient("Schmidt", "Jürgen", birth_date=date(1949, 8, 9)),
        "anna": world.patient("Smith", "Anna Maria", birth_date=date(1976, 4, 16)),
        "taro": world.patient("Yamada", "Tarou", ideographic="山田^太郎", birth_date=date(1990, 1, 2)),
        "ng": world.patient("Ng", "Li", birth_date=date(2001, 12, 10)),
    }
    world.patient("Jones", "Tom", birth_date=date(1976, 4, 17))
    return made


def found(text: str, world: World) -> list[int]:
    return [patient.pk for patient in search(text, world.clerk).patients]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("møller", "ase"), ("MOLLER ASE", "ase"), ("ase mol", "ase"), ("mol as", "ase"), ("muller", "ase"),
        ("moeller aase", "ase"), ("o'connor", "liam"), ("oconnor", "liam"), ("liam oc", "liam"), ("connor l", "liam"),
        ("schmitt jurgen", "jurgen"), ("shmidt", "jurgen"), ("juergen", "jurgen"), ("schmitd jürgen", "jurgen"),
        ("schmidt juren", "jurgen"), ("9.8.49 schm", "jurgen"), ("09081949", "jurgen"), ("1949-08-09 smit", "jurgen"),
        ("maria smith anna", "anna"), ("smi ann", "anna"), ("16/4/76 smith", "anna"), ("anna 16041976", "anna"),
        ("山田", "taro"), ("山田太郎", "taro"), ("太郎 山田", "taro"), ("tarou", "taro"), ("ng", "ng"), ("li ng", "ng"),
    ],
)  # fmt: skip
def test_the_one_meant_comes_first(world: World, people: dict[str, Patient], text: str, who: str) -> None:
    assert found(text, world)[:1] == [people[who].pk]


@pytest.mark.parametrize(
    "text", ["", "   ", "qqqq", "jones jurgen", "møller 17.4.1976", "31.2.1976", "%", "_", "\\", "' or 1=1", "\x00"]
)
def test_who_is_not_meant_is_not_found(world: World, people: dict[str, Patient], text: str) -> None:
    assert found(text, world) == []


def test_all_who_were_born_that_day_are_found(world: World, people: dict[str, Patient]) -> None:
    assert set(found("16.4.1976", world)) == {people["ase"].pk, people["anna"].pk}


def test_whole_words_come_before_beginnings_and_beginnings_before_slips(world: World) -> None:
    slip, begins, whole = (world.patient(name, "Eva").pk for name in ("Bergen", "Bergerson", "Berger"))
    assert found("berger", world) == [whole, begins, slip]


def test_a_number_is_found_as_it_is_typed_and_begun(world: World, people: dict[str, Patient]) -> None:
    number = people["ng"].identifiers.get().value
    typed = f"{number[:5]}-{number[5:9]} {number[9:]}".lower()
    assert found(typed, world) == [people["ng"].pk]
    assert people["ng"].pk in found(number[:-1], world)


def test_a_number_with_a_name_finds_only_who_has_both(world: World, people: dict[str, Patient]) -> None:
    number = people["ng"].identifiers.get().value
    assert found(f"li {number}", world) == [people["ng"].pk]
    assert found(f"liam {number}", world) == []


def test_the_same_number_of_two_authorities_is_two_people(world: World, people: dict[str, Patient]) -> None:
    add_identifier(people["ase"], issuer="KASSE A", value="4711", by=world.clerk)
    add_identifier(people["ng"], issuer="KASSE B", value="4711", by=world.clerk)
    assert set(found("4711", world)) == {people["ase"].pk, people["ng"].pk}


def test_a_number_given_in_error_finds_nobody_and_an_old_one_still_does(
    world: World, people: dict[str, Patient]
) -> None:
    wrong = add_identifier(people["ase"], issuer="KASSE", value="W-11", by=world.clerk)
    old = add_identifier(people["ase"], issuer="KASSE", value="O-11", by=world.clerk)
    retire_identifier(wrong, in_error=True, by=world.clerk)
    retire_identifier(old, in_error=False, by=world.clerk)
    assert found("w-11", world) == []
    assert found("o-11", world) == [people["ase"].pk]


def test_a_changed_name_is_found_and_the_former_one_is_not(world: World, people: dict[str, Patient]) -> None:
    update_patient(people["anna"], PatientData(family_name="Kowalska", given_name="Anna"), by=world.clerk)
    assert found("kowalska", world) == [people["anna"].pk]
    assert people["anna"].pk not in found("smith", world)


def test_a_merged_record_is_found_as_the_person_it_became(world: World, people: dict[str, Patient]) -> None:
    merge_patients(people["anna"], into=people["ng"], reason="Married", by=world.clerk)
    assert found("smith anna", world) == found(people["anna"].identifiers.get().value, world) == [people["ng"].pk]


def test_an_unknown_is_found_by_the_alias(world: World) -> None:
    unknown = register_temporary(site=world.north, by=world.clerk)
    assert found(unknown.family_name.split("-")[1], world) == [unknown.pk]


def test_an_outsider_finds_nobody_until_the_person_is_known_there(world: World, people: dict[str, Patient]) -> None:
    texts = ["smith anna", "16.4.1976", people["anna"].identifiers.get().value, "smi ann", "smth anna"]
    assert [search(text, world.outsider).patients for text in texts] == [[]] * len(texts)
    make_known_at(people["anna"], world.south)
    assert [[p.pk for p in search(text, world.outsider).patients] for text in texts] == [[people["anna"].pk]] * len(
        texts
    )


def test_a_hundred_of_one_name_are_cut_and_said_to_be_more(world: World) -> None:
    for number in range(30):
        world.patient("Meier", f"Eva{LETTERS[number]}")
    answer = search("meier", world.clerk)
    assert (len(answer.patients), answer.more) == (20, True)
    assert search("meier evaq", world.clerk).patients[0].given_name == "Evaq"


def test_the_number_of_queries_does_not_grow_with_the_answers(world: World) -> None:
    def queries(text: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            search(text, world.clerk)
        return len(seen)

    world.patient("Meier", "Eva")
    one = queries("meier eva")
    for number in range(24):
        world.patient("Meier", f"Eva{LETTERS[number]}")
    assert queries("meier eva") <= one <= 10


def test_every_lookup_of_names_uses_the_index(world: World, people: dict[str, Patient]) -> None:
    with CaptureQueriesContext(connection) as seen:
        search("schmitd jurgn", world.clerk)
    keyed = [query["sql"] for query in seen if "namekey" in query["sql"]]
    assert keyed
    if connection.vendor != "sqlite":
        return
    for sql in keyed:
        plan = " ".join(str(row) for row in _plan(sql))
        assert "COVERING INDEX patient_found_by" in plan
        assert "SCAN patients_namekey" not in plan


def _plan(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + sql)
        return list(cursor.fetchall())


def test_keys_follow_the_person(world: World) -> None:
    patient = world.patient("Li", "Na", birth_date=date(1990, 1, 2))
    keys = NameKey.objects.filter(patient=patient).values_list("site_id", "key")
    expected = {"li na", "na li", "19900102 li", "19900102 na"}
    assert set(keys) == {(world.north.pk, key) for key in expected}
