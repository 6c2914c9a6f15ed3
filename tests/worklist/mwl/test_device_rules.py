"""What a device's profile, the hour and the patient's alerts make of its worklist."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from ris.dicom.models import DeviceProfile, Node
from ris.scheduling.actions import arrive
from ris.scheduling.models import ScheduledProcedureStep
from tests.worklist.mwl.asking import alert, answer, ask, names, patient_of, result
from tests.worklist.mwl.samples import identifier
from tests.world import World
from worklist.mwl.finder import matching
from worklist.mwl.query import parse
from worklist.mwl.schedule import Schedule

pytestmark = [pytest.mark.django_db, pytest.mark.db]

DATE = "ScheduledProcedureStepStartDate"


def local(world: World, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=world.north.zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "now", "asked", "shown"),
    [
        ("2027-03-11T23:50", "2027-03-12T00:10", "20270312", True),
        ("2027-03-11T23:50", "2027-03-12T00:10", "20270311", True),
        ("2027-03-11T23:50", "2027-03-12T00:10", "", True),
        ("2027-03-11T23:50", "2027-03-12T03:49", "20270312", True),
        ("2027-03-11T23:50", "2027-03-12T03:51", "20270312", False),
        ("2027-03-11T23:50", "2027-03-12T00:10", "20270313", False),
        ("2027-03-12T00:30", "2027-03-12T00:10", "20270312", True),
        ("2027-03-12T00:30", "2027-03-11T23:50", "20270311", False),
    ],
)
def test_what_waits_from_before_midnight_is_still_todays(
    world: World, schedule: Schedule, start: str, now: str, asked: str, *, shown: bool
) -> None:
    step = world.step()
    ScheduledProcedureStep.objects.filter(pk=step.pk).update(start=local(world, start))
    schedule.look()
    device = schedule.device("CT1")
    assert device is not None
    query = parse(identifier({"Modality": "CT", DATE: asked}))
    assert len(matching(schedule, device, query, local(world, now))) == int(shown)


def with_profile(world: World, **values: Any) -> None:
    profile = DeviceProfile.objects.create(name="old scanner", **{"days_back": 3, **values})
    Node.objects.filter(ae_title="CT1").update(profile=profile)


def test_a_profile_may_show_only_who_has_arrived(world: World, schedule: Schedule) -> None:
    with_profile(world, arrived_only=True)
    appointment = world.booking()
    assert ask(schedule) == []
    arrive(appointment, by=world.clerk)
    assert len(ask(schedule)) == 1


def test_a_profile_bounds_the_days(world: World, schedule: Schedule) -> None:
    with_profile(world, days_back=0, days_ahead=1)
    today = timezone.now().astimezone(world.north.zone).replace(hour=12)
    for days in (-2, 0, 1, 2):
        ScheduledProcedureStep.objects.filter(pk=world.step().pk).update(start=today + timedelta(days=days))
    dates = [found.ScheduledProcedureStepSequence[0][DATE].value for found in ask(schedule)]
    assert dates == [f"{today + timedelta(days=days):%Y%m%d}" for days in (0, 1)]


def test_more_than_the_limit_of_the_profile_is_refused_as_too_wide(world: World, schedule: Schedule) -> None:
    with_profile(world, result_limit=2)
    for _ in range(3):
        world.booking()
    found = result(schedule)
    assert (len(found.rows), found.final.code) == (2, 0xA700)


def test_a_profile_says_which_keys_come_back_unasked(world: World, schedule: Schedule) -> None:
    with_profile(world, required_keys=["PatientBirthDate", "ScheduledStationName"])
    world.step()
    (found,) = ask(schedule, query=identifier({"Modality": "CT"}, PatientName=""))
    assert found.PatientBirthDate == "19610517"
    assert set(found.ScheduledProcedureStepSequence[0].dir()) == {"Modality", "ScheduledStationName"}
    (found,) = ask(schedule, query=identifier(PatientName=""))
    assert found.ScheduledProcedureStepSequence[0].ScheduledStationName == "CT 1"


def test_a_profile_writes_in_its_own_character_set_and_lengths(world: World, schedule: Schedule) -> None:
    with_profile(world, charset="ISO_IR 144", max_lengths={"PatientName": 6})
    world.booking(world.order(world.patient("Иванов", "Пётр")))
    world.booking(world.order(world.patient("Müller", "Änne")))
    assert names(ask(schedule, query=identifier(PatientName=""))) == ["Иванов", "Muller"]


@pytest.mark.parametrize(
    ("kind", "keys", "expected"),
    [
        ("allergy", "Allergies", "Latex"),
        ("implant", "MedicalAlerts", "Implant: Latex"),
        ("infection", "SpecialNeeds", "Isolation: Latex"),
        ("pregnancy", "PregnancyStatus", 3),
    ],
)
def test_alerts_of_the_patient_are_told(
    world: World, schedule: Schedule, kind: str, keys: str, expected: object
) -> None:
    alert(patient_of(world.step()), kind, "Latex")
    (found,) = ask(schedule, query=identifier({}, **{keys: None}))
    assert found[keys].value == expected


@pytest.mark.parametrize(
    ("kind", "value", "key", "expected"),
    [
        ("pregnancy", "no", "PregnancyStatus", 1),
        ("pregnancy", "possible", "PregnancyStatus", 2),
        ("pregnancy", "yes", "PregnancyStatus", 3),
        ("egfr", "40", "PatientState", "eGFR: 40 mL/min/1.73 m²"),
        ("contrast_reaction", "mild", "Allergies", "Contrast reaction: mild"),
    ],
)
def test_answers_to_the_questions_of_safety_are_told(
    world: World, schedule: Schedule, kind: str, value: str, key: str, expected: object
) -> None:
    answer(world.step(), "caution", kind=kind, value=value)
    (found,) = ask(schedule, query=identifier({}, **{key: None}))
    assert found[key].value == expected
