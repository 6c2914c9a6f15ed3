"""What an MPPS message does to the exam, in the database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydicom.dataset import Dataset

from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.core.errors import NotFound, NotPermitted
from ris.dicom.datasets import StudyRow
from ris.events.models import Event
from ris.orders.actions import cancel_order
from ris.patients.models import Patient
from ris.scheduling.actions import arrive
from ris.scheduling.models import ScheduledProcedureStep
from tests.worklist.mpps.samples import UID, completed, created, discontinued, series, unscheduled_item
from tests.world import World
from worklist.actions.performed import AlreadyCreatedError, FrozenError, start_procedure, update_procedure
from worklist.actions.studies import note_study
from worklist.models import PerformedProcedureStep, Study
from worklist.mpps import messages
from worklist.mpps.reading import MessageError

pytestmark = [pytest.mark.django_db, pytest.mark.db]

DEVICE = SystemActor("mpps")
SECOND = "2.25.4002"


def begin(world: World, message: Dataset, uid: str = UID, *, ae_title: str = "CT1") -> PerformedProcedureStep:
    return start_procedure(messages.started(uid, message), node=world.node(ae_title), by=DEVICE)


def tell(world: World, message: Dataset, uid: str = UID, *, ae_title: str = "CT1") -> PerformedProcedureStep:
    return update_procedure(messages.updated(uid, message), node=world.node(ae_title), by=DEVICE)


def fresh(step: ScheduledProcedureStep) -> ScheduledProcedureStep:
    return ScheduledProcedureStep.objects.select_related("appointment", "requested_procedure__order").get(pk=step.pk)


def test_a_start_moves_the_step_the_appointment_and_the_order(world: World) -> None:
    step = world.step()
    performed = begin(world, created(step))
    now = fresh(step)
    assert now.appointment is not None
    assert (now.state, now.appointment.state) == ("STARTED", "arrived")
    assert now.requested_procedure.order.state == "in-progress"
    assert list(performed.steps.all()) == [step]
    assert not performed.unscheduled
    assert performed.started_at == datetime(2027, 3, 12, 10, 30, 12, 500000, tzinfo=world.north.zone)
    assert Event.objects.filter(kind="step.started", target_id=str(step.pk)).count() == 1


@pytest.mark.parametrize("arrived", [False, True])
def test_a_start_is_legal_before_and_after_arrival(world: World, arrived: bool) -> None:
    appointment = world.booking()
    if arrived:
        arrive(appointment, by=world.clerk)
    step = world.step(appointment)
    begin(world, created(step))
    assert fresh(step).state == "STARTED"


def test_completion_finishes_the_step_and_fulfils_the_appointment(world: World) -> None:
    step = world.step()
    begin(world, created(step))
    performed = tell(world, completed())
    now = fresh(step)
    assert now.appointment is not None
    assert (performed.state, now.state, now.appointment.state) == ("COMPLETED", "COMPLETED", "fulfilled")
    assert now.requested_procedure.order.state == "completed"
    assert performed.ended_at == datetime(2027, 3, 12, 10, 45, tzinfo=world.north.zone)
    assert performed.final_message["00400340"]["Value"][0]["0020000E"]["Value"] == ["2.25.5001"]
    assert Event.objects.filter(kind="step.completed", target_id=str(step.pk)).count() == 1


def test_the_audit_names_start_update_and_end_with_the_device_and_the_patient(world: World) -> None:
    step = world.step()
    performed = begin(world, created(step))
    tell(world, completed(PerformedProcedureStepStatus="IN PROGRESS"))
    tell(world, completed())
    rows = AuditEvent.objects.filter(target_id=str(performed.pk), action__startswith="procedure.").order_by("id")
    assert [row.action for row in rows] == ["procedure.started", "procedure.updated", "procedure.completed"]
    first, _, last = rows
    assert first.patient_id == last.patient_id == step.requested_procedure.order.patient_id
    assert first.study_uid == step.requested_procedure.study_instance_uid
    assert (first.actor_id, first.detail["node"], first.event_code) == ("mpps", "CT1", "110111")


def test_an_intermediate_update_keeps_the_step_running_and_adds_what_it_says(world: World) -> None:
    step = world.step()
    begin(world, created(step))
    tell(world, completed(PerformedProcedureStepStatus=None, PerformedProcedureStepEndTime=None))
    assert fresh(step).state == "STARTED"
    performed = tell(world, completed(PerformedSeriesSequence=None))
    assert performed.state == "COMPLETED"
    assert "00400340" in performed.final_message


@pytest.mark.parametrize("last", [completed, discontinued])
@pytest.mark.parametrize("late", [completed, discontinued])
def test_a_final_state_is_frozen(world: World, last: Any, late: Any) -> None:
    begin(world, created(world.step()))
    before = tell(world, last())
    with pytest.raises(FrozenError):
        tell(world, late(PerformedProcedureStepEndTime="235959"))
    after = PerformedProcedureStep.objects.get(pk=before.pk)
    assert (after.state, after.ended_at) == (before.state, before.ended_at)


def test_a_uid_is_created_once(world: World) -> None:
    step = world.step()
    begin(world, created(step))
    with pytest.raises(AlreadyCreatedError):
        begin(world, created(world.step()))
    assert PerformedProcedureStep.objects.count() == 1


def test_an_update_of_what_was_never_created_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        tell(world, completed())


def test_a_device_of_another_site_cannot_update(world: World) -> None:
    from ris.dicom.models import Node

    begin(world, created(world.step()))
    Node.objects.create(site=world.south, name="Far", ae_title="FAR1", modality="CT")
    with pytest.raises(NotFound):
        tell(world, completed(), ae_title="FAR1")


def test_a_final_state_without_its_end_time_changes_nothing(world: World) -> None:
    from django.db import transaction

    step = world.step()
    performed = begin(world, created(step))
    with pytest.raises(MessageError), transaction.atomic():
        tell(world, completed(PerformedProcedureStepEndTime=None))
    performed.refresh_from_db()
    assert (performed.state, fresh(step).state) == ("IN PROGRESS", "STARTED")


def test_an_unscheduled_exam_is_recorded_and_not_refused(world: World) -> None:
    performed = begin(world, created())
    assert performed.unscheduled
    assert performed.steps.count() == 0
    assert tell(world, completed()).state == "COMPLETED"
    (row,) = AuditEvent.objects.filter(action="procedure.started")
    assert "no accession number" in row.detail["unscheduled_because"]


def test_another_patients_message_never_starts_the_step(world: World) -> None:
    step = world.step()
    performed = begin(world, created(step, PatientID="SOMEONE-ELSE"))
    assert performed.unscheduled
    assert fresh(step).state == "SCHEDULED"


def test_an_accession_of_one_exam_with_the_step_of_another_starts_neither(world: World) -> None:
    patient = world.patient()
    one = world.step(world.booking(world.order(patient)))
    two = world.step(world.booking(world.order(patient)))
    message = created(one)
    message.ScheduledStepAttributesSequence[0].ScheduledProcedureStepID = two.sps_id
    assert begin(world, message).unscheduled
    assert (fresh(one).state, fresh(two).state) == ("SCHEDULED", "SCHEDULED")


def test_a_number_of_a_record_merged_into_the_patient_is_the_patients(world: World) -> None:
    step = world.step()
    patient = step.requested_procedure.order.patient
    alias = world.patient("Moeller", "Ase")
    Patient.objects.filter(pk=alias.pk).update(merged_into=patient)
    number = alias.identifier_at(world.north)
    assert number is not None
    begin(world, created(step, PatientID=number.value))
    assert fresh(step).state == "STARTED"


def test_without_a_patient_number_only_our_own_study_uid_counts(world: World) -> None:
    one, two = world.step(), world.step()
    message = created(one, PatientID="")
    begin(world, message)
    assert fresh(one).state == "STARTED"
    stranger = created(two, PatientID="")
    stranger.ScheduledStepAttributesSequence[0].StudyInstanceUID = "2.25.123456"
    assert begin(world, stranger, SECOND).unscheduled
    assert fresh(two).state == "SCHEDULED"


def test_a_message_with_nothing_but_our_study_uid_is_linked(world: World) -> None:
    step = world.step()
    item = unscheduled_item(step.requested_procedure.study_instance_uid)
    assert list(begin(world, created(step, ScheduledStepAttributesSequence=[item])).steps.all()) == [step]


def test_group_case_one_performed_step_ends_several_scheduled_ones(world: World) -> None:
    patient = world.patient()
    steps = [world.step(world.booking(world.order(patient))) for _ in range(2)]
    begin(world, created(*steps))
    assert [fresh(step).state for step in steps] == ["STARTED", "STARTED"]
    tell(world, completed())
    assert [fresh(step).state for step in steps] == ["COMPLETED", "COMPLETED"]


def test_append_case_the_step_ends_with_the_last_of_its_performed_steps(world: World) -> None:
    step = world.step()
    begin(world, created(step))
    begin(world, created(step), SECOND)
    tell(world, completed())
    assert fresh(step).state == "STARTED"
    tell(world, discontinued(), SECOND)
    assert fresh(step).state == "COMPLETED"


def test_a_discontinued_exam_discontinues_its_step_with_the_reason(world: World) -> None:
    step = world.step()
    begin(world, created(step))
    performed = tell(world, discontinued("110513"))
    assert (performed.state, performed.discontinuation_code, fresh(step).state) == (
        "DISCONTINUED",
        "110513",
        "DISCONTINUED",
    )
    assert Event.objects.filter(kind="step.discontinued", target_id=str(step.pk)).exists()


def test_the_wrong_worklist_entry_puts_the_step_back_and_closes_the_study(world: World) -> None:
    step = world.step()
    study = Study.objects.create(
        study_instance_uid=step.requested_procedure.study_instance_uid, site=world.north, state="matched"
    )
    begin(world, created(step))
    tell(world, discontinued("110514"))
    study.refresh_from_db()
    assert (fresh(step).state, study.state) == ("SCHEDULED", "blocked")
    assert Event.objects.filter(kind="study.blocked", target_id=str(study.pk)).exists()


def test_images_under_a_wrong_name_are_closed_before_the_archive_tells_of_them(world: World) -> None:
    step = world.step()
    begin(world, created(step))
    tell(world, discontinued("110514", PerformedSeriesSequence=[series()]))
    study = Study.objects.get(study_instance_uid=step.requested_procedure.study_instance_uid)
    assert (study.state, study.site) == ("blocked", world.north)
    row = StudyRow(study_instance_uid=study.study_instance_uid, instance_count=3)
    assert note_study(row, by=SystemActor("matcher")).state == "blocked"


def test_a_wrong_entry_without_images_closes_nothing(world: World) -> None:
    begin(world, created(world.step()))
    tell(world, discontinued("110514"))
    assert not Study.objects.exists()


def test_the_step_put_back_can_be_started_again(world: World) -> None:
    step = world.step()
    begin(world, created(step))
    tell(world, discontinued("110514"))
    begin(world, created(step), SECOND)
    tell(world, completed(), SECOND)
    assert fresh(step).state == "COMPLETED"


def test_a_cancelled_step_is_not_revived_and_the_exam_is_kept_for_a_person(world: World) -> None:
    step = world.step()
    cancel_order(step.requested_procedure.order, reason="not needed", by=world.clerk)
    performed = begin(world, created(step))
    assert performed.unscheduled
    assert fresh(step).state == "CANCELED"


def test_only_who_may_perform_may_start(world: World) -> None:
    clerk: User = world.clerk
    with pytest.raises(NotPermitted):
        start_procedure(messages.started(UID, created(world.step())), node=world.node(), by=clerk)
    assert PerformedProcedureStep.objects.count() == 0


def test_an_instant_with_offset_is_kept_as_it_is(world: World) -> None:
    performed = begin(world, created(world.step(), TimezoneOffsetFromUTC="+0000"))
    assert performed.started_at == datetime(2027, 3, 12, 10, 30, 12, 500000, tzinfo=UTC)


def test_append_case_a_step_that_was_over_runs_again_until_the_last_performed_step_ends(world: World) -> None:
    step = world.step()
    begin(world, created(step))
    tell(world, completed())
    begin(world, created(step), SECOND)
    assert (fresh(step).state, fresh(step).requested_procedure.order.state) == ("STARTED", "in-progress")
    tell(world, discontinued(), SECOND)
    assert (fresh(step).state, fresh(step).requested_procedure.order.state) == ("COMPLETED", "completed")
