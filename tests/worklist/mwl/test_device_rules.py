"""What a device's profile, the hour and the patient's alerts make of its worklist."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom.dsutils import encode

from ris.dicom.models import DeviceProfile, Node
from ris.orders.models import SafetyAnswer
from ris.scheduling.actions import arrive
from ris.scheduling.models import ScheduledProcedureStep
from tests.worklist.mwl.asking import alert, answer, ask, names, patient_of, result, step_ids
from tests.worklist.mwl.samples import identifier
from tests.world import World
from worklist.mwl import finder
from worklist.mwl.finder import matching, search
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


def test_of_too_many_those_of_earlier_days_are_left_out_first(world: World, schedule: Schedule) -> None:
    with_profile(world, result_limit=3, days_back=90)
    days = (-60, -40, -20, 0, 1)
    steps = {day: world.step() for day in days}
    for day, step in steps.items():
        start = timezone.now() + timedelta(days=day)
        ScheduledProcedureStep.objects.filter(pk=step.pk).update(start=start)
    query = identifier({"ScheduledProcedureStepID": ""}, PatientName="")
    assert step_ids(ask(schedule, query=query)) == [steps[day].sps_id for day in (-20, 0, 1)]


def test_one_step_that_cannot_be_written_does_not_cost_the_others(
    world: World, schedule: Schedule, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = world.step(), world.step()
    schedule.look()
    kept = next(kept for kept in schedule._shelf.items.values() if kept.step_pk == bad.pk)
    kept.offer = replace(kept.offer, entry=replace(kept.entry, pregnancy_status="Secret"))
    monkeypatch.setattr(Schedule, "look", lambda _: None)  # one transaction: PostgreSQL would read its own rows again
    query = identifier({"ScheduledProcedureStepID": ""}, PregnancyStatus=None)
    assert step_ids(ask(schedule, query=query)) == [good.sps_id]
    assert "Secret" not in caplog.text


def test_a_query_that_began_before_its_device_changed_leaves_nothing_behind(world: World, schedule: Schedule) -> None:
    world.booking(world.order(world.patient("Müller", "Änne")))
    schedule.look()
    before = schedule.device("CT1")
    with_profile(world, charset="ISO_IR 6")
    schedule.look()
    assert before is not None
    asked = encode(identifier(PatientName=""), is_implicit_vr=True, is_little_endian=True)
    assert asked is not None
    (late,) = search(schedule, before, asked, ImplicitVRLittleEndian).rows
    assert "Müller^Änne".encode() in late
    assert names(ask(schedule, query=identifier(PatientName=""))) == ["Muller^Anne"]


def test_a_query_of_a_megabyte_is_answered_and_not_kept(world: World, schedule: Schedule) -> None:
    world.step()
    before = finder._parsed.cache_info().currsize
    assert len(ask(schedule, query=identifier(PatientName="", PatientComments="", ImageComments="x" * 1_000_000))) == 1
    assert finder._parsed.cache_info().currsize == before


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


def test_no_answer_about_safety_is_cut_away(world: World, schedule: Schedule) -> None:
    step = world.step()
    answer(step, "caution", kind="contrast_reaction", value="moderate")
    answer(step, "caution", kind="metformin", value="yes")
    answer(step, "caution")
    stop = answer(step, "hard-stop", kind="implant", value="unsafe")
    SafetyAnswer.objects.filter(pk=stop.pk).update(overridden_at=timezone.now())
    (found,) = ask(schedule, query=identifier(PatientState="", MedicalAlerts=""))
    assert found.PatientState == "Implant: MR unsafe; see medical alerts"
    assert list(found.MedicalAlerts) == [
        "Implant: MR unsafe",
        "Contrast reaction: moderate",
        "eGFR: 28 mL/min/1.73 m²",
        "Metformin: yes",
    ]
