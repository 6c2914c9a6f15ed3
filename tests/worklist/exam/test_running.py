"""The technologist runs an exam: time-out, start, end, hand-over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.orders.actions import Answer, answer_safety
from ris.scheduling.actions import start_step
from ris.scheduling.models import ScheduledProcedureStep
from tests.exam import noted
from tests.worklist.exam.images import knee_of
from tests.world import World
from worklist.actions.exam import confirm, discontinue_exam, send_to_reading, start_exam
from worklist.actions.wrong_patient import wrong_patient
from worklist.exam.record import ExamRule, Remark, TimeOut
from worklist.models import ReadingTask

pytestmark = pytest.mark.db
BOTH = ["name", "birth-date"]


@pytest.fixture
def step(world: World) -> ScheduledProcedureStep:
    """A left knee at a site that asks for a time-out."""
    ExamRule.objects.create(site=world.north, time_out=True)
    return knee_of(world).steps.get()


def stat_of(world: World) -> ScheduledProcedureStep:
    return knee_of(world, priority="STAT").steps.get()


def test_an_exam_begins_after_its_time_out_and_not_before(world: World, step: ScheduledProcedureStep) -> None:
    with pytest.raises(TransitionError, match="The time-out is missing"):
        start_exam(step, by=world.technologist)
    confirm(step, identifiers=BOTH, side="L", by=world.technologist)
    assert start_exam(step, by=world.technologist).state == "STARTED"
    line = TimeOut.objects.get()
    assert (line.by_name, line.words) == (
        "Theo Technologist",
        "Full name, said by the patient, Date of birth, said by the patient; left",
    )
    assert AuditEvent.objects.filter(action="step.recorded", detail__kind="time-out").exists()


@pytest.mark.parametrize(("identifiers", "side", "fields"), [
    (["name"], "L", {"identifiers"}), ([], "L", {"identifiers"}), (["name", "name"], "L", {"identifiers"}),
    (["name", "shoe-size"], "L", {"identifiers"}), (BOTH, "R", {"side"}), (BOTH, "", {"side"}), (BOTH, "B", {"side"}),
])  # fmt: skip
def test_a_time_out_that_confirms_too_little_counts_for_nothing(
    world: World, step: ScheduledProcedureStep, identifiers: list[str], side: str, fields: set[str]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        confirm(step, identifiers=identifiers, side=side, by=world.technologist)
    assert set(refused.value.fields) == fields
    assert TimeOut.objects.count() == 0


def test_every_way_of_a_person_asks_for_it_and_a_device_is_never_refused(
    world: World, step: ScheduledProcedureStep
) -> None:
    with pytest.raises(TransitionError):
        start_step(step, by=world.technologist)
    assert start_step(step, by=SystemActor("mpps")).state == "STARTED"


def test_a_site_without_the_rule_asks_nothing(world: World) -> None:
    assert start_exam(world.step(), by=world.technologist).state == "STARTED"


def test_only_a_stat_exam_skips_it_with_a_reason_on_record(world: World, step: ScheduledProcedureStep) -> None:
    with pytest.raises(InvalidInput, match="Only a STAT exam"):
        start_exam(step, skip_because="In a hurry", by=world.technologist)
    stat = stat_of(world)
    with pytest.raises(TransitionError):
        start_exam(stat, skip_because=" ", by=world.technologist)
    assert start_exam(stat, skip_because="Unconscious, no wristband", by=world.technologist).state == "STARTED"
    assert TimeOut.objects.get(step=stat).skipped_because == "Unconscious, no wristband"


def test_a_time_out_for_somebody_else_does_not_serve_the_next(world: World, step: ScheduledProcedureStep) -> None:
    confirm(step, identifiers=BOTH, side="L", by=world.technologist)
    start_exam(step, by=world.technologist)
    wrong_patient(step, reason="The neighbour's bed", by=world.technologist)
    with pytest.raises(TransitionError, match="The time-out is missing"):
        start_exam(step, by=world.technologist)


def test_an_old_time_out_does_not_hold(world: World, step: ScheduledProcedureStep) -> None:
    line = confirm(step, identifiers=BOTH, side="L", by=world.technologist)
    TimeOut.objects.filter(pk=line.pk).update(at=timezone.now() - timedelta(hours=5))
    with pytest.raises(TransitionError):
        start_exam(step, by=world.technologist)


def test_a_time_out_comes_before_the_exam(world: World) -> None:
    step = start_exam(world.step(), by=world.technologist)
    with pytest.raises(TransitionError, match="has begun"):
        confirm(step, identifiers=BOTH, side="", by=world.technologist)


def test_an_open_hard_stop_refuses_the_start_with_its_reason(world: World) -> None:
    step = world.step(world.booking(world.order(code="CTABD")))
    answer = Answer(kind="egfr", value="20", measured_on=timezone.localdate(), source="Laboratory")
    answer_safety(step.requested_procedure.order, answer=answer, by=world.clerk)
    with pytest.raises(TransitionError, match="eGFR: 20"):
        start_exam(step, by=world.technologist)


@pytest.mark.parametrize("who", ["clerk", "resident", "radiologist", "referrer", "siteadmin", "admin", "outsider"])
def test_others_do_not_run_exams(world: World, who: str) -> None:
    step, person = world.step(), world.people[who]
    with pytest.raises(NotPermitted):
        confirm(step, identifiers=BOTH, side="", by=person)
    with pytest.raises(NotPermitted):
        start_exam(step, by=person)
    with pytest.raises(NotPermitted):
        send_to_reading(step, note="", by=person)


def test_breaking_off_needs_a_reason_which_stands_in_the_record(world: World) -> None:
    step = start_exam(world.step(), by=world.technologist)
    with pytest.raises(InvalidInput):
        discontinue_exam(step, reason=" ", by=world.technologist)
    assert discontinue_exam(step, reason="Claustrophobia", by=world.technologist).state == "DISCONTINUED"
    assert (Remark.objects.get().text, Remark.objects.get().category) == ("Claustrophobia", "broken-off")


def test_sending_to_reading_ends_the_exam_and_opens_the_case(world: World) -> None:
    requested = world.requested()
    step = start_exam(requested.steps.get(), by=world.technologist)
    assert send_to_reading(step, note="Only supine.", by=world.technologist) is None
    assert ScheduledProcedureStep.objects.get(pk=step.pk).state == "COMPLETED"
    noted(requested)
    task = ReadingTask.objects.get(requested_procedures=requested)
    assert send_to_reading(step, note="", by=world.technologist) == task
    assert Remark.objects.get(kind="note").text == "Only supine."


def test_what_has_not_begun_is_not_sent_to_reading(world: World) -> None:
    with pytest.raises(TransitionError, match="has not begun"):
        send_to_reading(world.step(), note="x", by=world.technologist)
    assert Remark.objects.count() == 0
