"""Who is shown before somebody is registered twice, and who is only warned about."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from ris.patients.actions import PatientData
from ris.patients.finding.resemblance import resembling
from tests.world import World

pytestmark = pytest.mark.db
BORN = date(1976, 4, 16)


def verdicts(world: World, **data: object) -> tuple[list[str], list[str]]:
    values = {"family_name": "Møller", "given_name": "Åse", "birth_date": BORN, "sex": "F"} | data
    found = resembling(PatientData(**values), world.clerk)  # type: ignore[arg-type]
    return [match.verdict for match in found.probable], [match.verdict for match in found.beware]


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        ({}, "Almost certainly the same person"),
        ({"family_name": "MOLLER", "given_name": "ase"}, "Almost certainly the same person"),
        ({"family_name": "Åse", "given_name": "Møller"}, "Almost certainly the same person"),
        ({"family_name": "Moeller"}, "Probably the same person"),
        ({"family_name": "Mølle", "given_name": "Åse"}, "Probably the same person"),
        ({"given_name": ""}, "Probably the same person"),
        ({"birth_date": None}, "Possibly the same person"),
        ({"birth_date": date(1976, 4, 15)}, "Possibly the same person"),
        ({"birth_date": date(1967, 4, 16)}, "Possibly the same person"),
    ],
)
def test_the_same_person_is_shown_with_how_sure_it_is(world: World, data: dict[str, object], verdict: str) -> None:
    world.patient("Møller", "Åse", birth_date=BORN)
    assert verdicts(world, **data) == ([verdict], [])


def test_a_day_and_month_that_changed_places_are_a_slip(world: World) -> None:
    world.patient("Møller", "Åse", birth_date=date(1976, 4, 3))
    assert verdicts(world, birth_date=date(1976, 3, 4)) == (["Possibly the same person"], [])


@pytest.mark.parametrize(
    "data",
    [
        {"family_name": "Jones"},
        {"birth_date": date(1980, 1, 1)},
        {"family_name": "Jones", "given_name": "Tom", "birth_date": None},
    ],
)
def test_strangers_are_not_shown(world: World, data: dict[str, object]) -> None:
    world.patient("Møller", "Åse", birth_date=BORN)
    assert verdicts(world, **data) == ([], [])


@pytest.mark.parametrize("other", [("Ingrid", "F"), ("Åke", "M"), ("Per", "M")])
def test_siblings_of_one_day_are_warned_about_and_never_offered(world: World, other: tuple[str, str]) -> None:
    world.patient("Møller", other[0], birth_date=BORN, sex=other[1])
    probable, beware = verdicts(world)
    assert probable == []
    assert beware == ["Same family name and birthday, another person"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Baby of Møller", ""), ("Baby of Møller", "")),
        (("Møller", "Twin A"), ("Møller", "Twin B")),
        (("Møller", "Baby girl"), ("Møller", "Åse")),
    ],
)
def test_newborns_are_warned_about_and_never_offered(
    world: World, one: tuple[str, str], other: tuple[str, str]
) -> None:
    today = timezone.localdate() - timedelta(days=1)
    world.patient(*one, birth_date=today)
    probable, beware = verdicts(world, family_name=other[0], given_name=other[1], birth_date=today)
    assert probable == []
    assert beware == ["A newborn of the same day"]


def test_reasons_name_what_speaks_for_and_against(world: World) -> None:
    world.patient("Møller", "Åse", birth_date=BORN, sex="M", phone="0151 1234")
    data = PatientData(family_name="Møller", given_name="Åse", birth_date=BORN, sex="F", phone="0151 1234")
    match = resembling(data, world.clerk).probable[0]
    assert match.reasons == ("same name and date of birth", "but another sex", "same phone")


def test_nobody_of_another_site_is_shown(world: World) -> None:
    world.patient("Møller", "Åse", birth_date=BORN)
    data = PatientData(family_name="Møller", given_name="Åse", birth_date=BORN)
    assert resembling(data, world.outsider).keys == []
    assert len(resembling(data, world.clerk).keys) == 1
