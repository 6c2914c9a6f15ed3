"""People whom nobody can name yet."""

from __future__ import annotations

from datetime import date

import pytest

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.patients.actions import PatientData, identify_patient, register_temporary
from ris.patients.actions.temporary import ALPHABET, alias_of
from ris.patients.finding.resemblance import resembling
from ris.patients.finding.search import search
from ris.patients.models import Patient
from tests.world import World

pytestmark = pytest.mark.db


def test_nothing_is_needed_but_the_key(world: World) -> None:
    unknown = register_temporary(site=world.north, by=world.clerk)
    assert (unknown.display_name, unknown.person_name) == ("Unknown-Alfa", "Unknown-Alfa")
    assert (unknown.sex, unknown.birth_date, unknown.temporary) == ("", None, True)
    assert unknown.identifiers.get().issuer == world.north.patient_id_issuer
    assert AuditEvent.objects.get(action="patient.registered").detail == {"temporary": True}


def test_an_estimated_age_is_said_as_such(world: World) -> None:
    assert register_temporary(site=world.north, by=world.clerk, estimated_age=40).age == "about 40 y"
    with pytest.raises(InvalidInput):
        register_temporary(site=world.north, by=world.clerk, estimated_age=131)


def test_no_alias_is_ever_given_twice(world: World) -> None:
    first = register_temporary(site=world.north, by=world.clerk)
    identify_patient(first, PatientData(family_name="Found"), by=world.clerk)
    names = {register_temporary(site=world.north, by=world.clerk).alias for _ in range(30)}
    assert len(names | {"Unknown-Alfa"}) == 31
    assert "Unknown-Alfa-Alfa" in names


def test_an_alias_that_is_taken_is_passed_over(world: World) -> None:
    Patient.objects.create(family_name="x", search_name="", alias="Unknown-Bravo", temporary=True)
    assert register_temporary(site=world.north, by=world.clerk).alias == "Unknown-Charlie"


def test_aliases_go_on_without_end() -> None:
    many = [alias_of(number) for number in range(26 + 26**2 + 3)]
    assert len(set(many)) == len(many)
    assert [many[10], many[26], many[-1]] == ["Unknown-Kilo", "Unknown-Alfa-Alfa", "Unknown-Alfa-Alfa-Charlie"]
    assert len(ALPHABET) == 26


def test_two_unknowns_do_not_block_each_other(world: World) -> None:
    one, other = (register_temporary(site=world.north, by=world.clerk) for _ in range(2))
    start = world.soon()
    first = world.booking(world.order(one), room="CT 1", start=start)
    second = world.booking(world.order(other, code="MRBRAIN"), room="MR 1", start=start)
    assert first.patient_id != second.patient_id


def test_an_unknown_resembles_nobody(world: World) -> None:
    register_temporary(site=world.north, by=world.clerk)
    assert resembling(PatientData(family_name="Unknown-Alfa"), world.clerk).keys == []
    assert resembling(PatientData(family_name="Unknown", given_name="Bravo"), world.clerk).keys == []


def test_identifying_keeps_the_record_and_the_alias(world: World) -> None:
    unknown = register_temporary(site=world.north, by=world.clerk)
    order = world.order(unknown)
    data = PatientData(family_name="Kowalska", given_name="Ewa", birth_date=date(1980, 2, 3), sex="F")
    known = identify_patient(unknown, data, by=world.clerk)
    order.refresh_from_db()
    assert (known.pk, order.patient_id) == (unknown.pk, unknown.pk)
    assert order.patient.person_name == "Kowalska^Ewa"
    assert (known.alias, known.temporary, known.estimated_age) == ("Unknown-Alfa", False, None)
    for text in ("kowalska", "unknown alfa", "3.2.1980"):
        assert [patient.pk for patient in search(text, world.clerk).patients] == [known.pk]
    assert AuditEvent.objects.filter(action="patient.identified", patient_id=known.pk).count() == 1


def test_nobody_is_identified_twice(world: World) -> None:
    unknown = register_temporary(site=world.north, by=world.clerk)
    identify_patient(unknown, PatientData(family_name="Kowalska"), by=world.clerk)
    with pytest.raises(TransitionError, match="already"):
        identify_patient(unknown, PatientData(family_name="Nowak"), by=world.clerk)


@pytest.mark.parametrize("role", ["technologist", "radiologist", "referrer", "siteadmin", "outsider"])
def test_registering_an_unknown_is_for_clerks_of_the_site(world: World, role: str) -> None:
    with pytest.raises(NotPermitted):
        register_temporary(site=world.north, by=world.people[role])
    assert not Patient.objects.exists()


def test_the_hook_takes_part_in_the_transaction(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from ris.core.errors import Unavailable
    from ris.patients.hooks import temporary_registered

    def refuse(patient: Patient, **_: object) -> None:
        raise Unavailable(f"no room for {patient.alias}")

    monkeypatch.setattr(temporary_registered, "_listeners", {"test": refuse})
    with pytest.raises(Unavailable, match="Unknown-Alfa"):
        register_temporary(site=world.north, by=world.clerk)
    assert not Patient.objects.exists()
