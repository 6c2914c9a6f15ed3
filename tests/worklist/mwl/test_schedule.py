"""What the server keeps is what the database says, at each look and whoever wrote."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from ris.accounts.models import Site
from ris.dicom.models import DeviceContact, DevicePool, Node
from ris.orders.actions import cancel_order
from ris.orders.models import Order, Procedure, SafetyAnswer
from ris.patients.actions import merge_patients
from ris.patients.models import Patient, PatientIdentifier
from ris.scheduling.actions import cancel_appointment, start_step
from ris.scheduling.models import ScheduledProcedureStep
from tests.worklist.mwl.asking import alert, answer, ask, names, patient_of, step_ids
from tests.worklist.mwl.samples import identifier
from tests.world import World
from worklist.models import WorklistChange
from worklist.mwl.entries import entries_for
from worklist.mwl.finder import matching
from worklist.mwl.pruning import prune_changes, prune_contacts
from worklist.mwl.query import match, parse
from worklist.mwl.schedule import Schedule
from worklist.mwl.triggers import SOURCES

pytestmark = [pytest.mark.django_db, pytest.mark.db]


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


@pytest.mark.django_db(transaction=True)
def test_one_query_of_the_log_answers_when_nothing_changed(
    live_world: World, schedule: Schedule, django_assert_num_queries: Any
) -> None:
    live_world.step()
    ask(schedule)
    with django_assert_num_queries(1):
        assert len(ask(schedule)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_of_one_step_does_not_read_the_others_again(
    live_world: World, schedule: Schedule, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        live_world.booking()
    ask(schedule)
    live_world.booking()
    with django_assert_max_num_queries(7):
        assert len(ask(schedule)) == 6


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_is_seen_though_it_was_noted_early(live_world: World, schedule: Schedule) -> None:
    """Two bookings overlap, and the first to write is the last to commit. (SQLite lets no second writer begin.)"""
    steps = [live_world.step(), live_world.step()]
    assert len(ask(schedule)) == 2
    early = connection.copy("default")
    early.set_autocommit(False)
    with early.cursor() as cursor:
        cursor.execute("UPDATE scheduling_scheduledprocedurestep SET ward = 'early' WHERE id = %s", [steps[0].pk])
    if connection.vendor == "sqlite":
        early.commit()
    ScheduledProcedureStep.objects.filter(pk=steps[1].pk).update(ward="late")
    query = identifier({}, CurrentPatientLocation="")
    before = {found.CurrentPatientLocation for found in ask(schedule, query=query)}
    early.commit()
    early.close()
    assert "late" in before
    assert {found.CurrentPatientLocation for found in ask(schedule, query=query)} == {"early", "late"}


@pytest.mark.django_db(transaction=True)
def test_who_looks_while_writing_sees_what_it_wrote_itself(live_world: World) -> None:
    """Also when others, who began later, ended meanwhile (a database's own housekeeping is enough)."""
    other = connection.copy("default")
    with transaction.atomic():
        step = live_world.step()
        if connection.vendor == "postgresql":
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_current_xact_id()")
        other.close()
        schedule = Schedule()
        assert step_ids(ask(schedule)) == [step.sps_id]
        second = live_world.step()
        assert step_ids(ask(schedule)) == [step.sps_id, second.sps_id]


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


def test_the_device_log_is_kept_for_thirty_days(world: World) -> None:
    for days in (1, 29, 31, 400):
        DeviceContact.objects.create(ae_title="CT1", kind="echo", at=timezone.now() - timedelta(days=days))
    assert prune_contacts() == 2
    assert DeviceContact.objects.count() == 2


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
