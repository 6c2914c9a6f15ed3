"""Devices that send no MPPS: their exams are closed by the images, and opened again by later ones."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ris.dicom.datasets import SeriesRow
from ris.dicom.models import DeviceProfile, Node
from ris.orders.models import Procedure, RequestedProcedure
from ris.scheduling.actions import complete_step, start_step
from ris.scheduling.models import ScheduledProcedureStep
from tests.exam import MATCHER, case, draft, noted, study_row
from tests.world import World
from worklist.actions.closing import QUIET, UNCLOSED, close_quiet_steps, open_cases_of_unclosed
from worklist.actions.reading import claim
from worklist.actions.sides import SeenSeries, keep_series
from worklist.actions.studies import note_study
from worklist.actions.wrong_patient import wrong_patient
from worklist.models import ReadingTask, Study

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def silent(world: World) -> Node:
    """CT 1 tells nothing of its exams."""
    profile = DeviceProfile.objects.create(name="Old CT", sends_mpps=False)
    Node.objects.filter(ae_title="CT1").update(profile=profile)
    return world.node()


def quiet() -> None:
    Study.objects.update(grew_at=timezone.now() - QUIET - timedelta(seconds=1))


def state_of(requested: RequestedProcedure) -> str:
    return ScheduledProcedureStep.objects.get(requested_procedure=requested).state


def test_a_quiet_minute_closes_the_exam_and_it_can_be_read(world: World, silent: Node) -> None:
    requested = world.step().requested_procedure
    noted(requested)
    assert close_quiet_steps() == 0
    assert state_of(requested) == "SCHEDULED"
    quiet()
    assert close_quiet_steps() == 1
    assert state_of(requested) == "COMPLETED"
    assert ReadingTask.objects.get().requested_procedures.get() == requested
    assert close_quiet_steps() == 0


def test_a_device_that_sends_mpps_is_never_closed_by_its_images(world: World) -> None:
    step = world.step()
    start_step(step, by=world.technologist)
    noted(step.requested_procedure)
    quiet()
    assert close_quiet_steps() == 0
    assert state_of(step.requested_procedure) == "STARTED"


@pytest.mark.parametrize(("images", "state"), [(1, "SCHEDULED"), (2, "COMPLETED"), (3, "COMPLETED")])
def test_fewer_images_than_the_catalogue_expects_do_not_close_it(
    world: World, silent: Node, images: int, state: str
) -> None:
    Procedure.objects.filter(code="CTCHEST").update(expected_images=2)
    requested = world.step().requested_procedure
    noted(requested, instance_count=images)
    quiet()
    close_quiet_steps()
    assert state_of(requested) == state


def test_later_images_open_it_again_and_tell_its_reader(world: World, silent: Node) -> None:
    requested = world.step().requested_procedure
    noted(requested)
    quiet()
    close_quiet_steps()
    task = claim(ReadingTask.objects.get(), by=world.radiologist)
    noted(requested, instance_count=240)
    assert state_of(requested) == "STARTED"
    task.refresh_from_db()
    assert task.images_added_at is not None
    assert task.image_count == 240
    quiet()
    assert close_quiet_steps() == 1
    assert (state_of(requested), ReadingTask.objects.count()) == ("COMPLETED", 1)


def test_what_a_technologist_completed_is_not_opened_by_late_images(world: World, silent: Node) -> None:
    step = world.step()
    start_step(step, by=world.technologist)
    complete_step(step, by=world.technologist)
    noted(step.requested_procedure)
    noted(step.requested_procedure, instance_count=240)
    assert state_of(step.requested_procedure) == "COMPLETED"


def test_the_same_count_told_again_is_no_news(world: World) -> None:
    report = draft(world)
    noted(report.task.requested_procedures.get())
    assert ReadingTask.objects.get().images_added_at is None


def test_what_the_reader_stores_in_the_study_is_no_news(world: World) -> None:
    requested = draft(world).task.requested_procedures.get()
    study = noted(requested)
    row = SeriesRow(study.study_instance_uid, f"{study.study_instance_uid}.1", "CT", instance_count=120)
    keep_series(study, [SeenSeries(row, frozenset())], by=MATCHER)
    note_study(study_row(requested, instance_count=121), images=120, by=MATCHER)
    assert ReadingTask.objects.get().images_added_at is None
    note_study(study_row(requested, instance_count=122), images=121, by=MATCHER)
    assert ReadingTask.objects.get().images_added_at is not None


def test_who_has_not_taken_the_case_needs_no_telling(world: World) -> None:
    task = case(world)
    noted(task.requested_procedures.get(), instance_count=500)
    assert ReadingTask.objects.get().images_added_at is None


def test_an_exam_of_two_steps_is_left_to_a_person(world: World, silent: Node) -> None:
    step = world.step()
    ScheduledProcedureStep.objects.create(
        site=step.site, requested_procedure=step.requested_procedure, node=step.node, sps_id="SECOND", modality="CT",
        description="Delayed",
    )  # fmt: skip
    noted(step.requested_procedure)
    quiet()
    assert close_quiet_steps() == 0


def test_a_stat_exam_can_be_read_from_its_first_image(world: World) -> None:
    order = world.order(priority="STAT")
    requested = world.step(world.booking(order)).requested_procedure
    noted(requested, instance_count=1)
    assert ReadingTask.objects.get().requested_procedures.get() == requested


def forgotten() -> None:
    Study.objects.update(grew_at=timezone.now() - UNCLOSED - timedelta(seconds=1))


def test_an_exam_that_nobody_ended_is_read_all_the_same(world: World) -> None:
    step = world.step(world.booking(start=timezone.now() - timedelta(hours=2)))
    start_step(step, by=world.technologist)
    noted(step.requested_procedure)
    open_cases_of_unclosed()
    assert not ReadingTask.objects.exists()
    forgotten()
    open_cases_of_unclosed()
    open_cases_of_unclosed()
    task = ReadingTask.objects.get()
    assert (task.requested_procedures.get(), task.image_count) == (step.requested_procedure, 120)
    assert state_of(step.requested_procedure) == "STARTED"


def test_an_exam_whose_second_part_is_still_to_come_waits_for_it(world: World) -> None:
    step = world.step(world.booking(start=timezone.now() - timedelta(hours=2)))
    ScheduledProcedureStep.objects.create(
        site=step.site, requested_procedure=step.requested_procedure, node=step.node, sps_id="SECOND", modality="CT",
        description="Delayed", start=timezone.now() + timedelta(hours=3),
    )  # fmt: skip
    start_step(step, by=world.technologist)
    noted(step.requested_procedure)
    forgotten()
    open_cases_of_unclosed()
    assert not ReadingTask.objects.exists()


def test_a_study_that_was_closed_opens_no_case(world: World) -> None:
    step = world.step(world.booking(start=timezone.now() - timedelta(hours=2)))
    start_step(step, by=world.technologist)
    noted(step.requested_procedure)
    wrong_patient(step, reason="Not hers", by=world.technologist)
    forgotten()
    open_cases_of_unclosed()
    assert not ReadingTask.objects.exists()
