"""Series of a study are another patient's: which may go, to which exam, who decides, and what follows from it."""

from __future__ import annotations

import pytest

from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.orders.actions import cancel_order
from ris.orders.models import Order, RequestedProcedure
from tests.exam import case, noted, performed
from tests.world import World
from worklist.actions import decisions
from worklist.actions.series import give_series
from worklist.actions.wet_reads import wet_read
from worklist.exam.page import series_rows
from worklist.exam.record import ReceivedSeries
from worklist.models import PerformedProcedureStep, PerformedSeries, ReadingTask, Study
from worklist.reading.wet import WetRead
from worklist.reconcile.decisions import StudyDecision
from worklist.rehoming.parting import follow_series

pytestmark = [pytest.mark.django_db, pytest.mark.db]
WHY = "Two patients under one line of the worklist"
HIS, HERS = "2.25.881", "2.25.882"


def of_two(world: World) -> tuple[Study, RequestedProcedure]:
    """His study with a series of hers, and the exam that hers belongs to."""
    task = case(world)
    study = Study.objects.get(links__requested_procedure__in=task.requested_procedures.all())
    for number, uid in enumerate((HIS, HERS), start=1):
        ReceivedSeries.objects.create(study=study, series_instance_uid=uid, number=number, modality="CT", images=60)
    return study, world.requested(world.order(world.patient("Olsen", "Tor")))


def give(world: World, study: Study, exam: RequestedProcedure, *series: str) -> StudyDecision:
    return give_series(study, exam, series=series or [HERS], reason=WHY, by=world.technologist)


def test_the_study_is_closed_until_they_are_out_of_it(world: World) -> None:
    study, exam = of_two(world)
    task = ReadingTask.objects.get()
    decision = give(world, study, exam)
    study.refresh_from_db()
    task.refresh_from_db()
    assert (study.state, task.held, decision.verb) == ("correcting", True, "series")
    row = study.rehomings.get()
    assert (row.kind, row.series, row.into) == ("series", [HERS], exam.study_instance_uid)
    assert row.wanted["accession"] == exam.accession_number
    for person in world.people.values():
        assert not Study.objects.visible_to(person).exists()


def test_what_was_said_at_first_sight_of_them_does_not_count_until_they_are_back(world: World) -> None:
    study, exam = of_two(world)
    wet_read(ReadingTask.objects.get(), text="No bleeding.", told_to="Dr. Ward", by=world.resident)
    decision = give(world, study, exam)
    assert WetRead.objects.get().standing == "void"
    decisions.undo(decision, reason="They are his", by=world.technologist)
    assert noted(study.links.get(active=True).requested_procedure).state == "matched"
    assert WetRead.objects.get().standing == "counts"


def test_the_exam_does_not_miss_what_was_not_its_own(world: World) -> None:
    study, exam = of_two(world)
    own = study.links.get(active=True).requested_procedure
    step = own.steps.get()
    assert step.started_at is not None
    made = PerformedProcedureStep.objects.create(
        sop_instance_uid="2.25.7", site=world.north, node=world.node(), started_at=step.started_at, state="COMPLETED"
    )
    made.steps.add(step)
    for place, uid in enumerate((HIS, HERS)):
        PerformedSeries.objects.create(performed=made, place=place, series_instance_uid=uid, images=60)
    give(world, study, exam)
    ReceivedSeries.objects.filter(series_instance_uid=HERS).delete()  # as the end of the move does
    assert noted(own, instance_count=60).state == "matched"
    task = ReadingTask.objects.get()
    assert (task.image_count, task.image_state) == (60, "complete")
    assert [(one["expected"], one["short"]) for one in series_rows(step)] == [(60, False)]


def test_series_go_to_another_patients_open_exam_only(world: World) -> None:
    study, exam = of_two(world)
    own = study.links.get(active=True).requested_procedure
    same = world.requested(world.order(own.order.patient))
    mri = world.requested(world.order(world.patient("Kaya"), code="MRBRAIN"))
    with pytest.raises(TransitionError, match="of the same patient"):
        give(world, study, same)
    with pytest.raises(InvalidInput, match="None of these series is MR"):
        give(world, study, mri)
    for series in (["1.2.3"], [HIS, HERS]):
        with pytest.raises(InvalidInput):
            give(world, study, exam, *series)
    cancel_order(exam.order, reason="No", by=world.clerk)
    with pytest.raises(TransitionError):
        give(world, study, RequestedProcedure.objects.get(pk=exam.pk))
    assert not StudyDecision.objects.exists()


def test_series_do_not_go_on_from_where_they_came(world: World) -> None:
    study, exam = of_two(world)
    give(world, study, exam)
    study.rehomings.update(state="done")
    there = noted(exam)
    for uid in (HERS, "2.25.883"):
        ReceivedSeries.objects.create(study=there, series_instance_uid=uid, modality="CT", images=60)
    third = world.requested(world.order(world.patient("Kaya")))
    with pytest.raises(TransitionError, match="came from another patient's study"):
        give(world, there, third)


def test_late_images_of_them_close_the_study_once(world: World) -> None:
    study, exam = of_two(world)
    own = study.links.get(active=True).requested_procedure
    give(world, study, exam)
    study.rehomings.update(state="done")
    assert noted(own).state == "matched"
    assert not follow_series(study.study_instance_uid, {HIS})
    assert follow_series(study.study_instance_uid, {HIS, HERS})
    study.refresh_from_db()
    assert (study.state, study.rehomings.filter(state="waiting").count()) == ("correcting", 1)


def test_only_an_orthanc_can_do_it(world: World, settings: object) -> None:
    settings.ARCHIVE_KIND = "dicomweb"  # type: ignore[attr-defined]
    study, exam = of_two(world)
    with pytest.raises(TransitionError, match="Only in an Orthanc"):
        give(world, study, exam)


def test_it_is_for_those_who_reconcile_at_both_sites(world: World) -> None:
    study, exam = of_two(world)
    far = world.requested(world.order(world.patient("Far")))
    Order.objects.filter(pk=far.order_id).update(site=world.south)
    far = RequestedProcedure.objects.select_related("procedure", "order__patient", "order__site").get(pk=far.pk)
    for name, target in (("clerk", exam), ("resident", exam), ("outsider", far), ("technologist", far)):
        with pytest.raises(NotPermitted):
            give_series(study, target, series=[HERS], reason=WHY, by=world.people[name])
    assert not StudyDecision.objects.exists()


def test_images_of_the_exam_itself_come_first(world: World) -> None:
    """Its own study is at work in the archive, or closed: nothing is put beside that."""
    study, exam = of_two(world)
    performed(world, exam)
    noted(exam, birth_date=None, patient_name="SOMEBODY^Else")
    with pytest.raises(TransitionError, match="waits for a person"):
        give(world, study, exam)
