"""Registering and changing patients."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from ris.accounts.days import newest_day
from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.core.errors import DomainError, InvalidInput, NotPermitted
from ris.events.models import Event
from ris.patients.actions import PatientData, identify, register_patient, update_patient
from ris.patients.models import Patient, PatientIdentifier
from tests.world import World


def register(world: World, by: str = "clerk", number: str = "", **data: Any) -> Patient:
    values = {"family_name": "Møller", "given_name": "Åse"} | data
    return register_patient(PatientData(**values), site=world.north, by=world.people[by], number=number)


def test_a_person_gets_the_next_number_of_the_site(world: World) -> None:
    patient = register(world)
    identifier = patient.identifier_at(world.north)
    assert identifier is not None
    assert (identifier.issuer, identifier.value) == ("NORTHGATE", f"NORTH{patient.pk:07d}")
    assert list(patient.sites.all()) == [world.north]


def test_registering_is_audited_and_told(world: World) -> None:
    patient = register(world)
    row = AuditEvent.objects.get(action="patient.registered")
    assert (row.patient_id, row.site_id, row.detail) == (patient.pk, world.north.pk, {})
    assert Event.objects.get(kind="patient.registered").target_id == str(patient.pk)


def test_a_number_that_was_brought_along_is_kept(world: World) -> None:
    assert register(world, number=" 4711 ").identifiers.get().value == "4711"


def test_a_number_of_blanks_is_no_number(world: World) -> None:
    patient = register(world, number="   ")
    assert patient.identifiers.get().value == f"NORTH{patient.pk:07d}"


@pytest.mark.parametrize("number", ["47\\11", "47*", "4?11", "4711\x07", "4" * 65, "47\x0011"])
def test_a_number_that_no_device_can_carry_is_refused(number: str, world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        register(world, number=number)
    assert set(refused.value.fields) == {"number"}
    assert not Patient.objects.exists()


def test_a_number_belongs_to_one_person_of_its_authority(world: World) -> None:
    register(world, number="4711")
    with pytest.raises(InvalidInput) as refused:
        register(world, number="4711", family_name="Other")
    assert "4711" in refused.value.fields["number"]
    assert Patient.objects.count() == 1
    other = register_patient(PatientData(family_name="South"), site=world.south, by=world.outsider, number="4711")
    assert other.identifiers.get().issuer == "SOUTHBANK"


@pytest.mark.parametrize(
    "who", ["technologist", "resident", "radiologist", "referrer", "siteadmin", "admin", "outsider"]
)
def test_registering_is_for_clerks_of_the_site(who: str, world: World) -> None:
    with pytest.raises(NotPermitted):
        register(world, by=who)
    assert not Patient.objects.exists()


@pytest.mark.parametrize(("field", "value"), [
    ("family_name", ""), ("family_name", "   "), ("family_name", "A^B"), ("family_name", "A\\B"), ("given_name", "A=B"),
    ("given_name", "A\nB"), ("middle_name", "A\x00B"), ("family_name", "A" * 65), ("prefix", "Dr.^"),
    ("ideographic", "山田=太郎"), ("phonetic", "やまだ\\たろう"), ("sex", "X"), ("phone", "1" * 41),
])  # fmt: skip
def test_what_cannot_be_used_is_named_beside_its_field(field: str, value: str, world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        register(world, **{field: value})
    assert set(refused.value.fields) == {field}
    assert not Patient.objects.exists()


@pytest.mark.parametrize("days", [1, -131 * 366])
def test_an_impossible_date_of_birth_is_refused(days: int, world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        register(world, birth_date=newest_day() + timedelta(days=days))
    assert set(refused.value.fields) == {"birth_date"}


def test_every_fault_is_named_at_once(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        register(world, family_name="", given_name="A^", sex="?", birth_date=date(1700, 1, 1))
    assert set(refused.value.fields) == {"family_name", "given_name", "sex", "birth_date"}


def test_names_in_three_scripts_make_one_dicom_name(world: World) -> None:
    patient = register(
        world, family_name="Yamada", given_name="Tarou", ideographic="山田^太郎", phonetic="やまだ^たろう"
    )
    assert patient.person_name == "Yamada^Tarou=山田^太郎=やまだ^たろう"


def test_a_change_names_its_fields_and_not_their_content(world: World) -> None:
    patient = register(world)
    data = PatientData(family_name="Sørensen", given_name="Åse", birth_date=date(1961, 5, 17))
    changed = update_patient(patient, data, by=world.technologist)
    assert (changed.family_name, changed.search_name) == ("Sørensen", " sorensen ase")
    row = AuditEvent.objects.get(action="patient.updated")
    assert (row.detail, row.patient_id) == ({"changed": ["family_name", "birth_date"]}, patient.pk)
    assert Event.objects.get(kind="patient.updated").payload == {}


def test_a_change_of_nothing_is_no_change(world: World) -> None:
    patient = register(world)
    update_patient(patient, PatientData(family_name="Møller", given_name="Åse"), by=world.clerk)
    assert not AuditEvent.objects.filter(action="patient.updated").exists()
    assert not Event.objects.filter(kind="patient.updated").exists()


def test_a_change_writes_only_what_changed(world: World) -> None:
    """Somebody else's change of another field is not undone by an old copy."""
    patient = register(world)
    Patient.objects.filter(pk=patient.pk).update(confidential=True)
    stale = Patient(pk=patient.pk)
    update_patient(stale, PatientData(family_name="Møller", given_name="Ase", confidential=True), by=world.clerk)
    fresh = Patient.objects.get(pk=patient.pk)
    assert (fresh.given_name, fresh.confidential) == ("Ase", True)


def test_a_refused_change_writes_nothing(world: World) -> None:
    patient = register(world)
    with pytest.raises(InvalidInput):
        update_patient(patient, PatientData(family_name="^"), by=world.clerk)
    with pytest.raises(NotPermitted):
        update_patient(patient, PatientData(family_name="New"), by=world.radiologist)
    with pytest.raises(NotPermitted):
        update_patient(patient, PatientData(family_name="New"), by=world.outsider)
    with pytest.raises(NotPermitted):
        update_patient(patient, PatientData(family_name="New"), by=SystemActor("matcher"))
    assert Patient.objects.get(pk=patient.pk).family_name == "Møller"


def test_a_family_is_the_record_that_stands_and_those_merged_into_it(world: World) -> None:
    kept, double, stranger = register(world), register(world), register(world)
    Patient.objects.filter(pk=double.pk).update(merged_into=kept)
    double.refresh_from_db()
    assert double.current == kept
    assert set(Patient.objects.family(double)) == {kept, double}
    assert set(Patient.objects.family(kept)) == {kept, double}
    assert set(Patient.objects.family(stranger)) == {stranger}


def test_the_number_of_the_own_site_comes_first(world: World) -> None:
    patient = register(world)
    identify(patient, site=world.south, number="S1")
    own, foreign = patient.identifier_at(world.north), patient.identifier_at(world.south)
    assert own is not None
    assert foreign is not None
    assert (own.issuer, foreign.issuer) == ("NORTHGATE", "SOUTHBANK")


@pytest.mark.db
def test_of_many_clerks_with_one_number_one_registers(live_world: World) -> None:
    outcomes, gate = [], threading.Barrier(10)

    def work(name: str) -> None:
        gate.wait()
        try:
            register(live_world, number="4711", family_name=name)
            outcomes.append("registered")
        except DomainError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(f"Rival{number}",)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["invalid"] * 9 + ["registered"]
    assert (Patient.objects.count(), PatientIdentifier.objects.count()) == (1, 1)
