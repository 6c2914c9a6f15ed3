"""After the downtime: the paper becomes patient, order and exam, under exactly its own numbers."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from ris.audit.models import AuditEvent
from ris.core.errors import ConcurrentUpdateError, InvalidInput, NotPermitted, TransitionError
from ris.downtime.actions import enter_form
from ris.events.models import Event
from ris.events.outbox import sweep
from ris.orders.actions import Answer
from ris.orders.models import Order, SafetyAnswer
from ris.patients.actions import PatientData
from ris.patients.models import Patient, PatientIdentifier
from ris.scheduling.models import ScheduledProcedureStep
from tests.exam import MATCHER, study_row
from tests.ris.dicom.objects import ct, file_of, new_uid
from tests.ris.downtime.papers import entered, paper, written
from tests.services.orthanc import Server
from tests.world import World
from worklist.actions.studies import note_study
from worklist.models import ReadingTask, Study, StudyLink

pytestmark = pytest.mark.db
NEW = PatientData(family_name="Paper", given_name="Petra", sex="F")


def test_the_order_gets_exactly_the_numbers_of_the_form(world: World) -> None:
    form = paper(world)
    requested = entered(world, form)
    assert (requested.accession_number, requested.accession_issuer) == (form.accession_number, form.accession_issuer)
    assert requested.study_instance_uid == form.study_instance_uid
    assert requested.requested_procedure_id == form.requested_procedure_id
    form.refresh_from_db()
    assert (form.state, form.exam, form.settled_by_name) == ("used", requested, "Theo Technologist")


def test_an_exam_that_was_done_is_completed_at_the_time_that_stands_on_the_paper(world: World) -> None:
    then = timezone.now().replace(microsecond=0) - timedelta(hours=3)
    requested = entered(world, paper(world), performed_at=then)
    step = requested.steps.get()
    assert (step.state, step.start, step.started_at, step.node) == ("COMPLETED", then, then, world.node())
    assert Order.objects.get().state == "completed"
    row = AuditEvent.objects.get(action="step.recorded-later")
    assert row.detail["at"] == then.isoformat()


def test_an_exam_still_to_be_done_waits_to_be_scheduled(world: World) -> None:
    requested = entered(world, paper(world), performed_at=None, room=None)
    waiting = ScheduledProcedureStep.objects.to_be_scheduled(world.north)
    assert [step.requested_procedure for step in waiting] == [requested]


def test_the_safety_answers_of_the_paper_are_kept_and_a_hard_stop_is_on_record_as_passed_over(world: World) -> None:
    told = Answer(kind="egfr", value="20", measured_on=timezone.localdate(), source="Laboratory")
    requested = entered(world, paper(world), answers=(told,))
    kept = SafetyAnswer.objects.get(order=requested.order)
    assert (kept.value, kept.effect, kept.answered_by_name) == ("20", "hard-stop", "Theo Technologist")
    assert requested.steps.get().state == "COMPLETED"
    assert AuditEvent.objects.filter(action="order.begun-despite-stop").exists()


def test_a_technologist_enters_somebody_new_without_asking_a_clerk(world: World) -> None:
    requested = entered(world, paper(world), newcomer=NEW, by=world.technologist)
    assert (requested.order.patient.family_name, requested.order.placed_by_name) == ("Paper", "Theo Technologist")
    assert list(requested.order.patient.sites.all()) == [world.north]


def test_somebody_whom_nobody_can_name_is_entered_as_unknown(world: World) -> None:
    patient = entered(world, paper(world), newcomer=None, patient=None).order.patient
    assert (patient.temporary, patient.family_name) == (True, "Unknown-Alfa")


def test_the_number_of_the_form_is_noted_as_one_that_images_may_carry_and_is_never_sent_out(world: World) -> None:
    form = paper(world)
    patient = entered(world, form).order.patient
    noted = PatientIdentifier.objects.get(value=form.accession_number)
    assert (noted.patient, noted.retired) == (patient, True)
    sent = patient.identifier_at(world.north)
    assert sent is not None
    assert sent.value != form.accession_number


def test_a_form_is_entered_once(world: World) -> None:
    form = paper(world)
    entered(world, form)
    with pytest.raises(TransitionError):
        entered(world, form)
    assert Order.objects.count() == 1


def test_a_paper_without_the_side_of_a_paired_part_is_refused_and_stays_to_be_entered(world: World) -> None:
    form = paper(world)
    knee = world.procedure()
    knee.paired = True
    knee.save()
    with pytest.raises(InvalidInput, match="complete"):
        enter_form(form, written(world, procedure=knee), by=world.clerk)
    form.refresh_from_db()
    assert (form.state, Order.objects.count()) == ("unused", 0)
    assert entered(world, form, procedure=knee, side="R").description.startswith("RIGHT")


def test_nothing_was_done_in_the_future(world: World) -> None:
    with pytest.raises(InvalidInput, match="future"):
        entered(world, paper(world), performed_at=timezone.now() + timedelta(minutes=5))


def test_the_room_is_one_of_the_site(world: World) -> None:
    room = world.room()
    room.site = world.south
    with pytest.raises(InvalidInput, match="room of this site"):
        entered(world, paper(world), room=room)


def test_entering_is_for_the_clerks_and_technologists_of_the_site(world: World) -> None:
    form = paper(world)
    for stranger in (world.radiologist, world.siteadmin, world.outsider, world.referrer):
        with pytest.raises(NotPermitted):
            enter_form(form, written(world), by=stranger)
    form.refresh_from_db()
    assert form.state == "unused"


def test_the_right_to_enter_forms_reaches_no_further_than_the_site(world: World) -> None:
    before = Patient.objects.count()
    entered(world, paper(world), newcomer=NEW, by=world.technologist)
    assert Patient.objects.count() == before + 1
    assert not world.technologist.may("order.place", world.north.pk)


def test_who_entered_what_is_on_record(world: World) -> None:
    form = paper(world)
    requested = entered(world, form)
    row = AuditEvent.objects.get(action="downtime.form-entered")
    assert (row.patient_id, row.detail["accession"]) == (requested.order.patient_id, form.accession_number)
    assert Event.objects.get(kind="downtime.form-entered").payload == {"order": requested.order_id}


def test_images_that_came_before_the_order_are_linked_when_it_is_entered(world: World) -> None:
    """The technologist typed the form's number as accession and as patient number; the device made its own study."""
    form = paper(world)
    stand_in = world.requested()
    row = study_row(
        stand_in, study_instance_uid="2.25.777", accession_number=form.accession_number, patient_id=str(form),
        issuer_of_patient_id="", patient_name="PAPER^PETRA", birth_date=None,
    )  # fmt: skip
    assert note_study(row, by=MATCHER).state == "unmatched"
    entered(world, form, newcomer=NEW)
    noticed = Event.objects.filter(kind="study.noticed")
    sweep_orders()
    assert [event.payload["study_uid"] for event in noticed] == ["2.25.777"]
    assert note_study(row, by=MATCHER).state == "matched"


def sweep_orders() -> None:
    """Deliver what follows from orders, not what asks an archive that is not there."""
    from ris.events.models import Delivery
    from ris.events.outbox import attempt

    for delivery in Delivery.objects.filter(subscriber="worklist.look-again"):
        attempt(delivery.pk)


@pytest.mark.orthanc
@pytest.mark.usefixtures("own_uids")
def test_a_study_in_the_real_archive_finds_its_order_after_the_entry_and_is_to_be_read(
    world: World, orthanc: Server
) -> None:
    form = paper(world)
    image = ct(
        PatientID=form.accession_number, PatientName="PAPER^PETRA", PatientBirthDate="",
        AccessionNumber=form.accession_number, StudyInstanceUID=new_uid(),
    )  # fmt: skip
    orthanc.archive().store([file_of(image)])
    row = orthanc.archive().study(image.StudyInstanceUID)
    assert row is not None
    assert note_study(row, by=MATCHER).state == "unmatched"
    requested = entered(world, form, newcomer=NEW)
    assert not StudyLink.objects.exists()
    while sweep():
        pass
    study = Study.objects.get(study_instance_uid=image.StudyInstanceUID)
    link = StudyLink.objects.get(study=study)
    assert (study.state, link.requested_procedure, link.evidence) == ("matched", requested, "same accession number")
    assert ReadingTask.objects.get().requested_procedures.get() == requested


@pytest.mark.orthanc
@pytest.mark.usefixtures("own_uids")
def test_images_of_another_person_under_the_number_of_the_form_stay_for_a_person_to_decide(
    world: World, orthanc: Server
) -> None:
    form = paper(world)
    image = ct(
        PatientID=form.accession_number, PatientName="SOMEBODY^ELSE", PatientBirthDate="19500101",
        AccessionNumber=form.accession_number, StudyInstanceUID=new_uid(),
    )  # fmt: skip
    orthanc.archive().store([file_of(image)])
    row = orthanc.archive().study(image.StudyInstanceUID)
    assert row is not None
    note_study(row, by=MATCHER)
    entered(world, form, newcomer=NEW)
    while sweep():
        pass
    study = Study.objects.get(study_instance_uid=image.StudyInstanceUID)
    assert (study.state, StudyLink.objects.filter(study=study).exists()) == ("unmatched", False)


def test_of_many_who_enter_the_same_form_at_once_one_wins(live_world: World) -> None:
    form, people = paper(live_world), [live_world.clerk, live_world.technologist] * 3
    entry = written(live_world)
    gate, outcomes = threading.Barrier(len(people)), []

    def press(person: object) -> None:
        gate.wait()
        try:
            enter_form(form, entry, by=person)  # type: ignore[arg-type]
            outcomes.append("won")
        except (TransitionError, ConcurrentUpdateError):
            outcomes.append("lost")
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost"] * 5 + ["won"]
    assert Order.objects.filter(procedures__accession_number=form.accession_number).count() == 1
