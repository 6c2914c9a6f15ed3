"""Images under the wrong patient's name (workflow.md rule 3): closed at once, for everybody, until a person knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from reporting.actions import save_draft
from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.events.models import Event
from ris.scheduling.actions import arrive, start_step
from ris.scheduling.models import ScheduledProcedureStep
from tests.exam import FINDINGS, MATCHER, case, draft, noted, performed, sign, study_row
from tests.worklist.mpps.samples import completed, created, discontinued, series
from tests.worklist.mpps.test_performed import SECOND, begin, fresh, tell
from tests.worklist.mwl.conftest import lenient_reading  # noqa: F401  a fixture
from tests.world import PASSWORD, World
from worklist.actions.reading import claim
from worklist.actions.studies import note_study
from worklist.actions.wrong_patient import settle_wrong_patient, wrong_patient
from worklist.models import ReadingTask, Study, WrongPatient

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.usefixtures("lenient_reading")]

WHY = "The wristband says Olsen"


def step_of(task: ReadingTask) -> ScheduledProcedureStep:
    return ScheduledProcedureStep.objects.get(requested_procedure__in=task.requested_procedures.all())


def by_the_technologist(world: World) -> Study:
    """An exam done and read from, and then the word that another patient lay there."""
    task = case(world, world.step().requested_procedure)
    wrong_patient(step_of(task), reason=WHY, by=world.technologist)
    return Study.objects.get()


def by_the_device(world: World) -> Study:
    """The same by MPPS: DISCONTINUED with 110514."""
    step = world.step()
    begin(world, created(step))
    noted(step.requested_procedure)
    tell(world, discontinued("110514", PerformedSeriesSequence=[series()]))
    return Study.objects.get()


WAYS = [by_the_technologist, by_the_device]
Way = Callable[[World], Study]


@pytest.mark.parametrize("way", WAYS)
def test_nobody_sees_the_study_any_more(world: World, way: Way) -> None:
    study = way(world)
    assert study.state == "blocked"
    for person in world.people.values():
        assert not Study.objects.visible_to(person).exists()


@pytest.mark.parametrize("way", WAYS)
def test_it_is_queued_for_those_who_reconcile_with_who_said_so_and_why(world: World, way: Way) -> None:
    study = way(world)
    row = WrongPatient.objects.get()
    assert (row.study, row.study_instance_uid, row.site) == (study, study.study_instance_uid, world.north)
    assert row.reason
    assert row.said_by
    assert list(WrongPatient.objects.visible_to(world.technologist).waiting()) == [row]
    assert not WrongPatient.objects.visible_to(world.outsider).exists()
    assert Event.objects.filter(kind="study.blocked", target_id=str(study.pk)).count() == 1


@pytest.mark.parametrize("way", WAYS)
def test_the_step_waits_again_and_its_next_images_are_a_study_of_their_own(world: World, way: Way) -> None:
    study = way(world)
    step = ScheduledProcedureStep.objects.select_related("requested_procedure__order", "appointment").get()
    assert step.state == "SCHEDULED"
    assert step.appointment is not None
    assert step.appointment.state == "booked"
    assert step.requested_procedure.order.state == "in-progress"
    assert step.requested_procedure.study_instance_uid != study.study_instance_uid
    performed(world, step.requested_procedure)
    right = noted(step.requested_procedure)
    assert (right.pk != study.pk, right.state) == (True, "matched")
    assert list(ReadingTask.objects.get().studies()) == [right]


def test_a_patient_who_had_arrived_is_still_here(world: World) -> None:
    appointment = world.booking()
    arrive(appointment, by=world.clerk)
    step = world.step(appointment)
    begin(world, created(step))
    tell(world, discontinued("110514"))
    now = fresh(step)
    assert now.appointment is not None
    assert (now.state, now.appointment.state) == ("ARRIVED", "arrived")


def test_the_case_leaves_every_list_and_nobody_can_take_it(world: World) -> None:
    task = case(world)
    wrong_patient(step_of(task), reason=WHY, by=world.technologist)
    task.refresh_from_db()
    assert (task.held, task.image_count, list(task.studies())) == (True, 0, [])
    assert not ReadingTask.objects.for_reading_list(world.radiologist).exists()
    with pytest.raises(TransitionError, match="another patient"):
        claim(task, by=world.radiologist)


def test_a_report_on_the_wrong_images_cannot_be_signed_not_even_with_the_right_ones_until_it_was_read_again(
    world: World, signing_key: None
) -> None:
    report = draft(world)
    step = step_of(report.task)
    wrong_patient(step, reason=WHY, by=world.technologist)
    report.refresh_from_db()
    with pytest.raises(InvalidInput, match="no study"):
        sign(report, world.radiologist)
    step = ScheduledProcedureStep.objects.select_related("requested_procedure").get(pk=step.pk)
    performed(world, step.requested_procedure)
    noted(step.requested_procedure)
    with pytest.raises(InvalidInput, match="another patient"):
        sign(report, world.radiologist)
    again = save_draft(report, revision=report.revision, sections=FINDINGS, by=world.radiologist)
    assert sign(again, world.radiologist).kind == "final"


def test_whoever_has_the_case_open_is_told_at_the_next_look(world: World, client: Client) -> None:
    report = draft(world)
    client.login(username=world.radiologist.username, password=PASSWORD)
    url = reverse("reporting:numbers", args=[report.pk])
    before = client.get(url).content.decode()
    assert "data-images-closed" not in before
    seen = before.split('data-poll-version="')[1].split('"')[0]
    assert client.get(url, {"seen": seen}).status_code == 204
    wrong_patient(step_of(report.task), reason=WHY, by=world.technologist)
    after = client.get(url, {"seen": seen})
    assert after.status_code == 200
    assert "data-images-closed" in after.content.decode()


def test_a_viewer_without_a_report_is_told_too(world: World, client: Client) -> None:
    task = case(world)
    client.login(username=world.radiologist.username, password=PASSWORD)
    url = f"{reverse('viewer:still')}?StudyInstanceUIDs={Study.objects.get().study_instance_uid}"
    assert client.get(url).status_code == 204
    wrong_patient(step_of(task), reason=WHY, by=world.technologist)
    assert client.get(url).status_code == 404


def test_images_that_the_device_still_sends_are_closed_when_they_come(world: World) -> None:
    step = world.step()
    begin(world, created(step))
    tell(world, discontinued("110514"))
    assert not Study.objects.exists()
    late = noted(step.requested_procedure)
    assert late.state == "blocked"
    assert WrongPatient.objects.get().study == late
    assert not ReadingTask.objects.exists()


def test_late_images_of_the_wrong_patient_stay_closed_when_the_right_one_is_taken_first(world: World) -> None:
    step = world.step()
    wrong = study_row(step.requested_procedure)
    begin(world, created(step))
    tell(world, discontinued("110514"))
    step = ScheduledProcedureStep.objects.select_related("requested_procedure__order", "site").get(pk=step.pk)
    begin(world, created(step), SECOND)
    assert note_study(wrong, by=MATCHER).state == "blocked"
    assert noted(step.requested_procedure).state == "matched"


def test_images_of_a_device_without_mpps_are_closed_when_they_come(world: World) -> None:
    step = world.step()
    start_step(step, by=world.technologist)
    row = study_row(step.requested_procedure)
    wrong_patient(step, reason=WHY, by=world.technologist)
    assert note_study(row, by=MATCHER).state == "blocked"


def test_what_the_device_says_of_the_wrong_patient_afterwards_does_not_touch_the_right_one(world: World) -> None:
    step = world.step()
    begin(world, created(step))
    wrong_patient(step, reason=WHY, by=world.technologist)
    begin(world, created(step), SECOND)
    tell(world, completed())
    assert fresh(step).state == "STARTED"
    tell(world, completed(), SECOND)
    assert fresh(step).state == "COMPLETED"


@pytest.mark.parametrize("code", ["110514", "110513"])
def test_the_device_s_own_word_after_the_technologist_s_does_not_put_the_right_one_back(
    world: World, code: str
) -> None:
    step = world.step()
    begin(world, created(step))
    wrong_patient(step, reason=WHY, by=world.technologist)
    start_step(fresh(step), by=world.technologist)
    tell(world, discontinued(code))
    assert fresh(step).state == "STARTED"


def test_in_the_group_case_every_step_of_the_exam_waits_again(world: World) -> None:
    patient = world.patient()
    steps = [world.step(world.booking(world.order(patient))) for _ in range(2)]
    begin(world, created(*steps))
    wrong_patient(steps[0], reason=WHY, by=world.technologist)
    assert [fresh(step).state for step in steps] == ["SCHEDULED", "SCHEDULED"]


def test_a_person_who_found_out_sends_the_study_to_those_who_match_and_the_machine_never_links_it(world: World) -> None:
    study = by_the_technologist(world)
    row = settle_wrong_patient(WrongPatient.objects.get(), outcome="They are Olsen's", by=world.technologist)
    study.refresh_from_db()
    assert (study.state, row.settled_by) == ("unmatched", world.technologist.display)
    step = ScheduledProcedureStep.objects.select_related("requested_procedure").get()
    again = noted(step.requested_procedure, study_instance_uid=study.study_instance_uid)
    assert (again.pk, again.state) == (study.pk, "unmatched")
    assert "a person must choose" in again.findings[0]
    assert not study.links.filter(active=True).exists()
    with pytest.raises(TransitionError):
        settle_wrong_patient(row, outcome="Again", by=world.technologist)


@pytest.mark.parametrize("who", ["clerk", "referrer", "resident", "siteadmin", "outsider"])
def test_settling_is_for_those_who_reconcile(world: World, who: str) -> None:
    by_the_technologist(world)
    with pytest.raises(NotPermitted):
        settle_wrong_patient(WrongPatient.objects.get(), outcome="x", by=world.people[who])


@pytest.mark.parametrize("who", ["clerk", "referrer", "radiologist", "siteadmin", "outsider"])
def test_saying_so_is_for_technologists(world: World, who: str) -> None:
    task = case(world)
    with pytest.raises(NotPermitted):
        wrong_patient(step_of(task), reason=WHY, by=world.people[who])
    assert Study.objects.get().state == "matched"


@pytest.mark.parametrize(("reason", "error"), [("", InvalidInput), ("  ", InvalidInput)])
def test_it_needs_a_reason(world: World, reason: str, error: Any) -> None:
    task = case(world)
    with pytest.raises(error):
        wrong_patient(step_of(task), reason=reason, by=world.technologist)


def test_a_step_that_was_never_begun_has_no_wrong_patient(world: World) -> None:
    with pytest.raises(TransitionError):
        wrong_patient(world.step(), reason=WHY, by=world.technologist)
    assert not WrongPatient.objects.exists()


def test_the_audit_names_the_closing_the_putting_back_and_the_new_study(world: World) -> None:
    study = by_the_technologist(world)
    for action in ("study.blocked", "step.put-back", "order.study-renewed"):
        row = AuditEvent.objects.get(action=action)
        assert row.actor_id == str(world.technologist.pk)
    assert AuditEvent.objects.get(action="study.blocked").study_uid == study.study_instance_uid


def test_a_signed_report_on_the_wrong_images_says_so_to_whoever_opens_it(
    world: World, signing_key: None, client: Client
) -> None:
    report = draft(world)
    sign(report, world.radiologist)
    wrong_patient(step_of(report.task), reason=WHY, by=world.technologist)
    client.login(username=world.radiologist.username, password=PASSWORD)
    shown = client.get(reverse("reporting:numbers", args=[report.pk])).content.decode()
    assert "data-images-closed" in shown
    assert ReadingTask.objects.get().state == "reported"


def test_a_preliminary_report_on_the_wrong_images_is_not_made_final(world: World, signing_key: None) -> None:
    report = draft(world, by=world.resident)
    sign(report, world.resident, kind="preliminary")
    step = step_of(report.task)
    wrong_patient(step, reason=WHY, by=world.technologist)
    step = ScheduledProcedureStep.objects.select_related("requested_procedure").get(pk=step.pk)
    performed(world, step.requested_procedure)
    noted(step.requested_procedure)
    claim(ReadingTask.objects.get(), by=world.radiologist)
    report.refresh_from_db()
    with pytest.raises(InvalidInput, match="another patient"):
        sign(report, world.radiologist)
