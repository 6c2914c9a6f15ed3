"""What people decide about studies stands, is written down with who, when and why, and can be taken back."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.orders.models import Order, RequestedProcedure
from tests.exam import MATCHER, case, draft, noted, performed, sign, study_row
from tests.world import World
from worklist.actions import decisions
from worklist.actions.studies import note_study
from worklist.actions.wrong_patient import settle_wrong_patient, wrong_patient
from worklist.exam.record import ReceivedSeries
from worklist.models import PerformedProcedureStep, ReadingTask, Study, StudyLink, WrongPatient
from worklist.reconcile.decisions import StudyDecision

pytestmark = [pytest.mark.django_db, pytest.mark.db]

WHY = "Asked at the device: the wristband was read twice"
LOST = {"study_instance_uid": "2.25.99", "accession_number": ""}


def linked_to(study: Study) -> list[RequestedProcedure]:
    return [one.requested_procedure for one in study.links.filter(active=True).order_by("pk")]


def test_a_lost_study_is_linked_by_a_person_and_can_be_read(world: World) -> None:
    requested = world.requested()
    performed(world, requested)
    study = noted(requested, **LOST)
    assert (study.state, study.doubt) == ("unmatched", "nothing")
    decision = decisions.link(study, requested, reason=WHY, by=world.technologist)
    study.refresh_from_db()
    link = StudyLink.objects.get(active=True)
    assert (study.state, link.evidence, link.by_person, link.reason) == ("matched", "by hand", True, WHY)
    assert (decision.by_name, decision.reason, decision.before) == (world.technologist.display, WHY, [])
    assert ReadingTask.objects.get().studies().get() == study
    row = AuditEvent.objects.get(action="study.decided")
    assert (row.study_uid, row.actor_id) == (study.study_instance_uid, str(world.technologist.pk))


def test_the_matcher_leaves_what_a_person_linked(world: World) -> None:
    requested = world.requested()
    study = noted(requested, **LOST, birth_date=date(1999, 1, 1))
    decisions.link(study, requested, reason=WHY, by=world.radiologist)
    again = noted(requested, **LOST, birth_date=date(1999, 1, 1), instance_count=200)
    assert (again.state, linked_to(again)) == ("matched", [requested])
    assert "although the birth date differs" in again.findings[0]


def test_what_the_person_did_not_see_closes_the_study_again(world: World) -> None:
    requested = world.requested()
    study = noted(requested, **LOST)
    decisions.link(study, requested, reason=WHY, by=world.radiologist)
    again = noted(requested, **LOST, patient_name="SOMEBODY^Else")
    assert (again.state, linked_to(again)) == ("unmatched", [])
    assert "the family name differs" in again.findings[0]


def test_what_a_person_unlinked_is_not_linked_again_by_itself(world: World) -> None:
    task = case(world)
    requested = task.requested_procedures.get()
    study = Study.objects.get()
    decisions.unlink(study, reason="These are the phantom's images", by=world.technologist)
    for count in (120, 121):
        again = noted(requested, instance_count=count)
        assert (again.state, again.doubt, linked_to(again)) == ("unmatched", "person", [])
    task.refresh_from_db()
    assert (task.held, task.image_count) == (True, 0)


def test_after_unlinking_nothing_is_signed_on_what_was_seen(world: World) -> None:
    report = draft(world)
    decisions.unlink(Study.objects.get(), reason="Another patient's", by=world.technologist)
    report.refresh_from_db()
    with pytest.raises(InvalidInput, match="no study that may be read"):
        sign(report, world.radiologist)


def test_undoing_a_link_puts_the_study_back_into_the_queue(world: World) -> None:
    requested = world.requested()
    performed(world, requested)
    study = noted(requested, **LOST)
    decision = decisions.link(study, requested, reason=WHY, by=world.technologist)
    decisions.undo(decision, reason="It was the other one", by=world.radiologist)
    study.refresh_from_db()
    assert (study.state, study.decided, linked_to(study)) == ("unmatched", False, [])
    assert ReadingTask.objects.get().held
    decision.refresh_from_db()
    assert (decision.undone_by, decision.undone_why) == (world.radiologist.display, "It was the other one")


def test_undoing_an_unlink_brings_back_the_link_with_its_evidence(world: World) -> None:
    task = case(world)
    study = Study.objects.get()
    decision = decisions.unlink(study, reason="The phantom's", by=world.technologist)
    decisions.undo(decision, reason="No, it is hers", by=world.technologist)
    study.refresh_from_db()
    link = study.links.get(active=True)
    assert (study.state, link.evidence, link.by_person) == ("matched", "same StudyInstanceUID", False)
    task.refresh_from_db()
    assert (task.held, task.image_count) == (False, 120)
    assert noted(task.requested_procedures.get()).state == "matched"


def test_only_the_latest_decision_is_undone_and_only_once(world: World) -> None:
    requested = world.requested()
    study = noted(requested, **LOST)
    first = decisions.link(study, requested, reason=WHY, by=world.technologist)
    second = decisions.unlink(study, reason="No", by=world.technologist)
    with pytest.raises(TransitionError, match="latest"):
        decisions.undo(first, reason="Again", by=world.technologist)
    decisions.undo(second, reason="Yes", by=world.technologist)
    with pytest.raises(TransitionError, match="latest"):
        decisions.undo(second, reason="Yes", by=world.technologist)
    decisions.undo(first, reason="No", by=world.technologist)
    assert linked_to(study) == []


def test_a_study_of_another_patient_number_stays_closed_until_the_archive_says_the_same(world: World) -> None:
    requested = world.requested()
    performed(world, requested)
    study = noted(requested, **LOST, patient_id="NORTH9999999")
    decisions.link(study, requested, reason=WHY, by=world.technologist)
    study.refresh_from_db()
    assert (study.state, linked_to(study)) == ("correcting", [requested])
    for person in world.people.values():
        assert not Study.objects.visible_to(person).exists()
    assert not ReadingTask.objects.filter(held=False).exists()
    assert noted(requested, **LOST, patient_id="NORTH9999999").state == "correcting"
    task = noted(requested, **LOST)
    assert task.state == "matched"
    assert ReadingTask.objects.get().studies().get() == study


def test_undoing_before_the_archive_was_corrected_puts_it_back(world: World) -> None:
    requested = world.requested()
    study = noted(requested, **LOST, patient_id="NORTH9999999")
    decision = decisions.link(study, requested, reason=WHY, by=world.technologist)
    decisions.undo(decision, reason="No", by=world.technologist)
    study.refresh_from_db()
    assert (study.state, linked_to(study)) == ("unmatched", [])


def test_a_correction_that_failed_puts_the_study_back_with_the_words(world: World) -> None:
    requested = world.requested()
    study = noted(requested, **LOST, patient_id="NORTH9999999")
    decisions.link(study, requested, reason=WHY, by=world.technologist)
    decisions.give_up_correction(study, why="the disk of the archive is full", by=MATCHER)
    study.refresh_from_db()
    assert (study.state, study.doubt) == ("unmatched", "person")
    assert "the disk of the archive is full" in study.findings[0]


def test_an_archive_that_cannot_be_corrected_is_said_so(world: World, settings: object) -> None:
    settings.ARCHIVE_KIND = "dicomweb"  # type: ignore[attr-defined]
    requested = world.requested()
    study = noted(requested, **LOST, patient_id="NORTH9999999")
    with pytest.raises(TransitionError, match="Correct them at the archive"):
        decisions.link(study, requested, reason=WHY, by=world.technologist)
    assert linked_to(study) == []


def test_one_study_answers_two_accessions_of_the_same_patient(world: World) -> None:
    requested = world.requested()
    study = noted(requested)
    other = world.requested(world.order(requested.order.patient, code="MRBRAIN"))
    decisions.link(study, other, reason="One session", by=world.technologist)
    assert linked_to(study) == [requested, other]
    assert noted(requested).state == "matched"
    assert len(linked_to(study)) == 2


def test_two_studies_answer_one_accession(world: World) -> None:
    task = case(world)
    requested = task.requested_procedures.get()
    noted(requested, study_instance_uid="2.25.4712", instance_count=30)
    task.refresh_from_db()
    assert (task.studies().count(), task.image_count) == (2, 150)


def test_a_linked_study_is_never_linked_to_another_patients_exam_too(world: World) -> None:
    study = noted(world.requested())
    other = world.requested(world.order(world.patient("Olsen", "Tor")))
    with pytest.raises(TransitionError, match="another patient"):
        decisions.link(study, other, reason=WHY, by=world.technologist)
    assert len(linked_to(study)) == 1
    assert not StudyDecision.objects.exists()


def test_a_study_of_the_wrong_patient_moves_to_the_right_exam_as_a_whole_and_back(world: World) -> None:
    requested = world.requested()
    performed(world, requested)
    study = noted(requested)
    hers = world.requested(world.order(world.patient("Olsen", "Tor")))
    moved = decisions.link(study, hers, reason=WHY, by=world.technologist, moves=True)
    study.refresh_from_db()
    assert (study.state, linked_to(study)) == ("correcting", [hers])
    assert not ReadingTask.objects.filter(requested_procedures=hers).exists(), "closed until the archive says so"
    assert study.rehomings.get().wanted["accession"] == hers.accession_number
    own = RequestedProcedure.objects.get(pk=requested.pk)
    assert own.study_instance_uid not in {study.study_instance_uid, hers.study_instance_uid}, (
        "who comes next has none of hers"
    )
    decisions.undo(moved, reason="It was the first one", by=world.technologist)
    study.refresh_from_db()
    assert linked_to(study) == [requested]
    assert study.rehomings.filter(undoes__isnull=False).exists(), "the archive's objects go back too"
    assert study.state == "correcting"
    own.refresh_from_db()
    assert own.study_instance_uid == study.study_instance_uid
    assert noted(requested).state == "matched"


@pytest.mark.parametrize("images", [True, False])
def test_an_exam_that_was_done_under_its_new_number_keeps_it_when_the_old_study_comes_back(
    world: World, images: bool
) -> None:
    requested = world.requested()
    study = noted(requested)
    hers = world.requested(world.order(world.patient("Olsen", "Tor")))
    moved = decisions.link(study, hers, reason=WHY, by=world.technologist, moves=True)
    requested.refresh_from_db()
    again = requested.study_instance_uid
    if images:
        newer = noted(requested, archive_id="orthanc-newer")
    else:
        device_at_work(world, again)
    decisions.undo(moved, reason="It was the first one", by=world.technologist)
    requested.refresh_from_db()
    assert requested.study_instance_uid == again
    assert linked_to(study) == [requested]
    if images:
        assert noted(requested, archive_id="orthanc-newer", instance_count=121).state == "matched"
        assert linked_to(newer) == [requested]


def device_at_work(world: World, study_uid: str) -> None:
    """A device said that it began under this number."""
    PerformedProcedureStep.objects.create(
        sop_instance_uid=f"{study_uid}.1", site=world.north, node=world.node(), study_instance_uid=study_uid,
        started_at=timezone.now(),
    )  # fmt: skip


def test_a_study_of_the_queue_leaves_its_number_to_nobody_else(world: World) -> None:
    requested = world.requested()
    study = noted(requested)
    decisions.unlink(study, reason=WHY, by=world.technologist)
    hers = world.requested(world.order(world.patient("Olsen", "Tor")))
    decisions.link(Study.objects.get(), hers, reason=WHY, by=world.technologist)
    assert not RequestedProcedure.objects.filter(study_instance_uid=study.study_instance_uid).exists()
    assert AuditEvent.objects.get(action="order.study-renewed").study_uid == study.study_instance_uid


def with_series(study: Study) -> list[str]:
    uids = [f"{study.study_instance_uid}.{at}" for at in (1, 2, 3)]
    for at, uid in enumerate(uids, start=1):
        ReceivedSeries.objects.create(study=study, series_instance_uid=uid, number=at, modality="CT", images=40)
    return uids


def test_series_of_a_study_go_to_another_exam_of_the_patient_and_back(world: World) -> None:
    requested = world.requested()
    study = noted(requested)
    uids = with_series(study)
    other = world.requested(world.order(requested.order.patient))
    performed(world, other)
    decision = decisions.split(study, other, series=uids[1:], reason="Abdomen", by=world.technologist)
    assert study.links.get(requested_procedure=other).series == uids[1:]
    task = ReadingTask.objects.get(requested_procedures=other)
    assert (task.studies().get(), task.image_count) == (study, 80)
    performed(world, requested)
    first = ReadingTask.objects.get(requested_procedures=requested)
    assert first.image_count == 40, "what was given away is not counted twice"
    decisions.undo(decision, reason="No", by=world.technologist)
    first.refresh_from_db()
    assert (linked_to(study), first.image_count) == ([requested], 120)


def test_a_split_takes_some_of_its_own_series(world: World) -> None:
    requested = world.requested()
    study = noted(requested)
    uids = with_series(study)
    other = world.requested(world.order(requested.order.patient))
    for series in ([], ["1.2.3"], uids):
        with pytest.raises(InvalidInput):
            decisions.split(study, other, series=series, reason=WHY, by=world.technologist)


def test_an_order_is_made_for_a_study_and_broken_off_when_that_is_undone(world: World) -> None:
    known = world.requested()
    study = noted(known, **LOST)
    patient = known.order.patient
    missing = decisions.Missing(patient=patient, procedure=world.procedure(), site=world.north)
    decision = decisions.order_for(study, missing, reason="Emergency, never ordered", by=world.radiologist)
    made = decision.requested_procedure
    assert made is not None
    order = Order.objects.get(pk=made.order_id)
    assert (order.state, order.reason) == ("completed", "Emergency, never ordered")
    assert linked_to(study) == [made]
    assert ReadingTask.objects.get(requested_procedures=made).state == "waiting"
    decisions.undo(decision, reason="It was ordered after all", by=world.radiologist)
    order.refresh_from_db()
    study.refresh_from_db()
    assert (order.state, study.state, linked_to(study)) == ("discontinued", "unmatched", [])


def test_images_of_a_wrong_patient_are_linked_to_the_right_one_by_a_person(world: World) -> None:
    task = case(world)
    wrong = task.requested_procedures.get()
    wrong_patient(wrong.steps.get(), reason="It was Olsen", by=world.technologist)
    right = world.requested(world.order(world.patient("Olsen", "Tor")))
    study = Study.objects.get()
    with pytest.raises(TransitionError, match="Settle"):
        decisions.link(study, right, reason=WHY, by=world.technologist)
    settle_wrong_patient(WrongPatient.objects.get(), outcome="Olsen's", by=world.technologist)
    decisions.link(study, right, reason=WHY, by=world.technologist)
    study.refresh_from_db()
    assert (study.state, linked_to(study)) == ("correcting", [right])
    row = study_row(right, study_instance_uid=study.study_instance_uid)
    assert note_study(row, by=MATCHER).state == "matched"
    assert not Study.objects.filter(links__requested_procedure=wrong, links__active=True).exists()


@pytest.mark.parametrize("who", ["clerk", "resident", "referrer", "siteadmin", "outsider"])
def test_deciding_is_for_those_who_reconcile_at_the_site(who: str, world: World) -> None:
    requested = world.requested()
    study = noted(requested, **LOST)
    person = world.people[who]
    with pytest.raises(NotPermitted):
        decisions.link(study, requested, reason=WHY, by=person)
    with pytest.raises(NotPermitted):
        decisions.unlink(study, reason=WHY, by=person)
    assert not StudyDecision.objects.exists()


def test_no_decision_without_a_reason(world: World) -> None:
    requested = world.requested()
    study = noted(requested, **LOST)
    with pytest.raises(InvalidInput):
        decisions.link(study, requested, reason="  ", by=world.technologist)
    assert not StudyDecision.objects.exists()
