"""What the server keeps is what the database says, at each look and whoever wrote."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom.dsutils import encode

from ris.accounts.models import Site
from ris.dicom.models import DevicePool, DeviceProfile, Node
from ris.orders.actions import cancel_order
from ris.orders.models import Order, Procedure, SafetyAnswer
from ris.patients.actions import merge_patients
from ris.patients.models import Patient, PatientAlert, PatientIdentifier
from ris.scheduling.actions import arrive, cancel_appointment, start_step
from ris.scheduling.models import ScheduledProcedureStep
from tests.worklist.mwl.samples import decoded, identifier
from tests.world import World
from worklist.models import WorklistChange
from worklist.mwl.entries import entries_for
from worklist.mwl.finder import Result, matching, search
from worklist.mwl.pruning import prune_changes
from worklist.mwl.query import match, parse
from worklist.mwl.schedule import Schedule
from worklist.mwl.triggers import SOURCES

pytestmark = [pytest.mark.django_db, pytest.mark.db]

DATE = "ScheduledProcedureStepStartDate"


@pytest.fixture
def schedule() -> Schedule:
    """As at a server's first query: it knows the world as it is now."""
    kept = Schedule()
    kept.look()
    return kept


def ask(schedule: Schedule, ae_title: str = "CT1", query: Dataset | None = None) -> list[Dataset]:
    """What a C-FIND that begins now is answered."""
    return [decoded(row) for row in result(schedule, ae_title, query).rows]


def result(schedule: Schedule, ae_title: str = "CT1", query: Dataset | None = None) -> Result:
    schedule.look()
    device = schedule.device(ae_title)
    assert device is not None
    asked = encode(query or identifier({}, PatientName="", PatientID=""), is_implicit_vr=True, is_little_endian=True)
    assert asked is not None
    return search(schedule, device, asked, ImplicitVRLittleEndian)


def step_ids(answers: list[Dataset]) -> list[str]:
    return [answer.ScheduledProcedureStepSequence[0].ScheduledProcedureStepID for answer in answers]


def names(answers: list[Dataset]) -> list[str]:
    return [str(answer.PatientName) for answer in answers]


def test_a_booking_is_seen_by_the_next_query(world: World, schedule: Schedule) -> None:
    assert ask(schedule) == []
    step = world.step()
    assert step_ids(ask(schedule)) == [step.sps_id]


def test_a_step_leaves_when_it_begins_or_is_cancelled(world: World, schedule: Schedule) -> None:
    begun, cancelled = world.booking(), world.booking()
    assert len(ask(schedule)) == 2
    start_step(world.step(begun), by=world.technologist)
    assert step_ids(ask(schedule)) == [world.step(cancelled).sps_id]
    cancel_appointment(cancelled, reason="ill", by=world.clerk)
    assert ask(schedule) == []


def test_of_two_steps_of_one_exam_the_second_stays_when_the_first_is_done(world: World, schedule: Schedule) -> None:
    first = world.step()
    second = ScheduledProcedureStep.objects.get(pk=first.pk)
    second.pk, second.sps_id = None, f"{first.sps_id[:-1]}2"
    second.save(force_insert=True)
    assert len(ask(schedule)) == 2
    start_step(first, by=world.technologist)
    assert step_ids(ask(schedule)) == [second.sps_id]


def test_a_cancelled_order_leaves_and_a_moved_appointment_moves(world: World, schedule: Schedule) -> None:
    order = world.order()
    world.booking(order)
    assert len(ask(schedule)) == 1
    cancel_order(order, reason="twice", by=world.clerk)
    assert ask(schedule) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda step: Patient.objects.update(family_name="Lindqvist"),
        lambda step: Node.objects.filter(ae_title="CT1").update(charset="ISO_IR 100", name="CT new"),
        lambda step: Site.objects.update(name="Elsewhere"),
        lambda step: Procedure.objects.update(name="CT of the chest"),
        lambda step: Order.objects.update(priority="STAT"),
        lambda step: PatientIdentifier.objects.update(value="N-9"),
        lambda step: PatientIdentifier.objects.create(patient=patient_of(step), value="Z9", issuer="SOUTH"),
        lambda step: alert(patient_of(step), "allergy", "Penicillin"),
        lambda step: ScheduledProcedureStep.objects.update(ward="4 West", bed="12"),
        lambda step: ScheduledProcedureStep.objects.filter(pk=step.pk).delete(),
        lambda step: answer(step, "caution"),
        lambda step: answer(step, "hard-stop"),
    ],
)
def test_whatever_is_written_past_every_action_is_seen_by_the_next_query(
    world: World, schedule: Schedule, change: Any
) -> None:
    """Bulk updates and shells call no action; the database notes them all the same."""
    step = world.step()
    before = entries_for(world.node(), None, limit=9)
    change(step)
    schedule.look()
    device = schedule.device("CT1")
    assert device is not None
    kept = matching(schedule, device, parse(identifier({"Modality": "CT"})), timezone.now())
    assert [one.entry_for(device) for one in kept] == entries_for(world.node(), None, limit=9)
    assert before != entries_for(world.node(), None, limit=9) or device.rules.charset == "ISO_IR 100"


def patient_of(step: ScheduledProcedureStep) -> Patient:
    return step.requested_procedure.order.patient


def alert(patient: Patient, kind: str, text: str) -> PatientAlert:
    return PatientAlert.objects.create(patient=patient, kind=kind, text=text, noted_on=date(2026, 1, 2))


def answer(step: ScheduledProcedureStep, effect: str, *, kind: str = "egfr", value: str = "28") -> SafetyAnswer:
    order = step.requested_procedure.order
    return SafetyAnswer.objects.create(
        order=order, patient=order.patient, kind=kind, value=value, effect=effect, source="laboratory",
        measured_on=date(2026, 1, 2), answered_at=timezone.now(), answered_by_name="Clerk",
    )  # fmt: skip


def test_a_stop_that_is_taken_back_offers_the_step_again(world: World, schedule: Schedule) -> None:
    step = world.step()
    stop = answer(step, "hard-stop")
    assert ask(schedule) == []
    SafetyAnswer.objects.filter(pk=stop.pk).update(overridden_at=timezone.now())
    assert len(ask(schedule)) == 1


def test_merging_two_records_shows_the_person_that_stands(world: World, schedule: Schedule) -> None:
    step = world.step(world.booking(world.order(world.patient("Dahl"))))
    assert names(ask(schedule)) == ["Dahl^Åse"]
    head = world.patient("Berg")
    merge_patients(patient_of(step), into=head, reason="one person", by=world.clerk)
    assert names(ask(schedule)) == ["Berg^Åse"]
    alert(patient_of(step), "allergy", "Latex")
    (found,) = ask(schedule, query=identifier({}, Allergies=""))
    assert found.Allergies == "Latex"


def test_one_query_of_the_log_answers_when_nothing_changed(
    world: World, schedule: Schedule, django_assert_num_queries: Any
) -> None:
    world.step()
    ask(schedule)
    schedule.look()
    with django_assert_num_queries(1):
        assert len(ask(schedule)) == 1


def test_a_change_of_one_step_does_not_read_the_others_again(
    world: World, schedule: Schedule, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        world.booking()
    ask(schedule)
    world.booking()
    with django_assert_max_num_queries(7):
        assert len(ask(schedule)) == 6


def test_the_last_contact_of_a_device_is_no_change_of_its_worklist(world: World, schedule: Schedule) -> None:
    schedule.look()
    before = WorklistChange.objects.count()
    Node.objects.update(last_seen_at=timezone.now())
    assert WorklistChange.objects.count() == before
    Node.objects.update(name="CT again")
    assert WorklistChange.objects.count() > before


def test_every_table_of_which_an_entry_is_made_has_its_triggers(world: World) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        there = {name for (name,) in cursor.fetchall()}
    assert {source.name(verb) for source in SOURCES for verb in source.verbs} <= there


def test_old_notes_are_pruned_and_a_schedule_that_looked_meanwhile_misses_nothing(
    world: World, schedule: Schedule
) -> None:
    world.step()
    ask(schedule)
    WorklistChange.objects.update(at=timezone.now() - timedelta(days=2))
    assert prune_changes() > 0
    step = world.step()
    assert step.sps_id in step_ids(ask(schedule))


def pooled(world: World, *titles: str) -> None:
    pool = DevicePool.objects.create(site=world.north, name="bedside")
    Node.objects.filter(ae_title__in=titles).update(pool=pool, modality="CT")


def test_a_step_of_a_pool_goes_to_every_member_until_one_begins(world: World, schedule: Schedule) -> None:
    pooled(world, "CT1", "US1")
    step = world.step()
    (own,), (other,) = ask(schedule), ask(schedule, "US1")
    assert list(own.ScheduledProcedureStepSequence[0].ScheduledStationAETitle) == ["CT1", "US1"]
    assert list(other.ScheduledProcedureStepSequence[0].ScheduledStationAETitle) == ["US1", "CT1"]
    assert ask(schedule, "MR1") == []
    start_step(step, by=world.technologist)
    assert (ask(schedule), ask(schedule, "US1")) == ([], [])


def test_a_portable_step_without_a_pooled_device_goes_to_the_pooled_ones_of_its_modality(
    world: World, schedule: Schedule
) -> None:
    pooled(world, "US1", "DX1")
    step = world.step()
    assert ask(schedule, "US1") == []
    ScheduledProcedureStep.objects.filter(pk=step.pk).update(portable=True, ward="4 West", bed="12", node=None)
    alert(patient_of(step), "infection", "MRSA")
    query = identifier({}, CurrentPatientLocation="", SpecialNeeds="")
    for ae_title in ("US1", "DX1"):
        (found,) = ask(schedule, ae_title, query)
        assert (found.CurrentPatientLocation, found.SpecialNeeds) == ("4 West, 12", "Isolation: MRSA")
    assert ask(schedule) == []


def test_a_device_may_ask_for_any_of_the_titles_of_a_step(world: World, schedule: Schedule) -> None:
    pooled(world, "CT1", "US1")
    world.step()
    for title in ("CT1", "US1"):
        assert len(ask(schedule, query=identifier({"ScheduledStationAETitle": title}))) == 1
    assert ask(schedule, query=identifier({"ScheduledStationAETitle": "MR1"})) == []


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


KEYS: list[dict[str, Any]] = [
    {"AccessionNumber": "own"},
    {"PatientID": "own"},
    {"StudyInstanceUID": "own"},
    {"RequestedProcedureID": "own"},
    {"PatientName": "MOLLER*"},
    {"PatientName": "M*"},
    {"PatientName": "*ase"},
    {"PatientName": "nobody"},
    {"AccessionNumber": "none"},
]


@pytest.mark.parametrize("keys", KEYS)
def test_what_is_looked_up_is_what_a_scan_would_find(world: World, schedule: Schedule, keys: dict[str, Any]) -> None:
    for name in ("Møller", "Berg", "Möller"):
        world.booking(world.order(world.patient(name)))
    schedule.look()
    device, node = schedule.device("CT1"), world.node()
    assert device is not None
    everything = entries_for(node, None, limit=99)
    first = everything[0]
    own = {
        "AccessionNumber": first.accession_number,
        "PatientID": first.patient_id,
        "StudyInstanceUID": first.study_instance_uid,
        "RequestedProcedureID": first.requested_procedure_id,
    }
    asked = {key: own[key] if value == "own" else value for key, value in keys.items()}
    query = parse(identifier({}, **asked))
    expected = [entry for entry in everything if match(entry, query)]
    assert [kept.entry_for(device) for kept in matching(schedule, device, query, timezone.now())] == expected
